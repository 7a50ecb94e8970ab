// SPDX-License-Identifier: GPL-2.0-only
#include "log.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define SAMPLES		400

int sim_record_open(struct sim_record *record, const char *path, u32 nr)
{
	*record = (struct sim_record){
		.data = malloc(dr_record_most(nr)),
		.last = calloc(nr, sizeof(*record->last)),
	};
	if (!record->data || !record->last) {
		sim_record_close(record);
		return -ENOMEM;
	}
	record->file = fopen(path, "w");
	if (!record->file) {
		int err = -errno;

		sim_record_close(record);
		return err;
	}
	if (fwrite(DR_RECORD_MAGIC, DR_RECORD_MAGIC_LEN, 1,
		   record->file) != 1) {
		sim_record_close(record);
		return -EIO;
	}
	return 0;
}

int sim_record_add(struct sim_record *record, const struct sim_world *world)
{
	const struct dr_record_run run = {
		.time = (u64)world->now * 1000000000,
		.host = world->host,
		.result = world->result,
		.nr = world->nr,
	};
	long len = dr_record_write(record->data, dr_record_most(world->nr),
				   &run, world->decided, record->last,
				   record->nr_last);

	if (len < 0)
		return (int)len;
	memcpy(record->last, world->decided,
	       world->nr * sizeof(*record->last));
	record->nr_last = world->nr;
	return fwrite(record->data, (size_t)len, 1, record->file) == 1 ? 0 :
								    -errno;
}

int sim_record_close(struct sim_record *record)
{
	int err = record->file && fclose(record->file) ? -errno : 0;

	free(record->data);
	free(record->last);
	*record = (struct sim_record){ .file = NULL };
	return err;
}

int sim_series_create(struct sim_series *series, u32 seconds)
{
	u32 every = seconds / SAMPLES + 1;

	*series = (struct sim_series){
		.every = every,
		.room = seconds / every + 1,
	};
	series->samples = calloc(series->room, sizeof(*series->samples));
	return series->samples ? 0 : -ENOMEM;
}

void sim_series_destroy(struct sim_series *series)
{
	free(series->samples);
	series->samples = NULL;
}

static u64 targets(const struct sim_world *world)
{
	u64 sum = 0;

	for (u32 i = 0; i < world->nr; i++)
		sum += world->policy[i].out.target;
	return sum;
}

static double lost_by_all(const struct sim_world *world)
{
	double sum = 0;

	for (u32 i = 0; i < world->nr; i++)
		sum += world->guests[i].lost;
	return sum;
}

void sim_series_add(struct sim_series *series, const struct sim_world *world)
{
	double lost = lost_by_all(world);

	if (world->now % series->every || series->nr >= series->room)
		return;
	series->samples[series->nr++] = (struct sim_sample){
		.now = world->now,
		.used = sim_used(world),
		.resident = sim_resident(world),
		.targets = targets(world),
		.free = world->free,
		.level = world->host.level,
		.lost = 100 * (lost - series->lost) / series->every /
			(world->nr ? world->nr : 1),
	};
	series->lost = lost;
}

static const char *const script[] = {
	"set terminal svg size 960,640 dynamic background \"white\" font \"sans,10\"",
	"set grid ytics lc rgb \"#dddddd\"",
	"set key outside bottom center horizontal",
	"set linetype 1 lc rgb \"#8a8a8a\"",
	"set linetype 2 lc rgb \"#1b6ca8\"",
	"set linetype 3 lc rgb \"#e0a030\"",
	"set linetype 4 lc rgb \"#b03a48\"",
	"set linetype 5 lc rgb \"#4a9a6a\"",
	"set multiplot layout 2,1",
	"set style data lines",
	"set yrange [0:*]",
	"set xlabel \"minutes\"",
	"set title heading noenhanced",
	"set ylabel \"GiB\"",
	"plot $s using 1:2 lw 2 lt 1 title \"in use by guests\", \\",
	"     $s using 1:3 lw 2 lt 2 title \"resident\", \\",
	"     $s using 1:4 lw 2 lt 3 title \"sum of targets\", \\",
	"     $s using 1:5 lw 2 lt 5 title \"free\"",
	"set title \"work lost for want of memory, estimated\"",
	"set ylabel \"percent\"",
	"plot $s using 1:6 lw 2 lt 4 notitle",
	"unset multiplot",
};

static void write_script(FILE *out, const struct sim_series *series,
			 const char *title)
{
	double gib = SIM_GIB;

	fputs("$s << EOD\n", out);
	for (u32 i = 0; i < series->nr; i++) {
		const struct sim_sample *s = &series->samples[i];

		fprintf(out, "%.3f %.4f %.4f %.4f %.4f %.4f\n", s->now / 60.0,
			s->used / gib, s->resident / gib, s->targets / gib,
			s->free / gib, s->lost);
	}
	fprintf(out, "EOD\nheading = '%s'\n", title);
	for (size_t i = 0; i < ARRAY_SIZE(script); i++)
		fprintf(out, "%s\n", script[i]);
}

/* gnuplot with its script from a pipe and its picture to a file. */
static int run_gnuplot(int from, const char *path)
{
	pid_t pid = fork();
	int status;

	if (pid < 0)
		return -errno;
	if (!pid) {
		if (dup2(from, 0) < 0 || !freopen(path, "w", stdout))
			_exit(126);
		execlp("gnuplot", "gnuplot", "-", (char *)NULL);
		_exit(127);
	}
	if (waitpid(pid, &status, 0) != pid || !WIFEXITED(status))
		return -EIO;
	switch (WEXITSTATUS(status)) {
	case 0:
		return 0;
	case 126:
		return -EACCES;
	case 127:
		return -ENOENT;
	default:
		return -EIO;
	}
}

int sim_series_plot(const struct sim_series *series, const char *path,
		    const char *title)
{
	FILE *text = tmpfile();
	int err;

	if (!text)
		return -errno;
	write_script(text, series, title);
	if (fflush(text) || fseek(text, 0, SEEK_SET)) {
		fclose(text);
		return -EIO;
	}
	err = run_gnuplot(fileno(text), path);
	fclose(text);
	return err;
}
