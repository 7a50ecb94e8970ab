// SPDX-License-Identifier: GPL-2.0-only
/* Balloons as JSON. */
#include "json_build.h"
#include "output.h"
#include "../lib/balloon.h"

/* What nobody said is null. */
static void add_known(struct json_object *object, const char *key,
		      uint64_t value)
{
	if (value != DR_BALLOON_UNKNOWN)
		add_number(object, key, value);
	else if (json_object_object_add(object, key, NULL))
		exit(fail("out of memory"));
}

static void add_flag(struct json_object *object, const char *key, bool value)
{
	add(object, key, json_object_new_boolean(value));
}

static struct json_object *stats_json(const struct dr_balloon_info *b)
{
	struct json_object *object = must(json_object_new_object());

	for (unsigned int i = 0; i < DR_NR_BALLOON_STATS; i++)
		add_known(object, dr_balloon_stat_name(i), b->stats[i]);
	return object;
}

struct json_object *balloon_json(const struct dr_balloon_info *b)
{
	struct json_object *object = must(json_object_new_object());

	add_text(object, "state", dr_balloon_state_name(b->state));
	add_known(object, "wanted", b->wanted);
	add_number(object, "actual", b->actual);
	add_number(object, "backed", b->backed);
	add_flag(object, "device", b->features & DR_BALLOON_DEVICE);
	add_flag(object, "driver", b->features & DR_BALLOON_DRIVER);
	add_flag(object, "deflate_on_oom", b->features & DR_BALLOON_OOM);
	add_flag(object, "reporting", b->features & DR_BALLOON_REPORTING);
	add_number(object, "nr_asked", b->nr_asked);
	add_known(object, "report_ms", b->report_ms);
	add_known(object, "stats_ms", b->stats_ms);
	add(object, "guest", stats_json(b));
	return object;
}

struct json_object *balloon_sum_json(const struct dr_balloon_sum *sum)
{
	struct json_object *object = must(json_object_new_object());
	struct json_object *states = must(json_object_new_object());

	add_number(object, "wanted", sum->wanted);
	add_number(object, "actual", sum->actual);
	add_number(object, "backed", sum->backed);
	for (unsigned int i = 0; i < DR_NR_BALLOON_STATES; i++)
		add_number(states, dr_balloon_state_name(i), sum->nr[i]);
	add(object, "states", states);
	return object;
}

int print_balloons_json(const struct dr_guest_info *guests,
			const struct dr_balloon_info *balloons, size_t nr)
{
	struct json_object *array = must(json_object_new_array());
	struct json_object *object = document();

	for (size_t i = 0; i < nr; i++) {
		struct json_object *one = must(json_object_new_object());

		add_number(one, "id", guests[i].id);
		add_name(one, "name", guests[i].name);
		add_number(one, "size", guests[i].usage.size);
		add_number(one, "resident", guests[i].usage.resident);
		add(one, "balloon", balloon_json(&balloons[i]));
		append(array, one);
	}
	add(object, "guests", array);
	return print(object);
}
