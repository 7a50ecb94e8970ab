/* SPDX-License-Identifier: GPL-2.0-only */
/* Charts as SVG within a page of HTML, whose style has their colours. Pure. */
#ifndef DR_CHART_H
#define DR_CHART_H

#include <stddef.h>
#include <stdio.h>

/* The page has classes c0 to c7. */
#define DR_CHART_COLORS	8

/**
 * struct dr_band - a part of a stack
 * @label: what it is
 * @y: its size at each time, 0 or more
 */
struct dr_band {
	const char *label;
	const double *y;
};

/**
 * struct dr_chart - areas over time, one on top of the other
 * @title: above it
 * @unit: of the sizes
 * @t: times in seconds, rising; the first one is 0
 * @nr: how many times; two or more
 * @bands: from the bottom; @nr_bands of them, %DR_CHART_COLORS at most
 */
struct dr_chart {
	const char *title;
	const char *unit;
	const double *t;
	size_t nr;
	const struct dr_band *bands;
	size_t nr_bands;
};

/**
 * dr_chart_step - the distance of lines across a chart
 * @most: what the chart has to show, above 0
 * @lines: how many are wanted, about
 *
 * Returns 1, 2 or 5 times a power of ten.
 */
double dr_chart_step(double most, unsigned int lines);

/**
 * dr_chart_draw - write a chart
 * @out: the page
 * @chart: what to draw; of many times, some hundred are enough
 */
void dr_chart_draw(FILE *out, const struct dr_chart *chart);

#endif /* DR_CHART_H */
