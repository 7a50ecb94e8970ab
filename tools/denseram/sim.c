// SPDX-License-Identifier: GPL-2.0-only
/* "denseram sim": the policy on guests that are made up. */
#include "log.h"
#include "sim.h"
#include "workload.h"
#include "verbs.h"
#include "../lib/args.h"
#include "../lib/units.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#define GUESTS_MOST	100000
#define SECONDS_MOST	31536000
#define MOVE_MOST	3600

/**
 * struct options - the command line
 * @setup: of the world
 * @seconds: to run; 0 for an hour, or as long as the trace
 * @rule: who decides
 * @trace: file of working sets, or NULL
 * @record: file to write a record to, or NULL
 * @plot: file to draw to, or NULL
 * @json: print JSON
 * @scale: show what a run costs instead
 * @move: show how fast memory moves instead
 */
struct options {
	struct sim_setup setup;
	u64 seconds;
	const struct sim_rule *rule;
	const char *trace;
	const char *record;
	const char *plot;
	bool json;
	bool scale;
	bool move;
};

static const struct sim_rule *const rules[] = {
	&sim_denseram, &sim_proxmox, &sim_mom,
};

static int take_number(const struct verb *self, const char *text,
		       const char *name, u64 least, u64 most, u64 *value)
{
	uint64_t number;

	if (!text)
		return EXIT_OK;
	if (dr_count_parse(text, &number) || number < least || number > most)
		return fail_usage(self, "%s is a number from %llu to %llu",
				  name, least, most);
	*value = number;
	return EXIT_OK;
}

static int take_size(const struct verb *self, const char *text,
		     const char *name, u64 *value)
{
	uint64_t bytes;

	if (!text)
		return EXIT_OK;
	if (dr_size_parse(text, &bytes) || bytes < 64 * SIM_MIB || bytes >> 50)
		return fail_usage(self, "%s is a size from 64M to 1024T", name);
	*value = bytes;
	return EXIT_OK;
}

static int take_rule(const struct verb *self, const char *text,
		     struct options *options)
{
	if (!text)
		return EXIT_OK;
	for (size_t i = 0; i < ARRAY_SIZE(rules); i++) {
		if (strcmp(text, rules[i]->name))
			continue;
		options->rule = rules[i];
		return EXIT_OK;
	}
	return fail_usage(self, "--rule is denseram, proxmox or mom");
}

/* Values of all options that have one, by their place in the table. */
enum {
	GUESTS, FLEET, RULE, SECONDS, SIZE, HOST, TAX, SEED, TRACE, RECORD,
	PLOT,
	NR_VALUES,
};

static int take_values(const struct verb *self, const char *const *v,
		       struct options *o)
{
	u64 nr = o->setup.nr, tax = o->setup.tax;
	int err;

	err = take_number(self, v[GUESTS], "--guests", 1, GUESTS_MOST, &nr);
	if (!err)
		err = take_number(self, v[SECONDS], "--seconds", 1,
				  SECONDS_MOST, &o->seconds);
	if (!err)
		err = take_number(self, v[TAX], "--tax", 0, 99, &tax);
	if (!err)
		err = take_number(self, v[SEED], "--seed", 0, ~0ULL >> 1,
				  &o->setup.seed);
	if (!err)
		err = take_size(self, v[SIZE], "--size", &o->setup.size);
	if (!err)
		err = take_size(self, v[HOST], "--host", &o->setup.total);
	if (!err)
		err = take_rule(self, v[RULE], o);
	o->setup.nr = (u32)nr;
	o->setup.tax = (u32)tax;
	if (v[FLEET])
		o->setup.fleet = v[FLEET];
	o->trace = v[TRACE];
	o->record = v[RECORD];
	o->plot = v[PLOT];
	return err;
}

static int parse(const struct verb *self, int argc, char **argv,
		 struct options *o)
{
	static const char *const names[NR_VALUES] = {
		"--guests", "--fleet", "--rule", "--seconds", "--size",
		"--host", "--tax", "--seed", "--trace", "--record", "--plot",
	};
	const struct dr_flag flags[] = {
		{ "--json", &o->json }, { "--scale", &o->scale },
		{ "--move", &o->move }, { NULL, NULL },
	};
	const char *values[NR_VALUES], *bad;
	int nr, err;

	for (int i = 0; i < NR_VALUES; i++) {
		if (dr_args_option(&argc, argv, names[i], &values[i]))
			return fail_usage(self, "'%s' needs a value", names[i]);
	}
	nr = dr_args_parse(argc, argv, flags, &bad);
	if (nr < 0)
		return fail_usage(self, "unknown option '%s'", bad);
	if (nr)
		return fail_usage(self, "unexpected '%s'", argv[0]);
	err = take_values(self, values, o);
	if (err)
		return err;
	if (o->record && o->rule != &sim_denseram)
		return fail_usage(self, "--record needs --rule denseram");
	return EXIT_OK;
}

static int load_trace(struct options *o, struct sim_trace *trace)
{
	int err = sim_trace_load(trace, o->trace);

	if (err > 0)
		return fail("%s, line %d: not SECOND GUEST BYTES in the order of time",
			    o->trace, err);
	if (err)
		return fail("%s: %s", o->trace, strerror(-err));
	o->setup.nr = trace->guests;
	if (!o->seconds)
		o->seconds = trace->seconds;
	return EXIT_OK;
}

static int run_world(const struct options *o, struct sim_world *world,
		     struct sim_trace *trace, struct sim_series *series)
{
	struct sim_record record = { .file = NULL };
	int err = 0;

	if (o->record)
		err = sim_record_open(&record, o->record, world->nr);
	while (!err && world->now < o->seconds) {
		sim_trace_apply(trace, world);
		sim_step(world);
		sim_series_add(series, world);
		if (o->record)
			err = sim_record_add(&record, world);
	}
	if (o->record) {
		int closed = sim_record_close(&record);

		err = err ? err : closed;
	}
	return err ? fail("%s: %s", o->record, strerror(-err)) : EXIT_OK;
}

static int report(const struct options *o, const struct sim_world *world,
		  const struct sim_series *series)
{
	const struct sim_title title = {
		.fleet = o->trace ? "trace" : o->setup.fleet,
		.size = o->setup.size,
		.seconds = (u32)o->seconds,
		.seed = o->setup.seed,
	};
	char text[256];
	int err;

	if (o->plot) {
		snprintf(text, sizeof(text), "%s fleet, %u guests, rule %s",
			 title.fleet, world->nr, o->rule->name);
		err = sim_series_plot(series, o->plot, text);
		if (err == -ENOENT)
			return fail("drawing %s: gnuplot is missing; install the package gnuplot-nox",
				    o->plot);
		if (err)
			return fail("drawing %s: %s", o->plot, strerror(-err));
	}
	return o->json ? print_sim_json(world, &title) :
			 print_sim(world, &title);
}

static int simulate(const struct verb *self, struct options *o)
{
	struct sim_trace trace = { .nr = 0 };
	struct sim_series series;
	struct sim_world world;
	int err;

	if (o->trace) {
		err = load_trace(o, &trace);
		if (err)
			return err;
	}
	if (!o->seconds)
		o->seconds = 3600;
	err = sim_create(&world, &o->setup, o->rule);
	if (err) {
		sim_trace_free(&trace);
		return err == -EINVAL ?
			fail_usage(self, "--fleet is idle, diurnal, bursty or mixed") :
			fail_errno("making the guests", err);
	}
	err = sim_series_create(&series, (u32)o->seconds);
	if (err)
		err = fail_errno("making room for samples", err);
	else
		err = run_world(o, &world, &trace, &series);
	if (!err)
		err = report(o, &world, &series);
	sim_series_destroy(&series);
	sim_destroy(&world);
	sim_trace_free(&trace);
	return err;
}

static int show_cost(const struct options *o)
{
	struct cost cost[COST_STEPS];
	u32 nr = 10;

	for (int i = 0; i < COST_STEPS; i++, nr *= 10) {
		cost[i].nr = nr;
		cost[i].ns = sim_cost(nr, o->setup.seed,
				      nr <= 1000 ? 101 : 11);
		if (!cost[i].ns)
			return fail_errno("making the guests", -ENOMEM);
	}
	return o->json ? print_cost_json(cost, COST_STEPS) :
			 print_cost(cost, COST_STEPS);
}

static int show_moves(const struct options *o)
{
	struct moved moved[ARRAY_SIZE(rules)];

	for (size_t i = 0; i < ARRAY_SIZE(rules); i++) {
		moved[i].rule = rules[i]->name;
		moved[i].seconds = sim_move(rules[i], o->setup.seed,
					    MOVE_MOST);
	}
	return o->json ? print_moved_json(moved, ARRAY_SIZE(moved)) :
			 print_moved(moved, ARRAY_SIZE(moved));
}

static int run_sim(const struct verb *self, int argc, char **argv)
{
	struct options o = {
		.setup = {
			.fleet = "mixed", .nr = 100, .size = 4 * SIM_GIB,
			.tax = DR_POLICY_TAX, .seed = 1,
		},
		.rule = &sim_denseram,
	};
	int err = parse(self, argc, argv, &o);

	if (err)
		return err;
	if (o.scale)
		return show_cost(&o);
	if (o.move)
		return show_moves(&o);
	return simulate(self, &o);
}

const struct verb verb_sim = {
	.name = "sim",
	.operands = "[OPTION VALUE]... [--scale] [--move] [--json]",
	.summary = "run the policy on a made-up or recorded fleet of guests",
	.help =
	"Needs no module and no root. Options:\n"
	"  --guests N     1 to 100000; 100\n"
	"  --fleet NAME   idle, diurnal, bursty or mixed; mixed\n"
	"  --size SIZE    of each guest; 4G\n"
	"  --host SIZE    memory of the host; half of what the guests have\n"
	"  --seconds N    how long; an hour from six in the morning\n"
	"  --rule NAME    denseram, proxmox or mom; denseram\n"
	"  --tax PERCENT  on idle memory, 0 to 99; 75\n"
	"  --seed N       of all chance; 1\n"
	"  --trace FILE   working sets from lines SECOND GUEST BYTES\n"
	"  --record FILE  write each run of the policy, for 'denseram replay'\n"
	"  --plot FILE    draw it over time as SVG, with gnuplot\n"
	"  --scale        what a run costs for 10 to 100000 guests instead\n"
	"  --move         how fast a quarter of a host moves instead, by rule\n"
	"  --json         as JSON\n",
	.run = run_sim,
};
