/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef DR_METRICS_H
#define DR_METRICS_H

#include <stdio.h>

#include "../lib/view.h"

/**
 * metrics_write - all metrics of a host in Prometheus' text format
 * @out: where to
 * @version: of the module
 * @view: of the host
 *
 * Returns 0 or -ENOMEM; names of guests are escaped as everywhere.
 */
int metrics_write(FILE *out, const struct dr_version *version,
		  const struct dr_view *view);

#endif /* DR_METRICS_H */
