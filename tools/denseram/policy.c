// SPDX-License-Identifier: GPL-2.0-only
/* "denseram policy": the last run of the policy. */
#include "json_build.h"
#include "output.h"
#include "verbs.h"
#include "../lib/units.h"
#include "../lib/words.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>

static void print_size(const char *label, uint64_t bytes, const char *meaning)
{
	char text[DR_SIZE_TEXT];

	printf("  %-10s %10s  %s\n", label, dr_size_format(bytes, text),
	       meaning);
}

static void print_stalls(const struct dr_policy_status *s)
{
	printf("  %.1f allocations of the host stall a second, %" PRIu64
	       " did so far%s\n", (double)s->stalls / 1000,
	       (uint64_t)s->stalled,
	       s->strained ? ": the level is one worse for it" : "");
}

static int print_policy(const struct dr_policy_status *s)
{
	printf("Policy: %s, host at level %s, tax on idle memory %u %%, %u guests\n",
	       s->enabled ? "enabled" : "disabled", dr_level_word(s->level),
	       s->tax, s->nr_guests);
	print_size("total", s->total, "memory of the host");
	print_size("free", s->free, "can be had without hurting anybody");
	print_size("pool", s->pool, "is for guests together");
	print_size("granted", s->granted, "is the sum of their targets");
	print_size("missing", s->missing, "more was promised than there is");
	print_size("wanted", s->wanted, "has to be freed now");
	print_size("taken", s->taken, "of that guests were told to give");
	print_stalls(s);
	printf("  %" PRIu64 " runs, the last took %.3f ms, the longest %.3f ms\n",
	       (uint64_t)s->runs, (double)s->run_ns / 1e6,
	       (double)s->run_ns_max / 1e6);
	return EXIT_OK;
}

static int print_policy_json(const struct dr_policy_status *s)
{
	struct json_object *object = document();

	add(object, "enabled", json_object_new_boolean(s->enabled));
	add_text(object, "level", dr_level_word(s->level));
	add_number(object, "tax", s->tax);
	add_number(object, "guests", s->nr_guests);
	add_number(object, "total", s->total);
	add_number(object, "free", s->free);
	add_number(object, "pool", s->pool);
	add_number(object, "granted", s->granted);
	add_number(object, "missing", s->missing);
	add_number(object, "wanted", s->wanted);
	add_number(object, "taken", s->taken);
	add_number(object, "held", s->held);
	add_number(object, "changed", s->changed);
	add(object, "strained", json_object_new_boolean(s->strained));
	add_number(object, "stalled", s->stalled);
	add_number(object, "stalls", s->stalls);
	add_number(object, "stall_limit", s->stall_limit);
	add_number(object, "runs", s->runs);
	add_number(object, "run_ns", s->run_ns);
	add_number(object, "run_ns_max", s->run_ns_max);
	return print(object);
}

static int show(int fd, const struct dr_version *version, void *arg)
{
	const bool *json = arg;
	struct dr_policy_status s;
	int err = dr_policy_status(fd, &s);

	(void)version;
	if (err == -ENOTTY)
		return fail("this module has no policy; install a newer one");
	if (err)
		return fail_errno("reading the policy", err);
	return *json ? print_policy_json(&s) : print_policy(&s);
}

static int run_policy(const struct verb *self, int argc, char **argv)
{
	bool json = false;
	const struct dr_flag flags[] = { { "--json", &json }, { NULL, NULL } };
	int err = take_operands(self, argc, argv, flags, 0);

	return err ? err : on_device(show, &json);
}

const struct verb verb_policy = {
	.name = "policy",
	.operands = "[--json]",
	.summary = "how short of memory the host is, and what it does about it",
	.help =
	"Levels are high (enough memory), soft (guests are asked for some), hard\n"
	"(paging takes what balloons do not give at once) and low (faults of guests\n"
	"at or above their targets wait). What a single guest may have, and why:\n"
	"'denseram explain NAME'. While allocations of the host stall, the level is one\n"
	"worse than by free memory, though not low. Knobs: tax, enabled and stall_limit\n"
	"in /sys/kernel/denseram/policy.\n"
	"\n"
	"  --json  as JSON, sizes in bytes, stalls in thousandths a second\n",
	.run = run_policy,
};
