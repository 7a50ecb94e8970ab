/* SPDX-License-Identifier: GPL-2.0-only */
/* Prometheus' text format, version 0.0.4. Pure. */
#ifndef DR_PROMETHEUS_H
#define DR_PROMETHEUS_H

#include <stdint.h>
#include <stdio.h>

/**
 * struct dr_family - samples of one name
 * @name: with its unit; that of a counter ends with _total
 * @type: gauge or counter
 * @help: what it is
 */
struct dr_family {
	const char *name;
	const char *type;
	const char *help;
};

/* Before the samples, which follow without others between them. */
void dr_family_begin(FILE *out, const struct dr_family *family);

/**
 * dr_sample - a sample
 * @out: where to
 * @family: of which it is
 * @labels: names and values by turns, ended by NULL; values are any UTF-8
 * @value: written exactly
 */
void dr_sample(FILE *out, const struct dr_family *family,
	       const char *const *labels, uint64_t value);

/* The same for a number of nanoseconds, which is written in seconds. */
void dr_sample_ns(FILE *out, const struct dr_family *family,
		  const char *const *labels, uint64_t ns);

#endif /* DR_PROMETHEUS_H */
