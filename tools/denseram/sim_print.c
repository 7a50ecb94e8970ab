// SPDX-License-Identifier: GPL-2.0-only
/* What simulations and replays came to, for people and as JSON. */
#include "sim.h"
#include "verbs.h"
#include "../lib/table.h"
#include "../lib/units.h"

#include <json-c/json.h>
#include <stdio.h>
#include <stdlib.h>

#define SCHEMA		1
#define GUESTS_SHOWN	20

static const char *kind_name(enum sim_kind kind)
{
	static const char *const names[SIM_NR_KINDS] = {
		[SIM_IDLE] = "idle",
		[SIM_STEADY] = "steady",
		[SIM_DIURNAL] = "diurnal",
		[SIM_BURSTY] = "bursty",
		[SIM_TRACE] = "trace",
	};

	return names[kind];
}

static double turns_in_ten_minutes(const struct sim_world *world)
{
	return world->nr && world->now ?
		600.0 * world->totals.turns / world->nr / world->now : 0;
}

static void print_sums(const struct sim_world *world)
{
	const struct sim_totals *t = &world->totals;
	char text[4][DR_SIZE_TEXT];
	u64 targets = 0;

	for (u32 i = 0; i < world->nr; i++)
		targets += world->policy[i].out.target;
	printf("at the end  %s in use, %s resident, %s of targets, %s free\n",
	       dr_size_format(sim_used(world), text[0]),
	       dr_size_format(sim_resident(world), text[1]),
	       dr_size_format(targets, text[2]),
	       dr_size_format(world->free, text[3]));
	printf("lost        %.3f %% of all work, %.3f %% of the worst guest's (estimated)\n",
	       sim_lost(world), sim_lost_worst(world));
	printf("taken       %s by balloons, %s by paging\n",
	       dr_size_format(t->ballooned, text[0]),
	       dr_size_format(t->paged, text[1]));
	printf("targets     %llu moves, %.2f changes of direction a guest in 10 minutes\n",
	       t->moves, turns_in_ten_minutes(world));
	printf("promises    %llu times refused below min, %llu times nothing left for a guest\n",
	       t->min_broken, t->short_seconds);
	printf("cost        %llu runs, %.3f ms each, %.3f ms the longest\n\n",
	       t->runs, t->runs ? t->run_ns / 1e6 / t->runs : 0,
	       t->run_ns_most / 1e6);
}

static void add_guest(struct dr_table *table, const struct sim_world *world,
		      u32 i)
{
	const struct sim_guest *g = &world->guests[i];
	const struct dr_policy_guest *p = &world->policy[i];
	char text[DR_SIZE_TEXT];

	dr_table_add(table, "%u", i);
	dr_table_add(table, "%s", kind_name(g->kind));
	dr_table_add(table, "%s", dr_size_format(g->size, text));
	dr_table_add(table, "%s", dr_size_format(g->used, text));
	dr_table_add(table, "%s", dr_size_format(p->in.resident, text));
	dr_table_add(table, "%s", dr_size_format(p->out.target, text));
	dr_table_add(table, "%.1f %%",
		     100.0 * p->in.active / DR_POLICY_ONE);
	dr_table_add(table, "%s", dr_rule_name(p->out.rule));
	dr_table_add(table, "%llu.%03llu", p->out.price / 1000,
		     p->out.price % 1000);
	dr_table_add(table, "%.3f %%", world->now ?
		     100 * g->lost / world->now : 0);
}

int print_sim(const struct sim_world *world, const struct sim_title *title)
{
	static const struct dr_column columns[] = {
		{ "guest", true }, { "kind", false }, { "size", true },
		{ "in use", true }, { "resident", true }, { "target", true },
		{ "active", true }, { "rule", false }, { "price", true },
		{ "lost", true },
	};
	struct dr_table *table = dr_table_create(columns, ARRAY_SIZE(columns));
	u32 shown = world->nr < GUESTS_SHOWN ? world->nr : GUESTS_SHOWN;
	char size[DR_SIZE_TEXT], total[DR_SIZE_TEXT];
	int err;

	printf("%s fleet: %u guests of %s on a host of %s, %u s, rule %s, tax %llu %%, seed %llu\n\n",
	       title->fleet, world->nr, dr_size_format(title->size, size),
	       dr_size_format(world->total, total), title->seconds,
	       world->rule->name, world->host.tax, title->seed);
	print_sums(world);
	for (u32 i = 0; table && i < shown; i++)
		add_guest(table, world, i);
	err = table ? dr_table_print(table, stdout) : -1;
	dr_table_destroy(table);
	if (err)
		return fail("out of memory");
	if (shown < world->nr)
		printf("and %u more; --json has all\n", world->nr - shown);
	return EXIT_OK;
}

int print_cost(const struct cost *cost, u32 nr)
{
	puts("guests   ms a run  ns a guest");
	for (u32 i = 0; i < nr; i++)
		printf("%6u  %9.3f  %10.0f\n", cost[i].nr, cost[i].ns / 1e6,
		       (double)cost[i].ns / cost[i].nr);
	return EXIT_OK;
}

int print_moved(const struct moved *moved, u32 nr)
{
	puts("Until a quarter of a host of 16 GiB has moved from an idle guest to one in need:");
	for (u32 i = 0; i < nr; i++) {
		if (moved[i].seconds)
			printf("%-10s %u s\n", moved[i].rule, moved[i].seconds);
		else
			printf("%-10s not within an hour\n", moved[i].rule);
	}
	return EXIT_OK;
}

int print_replayed(const struct replayed *r, const char *path)
{
	char size[DR_SIZE_TEXT];

	printf("%s: %llu runs in %.0f s, up to %u guests, %s\n", path, r->runs,
	       r->span_ns / 1e9, r->most, dr_size_format(r->bytes, size));
	if (r->cut)
		puts("it ends in the middle of a run");
	if (r->different)
		printf("%llu runs come out another way now, the first is run %llu\n",
		       r->different, r->first);
	else
		puts("all come out the same, bit for bit");
	return EXIT_OK;
}

/* As in json.c: no half document is ever printed. */
static struct json_object *must(struct json_object *object)
{
	if (!object)
		exit(fail("out of memory"));
	return object;
}

static void add(struct json_object *object, const char *key,
		struct json_object *value)
{
	if (json_object_object_add(object, key, must(value)))
		exit(fail("out of memory"));
}

static void add_number(struct json_object *object, const char *key, u64 value)
{
	add(object, key, json_object_new_uint64(value));
}

static void add_real(struct json_object *object, const char *key, double value)
{
	char text[32];

	snprintf(text, sizeof(text), "%.6g", value);
	add(object, key, json_object_new_double_s(value, text));
}

static void add_text(struct json_object *object, const char *key,
		     const char *text)
{
	add(object, key, json_object_new_string(text));
}

static struct json_object *document(void)
{
	struct json_object *object = must(json_object_new_object());

	add_number(object, "schema", SCHEMA);
	return object;
}

static int print(struct json_object *object)
{
	const char *text;

	text = json_object_to_json_string_ext(object,
					      JSON_C_TO_STRING_PRETTY |
					      JSON_C_TO_STRING_SPACED);
	if (!text)
		return fail("out of memory");
	puts(text);
	json_object_put(object);
	return EXIT_OK;
}

static struct json_object *guest_json(const struct sim_world *world, u32 i)
{
	struct json_object *object = must(json_object_new_object());
	const struct sim_guest *g = &world->guests[i];
	const struct dr_policy_guest *p = &world->policy[i];

	add_number(object, "id", i);
	add_text(object, "kind", kind_name(g->kind));
	add_number(object, "size", g->size);
	add_number(object, "used", g->used);
	add_number(object, "resident", p->in.resident);
	add_number(object, "target", p->out.target);
	add_real(object, "active", (double)p->in.active / DR_POLICY_ONE);
	add_text(object, "rule", dr_rule_name(p->out.rule));
	add_real(object, "price", p->out.price / 1000.0);
	add_real(object, "lost_percent",
		 world->now ? 100 * g->lost / world->now : 0);
	add_number(object, "turns", g->turns);
	return object;
}

static struct json_object *totals_json(const struct sim_world *world)
{
	struct json_object *object = must(json_object_new_object());
	const struct sim_totals *t = &world->totals;

	add_real(object, "lost_percent", sim_lost(world));
	add_real(object, "lost_percent_worst", sim_lost_worst(world));
	add_number(object, "ballooned", t->ballooned);
	add_number(object, "paged", t->paged);
	add_number(object, "moves", t->moves);
	add_number(object, "turns", t->turns);
	add_real(object, "turns_in_10_minutes", turns_in_ten_minutes(world));
	add_number(object, "min_broken", t->min_broken);
	add_number(object, "short_seconds", t->short_seconds);
	add_number(object, "runs", t->runs);
	add_real(object, "run_ms", t->runs ? t->run_ns / 1e6 / t->runs : 0);
	add_real(object, "run_ms_most", t->run_ns_most / 1e6);
	return object;
}

int print_sim_json(const struct sim_world *world,
		   const struct sim_title *title)
{
	struct json_object *guests = must(json_object_new_array());
	struct json_object *object = document();

	add_text(object, "fleet", title->fleet);
	add_text(object, "rule", world->rule->name);
	add_number(object, "nr_guests", world->nr);
	add_number(object, "seconds", title->seconds);
	add_number(object, "seed", title->seed);
	add_number(object, "tax", world->host.tax);
	add_number(object, "host", world->total);
	add_number(object, "free", world->free);
	add_number(object, "used", sim_used(world));
	add_number(object, "resident", sim_resident(world));
	add(object, "totals", totals_json(world));
	for (u32 i = 0; i < world->nr; i++) {
		if (json_object_array_add(guests, guest_json(world, i)))
			return fail("out of memory");
	}
	add(object, "guests", guests);
	return print(object);
}

int print_cost_json(const struct cost *cost, u32 nr)
{
	struct json_object *array = must(json_object_new_array());
	struct json_object *object = document();

	for (u32 i = 0; i < nr; i++) {
		struct json_object *step = must(json_object_new_object());

		add_number(step, "guests", cost[i].nr);
		add_number(step, "ns", cost[i].ns);
		if (json_object_array_add(array, step))
			return fail("out of memory");
	}
	add(object, "cost", array);
	return print(object);
}

int print_moved_json(const struct moved *moved, u32 nr)
{
	struct json_object *seconds = must(json_object_new_object());
	struct json_object *object = document();

	for (u32 i = 0; i < nr; i++) {
		if (moved[i].seconds)
			add_number(seconds, moved[i].rule, moved[i].seconds);
		else
			json_object_object_add(seconds, moved[i].rule, NULL);
	}
	add(object, "move_s", seconds);
	return print(object);
}

int print_replayed_json(const struct replayed *r)
{
	struct json_object *object = document();

	add_number(object, "runs", r->runs);
	add_number(object, "guests_most", r->most);
	add_number(object, "bytes", r->bytes);
	add_real(object, "seconds", r->span_ns / 1e9);
	add_number(object, "different", r->different);
	add_number(object, "first_different", r->first);
	add(object, "cut", json_object_new_boolean(r->cut));
	return print(object);
}
