// SPDX-License-Identifier: GPL-2.0-only
#include "chart.h"
#include "html.h"

#include <math.h>

/* The picture, and the margins around what is drawn; its units are pixels. */
#define WIDTH		760.0
#define HEIGHT		300.0
#define LEFT		64.0
#define RIGHT		12.0
#define TOP		12.0
#define BOTTOM		56.0

/* More than this many times cannot be told apart. */
#define POINTS_MOST	400

/* What is less takes no place: less than a byte in MiB, and than a microsecond. */
#define LEAST		0.0000001

#define LEGEND_STEP	112.0

struct scale {
	double t_most;
	double y_most;
	size_t stride;
};

double dr_chart_step(double most, unsigned int lines)
{
	double raw = most / lines, power = pow(10, floor(log10(raw)));
	double lead = raw / power;

	return power * (lead <= 1 ? 1 : lead <= 2 ? 2 : lead <= 5 ? 5 : 10);
}

/* The sum of the first @nr bands at a time. */
static double stacked(const struct dr_chart *c, size_t nr, size_t i)
{
	double sum = 0;

	for (size_t b = 0; b < nr; b++)
		sum += c->bands[b].y[i];
	return sum;
}

static struct scale scale_of(const struct dr_chart *c)
{
	struct scale s = {
		.t_most = c->t[c->nr - 1],
		.stride = (c->nr - 1) / POINTS_MOST + 1,
	};
	double step;

	for (size_t i = 0; i < c->nr; i++)
		s.y_most = fmax(s.y_most, stacked(c, c->nr_bands, i));
	if (s.t_most <= LEAST)
		s.t_most = 1;
	if (s.y_most <= LEAST)
		s.y_most = 1;
	/* Up to a line. */
	step = dr_chart_step(s.y_most, 5);
	s.y_most = ceil(s.y_most / step) * step;
	return s;
}

static double x_of(const struct scale *s, double t)
{
	return LEFT + (WIDTH - LEFT - RIGHT) * t / s->t_most;
}

static double y_of(const struct scale *s, double y)
{
	return TOP + (HEIGHT - TOP - BOTTOM) * (1 - y / s->y_most);
}

/* There along its upper end, and back along the one of what is below. */
static void draw_band(FILE *out, const struct dr_chart *c, const struct scale *s,
		      size_t band)
{
	size_t last = c->nr - 1, i;

	fprintf(out, "<path class=\"c%zu\" d=\"M", band % DR_CHART_COLORS);
	for (i = 0; i < last; i += s->stride)
		fprintf(out, "%.1f %.1fL", x_of(s, c->t[i]),
			y_of(s, stacked(c, band + 1, i)));
	fprintf(out, "%.1f %.1fL%.1f %.1f", x_of(s, c->t[last]),
		y_of(s, stacked(c, band + 1, last)), x_of(s, c->t[last]),
		y_of(s, stacked(c, band, last)));
	/* The same times as there, from the end. */
	for (i = (last - 1) / s->stride * s->stride;; i -= s->stride) {
		fprintf(out, "L%.1f %.1f", x_of(s, c->t[i]),
			y_of(s, stacked(c, band, i)));
		if (!i)
			break;
	}
	fputs("Z\"><title>", out);
	html_text(out, c->bands[band].label);
	fputs("</title></path>\n", out);
}

static void draw_lines(FILE *out, const struct scale *s)
{
	double step = dr_chart_step(s->y_most, 5);

	for (int i = 0; i * step <= s->y_most * 1.0001; i++) {
		double y = y_of(s, i * step);

		fprintf(out, "<path class=\"grid\" d=\"M%.1f %.1fH%.1f\"/>\n",
			LEFT, y, WIDTH - RIGHT);
		fprintf(out, "<text class=\"end\" x=\"%.1f\" y=\"%.1f\">%g</text>\n",
			LEFT - 6, y + 4, i * step);
	}
}

/* In minutes or hours where seconds would be many. */
static void draw_times(FILE *out, const struct scale *s)
{
	const char *name = "s";
	double unit = 1, step;

	if (s->t_most > 2 * 3600) {
		unit = 3600;
		name = "h";
	} else if (s->t_most > 240) {
		unit = 60;
		name = "min";
	}
	step = dr_chart_step(s->t_most / unit, 8);
	for (int i = 0; i * step * unit <= s->t_most * 1.0001; i++)
		fprintf(out, "<text class=\"mid\" x=\"%.1f\" y=\"%.1f\">%g%s%s</text>\n",
			x_of(s, i * step * unit), HEIGHT - BOTTOM + 16, i * step,
			i ? "" : " ", i ? "" : name);
}

static void draw_legend(FILE *out, const struct dr_chart *c)
{
	for (size_t b = 0; b < c->nr_bands; b++) {
		double x = LEFT + LEGEND_STEP * (double)b;

		fprintf(out, "<rect class=\"c%zu\" x=\"%.1f\" y=\"%.1f\" width=\"10\" height=\"10\"/>\n",
			b % DR_CHART_COLORS, x, HEIGHT - 20);
		fprintf(out, "<text x=\"%.1f\" y=\"%.1f\">", x + 15,
			HEIGHT - 11);
		html_text(out, c->bands[b].label);
		fputs("</text>\n", out);
	}
}

void dr_chart_draw(FILE *out, const struct dr_chart *c)
{
	struct scale s = scale_of(c);

	fputs("<figure><figcaption>", out);
	html_text(out, c->title);
	fputs(", ", out);
	html_text(out, c->unit);
	fprintf(out, "</figcaption>\n<svg viewBox=\"0 0 %g %g\" role=\"img\">\n",
		WIDTH, HEIGHT);
	draw_lines(out, &s);
	for (size_t b = 0; b < c->nr_bands; b++)
		draw_band(out, c, &s, b);
	draw_times(out, &s);
	draw_legend(out, c);
	fputs("</svg></figure>\n", out);
}
