/* SPDX-License-Identifier: GPL-2.0-only */
/* What a simulation leaves behind: a record of runs, and samples to plot. */
#ifndef DR_SIM_LOG_H
#define DR_SIM_LOG_H

#include <stdio.h>

#include "world.h"

/**
 * struct sim_record - a record being written
 * @file: where to
 * @data: room for a frame
 * @last: guests of the frame before; @nr_last of them
 */
struct sim_record {
	FILE *file;
	u8 *data;
	struct dr_policy_guest *last;
	u32 nr_last;
};

/* Each returns 0 or a negative errno. */
int sim_record_open(struct sim_record *record, const char *path, u32 nr);
int sim_record_add(struct sim_record *record, const struct sim_world *world);
int sim_record_close(struct sim_record *record);

/**
 * struct sim_sample - the world at one moment; sizes in bytes
 * @now: seconds
 * @used: by the guests
 * @resident: by the guests
 * @targets: their sum
 * @free: of the host
 * @level: of the host
 * @lost: work lost since the sample before, in percent
 */
struct sim_sample {
	u32 now;
	u64 used;
	u64 resident;
	u64 targets;
	u64 free;
	u32 level;
	double lost;
};

/**
 * struct sim_series - samples over time
 * @samples: @nr of them
 * @every: seconds between two
 * @room: for how many there is memory
 * @lost: work lost until the last sample, in guest seconds
 */
struct sim_series {
	struct sim_sample *samples;
	u32 nr;
	u32 every;
	u32 room;
	double lost;
};

/* A few hundred samples of a simulation of so many seconds; 0 or -ENOMEM. */
int sim_series_create(struct sim_series *series, u32 seconds);
void sim_series_destroy(struct sim_series *series);
void sim_series_add(struct sim_series *series, const struct sim_world *world);

/* Draw them with gnuplot; 0, or a negative errno: -ENOENT without gnuplot. */
int sim_series_plot(const struct sim_series *series, const char *path,
		    const char *title);

#endif /* DR_SIM_LOG_H */
