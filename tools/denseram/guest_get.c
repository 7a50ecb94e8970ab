// SPDX-License-Identifier: GPL-2.0-only
/* "denseram guest get" */
#include "json_build.h"
#include "verbs.h"
#include "../lib/units.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>

#define ARRAY_SIZE(a)	(sizeof(a) / sizeof(*(a)))

/* struct state - what there is to be told of a guest */
struct state {
	struct dr_guest_info guest;
	struct dr_balloon_info balloon;
};

/**
 * struct key - a key of "guest set"
 * @name: its name
 * @none: the word for a size that is not there, or NULL
 * @bytes: its size, @unset for what is not there
 * @unset: likewise
 * @word: what it is when it is no size
 */
struct key {
	const char *name;
	const char *none;
	uint64_t (*bytes)(const struct state *s);
	uint64_t unset;
	const char *(*word)(const struct state *s, char *text);
};

static uint64_t min_of(const struct state *s)
{
	return s->guest.limits.min;
}

static uint64_t max_of(const struct state *s)
{
	return s->guest.limits.max;
}

static uint64_t limit_of(const struct state *s)
{
	return s->guest.limits.limit;
}

static uint64_t balloon_of(const struct state *s)
{
	return s->balloon.wanted;
}

static const char *shares_of(const struct state *s, char *text)
{
	snprintf(text, DR_SIZE_EXACT, "%u", s->guest.limits.shares);
	return text;
}

static const char *on_off(bool on)
{
	return on ? "on" : "off";
}

static const char *pinned_of(const struct state *s, char *text)
{
	(void)text;
	return on_off(s->guest.limits.pinned);
}

static const char *share_of(const struct state *s, char *text)
{
	(void)text;
	return dr_share_mode_name(s->guest.share);
}

static const char *scan_of(const struct state *s, char *text)
{
	(void)text;
	return on_off(s->guest.state & DR_GUEST_SCANNED);
}

static const struct key keys[] = {
	{ .name = "min", .bytes = min_of },
	{ .name = "max", .bytes = max_of, .none = "size" },
	{ .name = "limit", .bytes = limit_of, .none = "none" },
	{ .name = "shares", .word = shares_of },
	{ .name = "pinned", .word = pinned_of },
	{ .name = "share", .word = share_of },
	{ .name = "scan", .word = scan_of },
	{ .name = "balloon", .bytes = balloon_of, .none = "none",
	  .unset = DR_BALLOON_UNASKED },
};

static const char *key_text(const struct key *key, const struct state *s,
			    char *text)
{
	if (key->word)
		return key->word(s, text);
	if (key->none && key->bytes(s) == key->unset)
		return key->none;
	return dr_size_exact(key->bytes(s), text);
}

static const struct key *key_find(const char *name)
{
	for (size_t i = 0; i < ARRAY_SIZE(keys); i++)
		if (!strcmp(keys[i].name, name))
			return &keys[i];
	return NULL;
}

struct get {
	const char *name;
	char **wanted;
	int nr;
	bool json;
};

static bool is_wanted(const struct get *get, const struct key *key)
{
	for (int i = 0; i < get->nr; i++)
		if (!strcmp(get->wanted[i], key->name))
			return true;
	return !get->nr;
}

static int print_keys(const struct get *get, const struct state *s)
{
	char text[DR_SIZE_EXACT];

	for (size_t i = 0; i < ARRAY_SIZE(keys); i++)
		if (is_wanted(get, &keys[i]))
			printf("%s=%s\n", keys[i].name,
			       key_text(&keys[i], s, text));
	return EXIT_OK;
}

static int print_keys_json(const struct get *get, const struct state *s)
{
	struct json_object *object = document();
	struct json_object *set = must(json_object_new_object());
	char text[DR_SIZE_EXACT];

	add_name(object, "guest", s->guest.name);
	for (size_t i = 0; i < ARRAY_SIZE(keys); i++)
		if (is_wanted(get, &keys[i]))
			add_text(set, keys[i].name,
				 key_text(&keys[i], s, text));
	add(object, "set", set);
	return print(object);
}

static int show(int fd, const struct dr_version *version, void *arg)
{
	const struct get *get = arg;
	struct state s = { .balloon.wanted = DR_BALLOON_UNASKED };
	int err = dr_guest_find(fd, get->name, &s.guest);

	(void)version;
	s.balloon.id = s.guest.id;
	if (!err)
		err = dr_balloon(fd, &s.balloon);
	if (err == -ENOENT)
		return fail_no_guest(get->name);
	/* The module is older than balloons: nobody has asked for one. */
	if (err && err != -ENOTTY)
		return fail_errno("reading the guest", err);
	return get->json ? print_keys_json(get, &s) : print_keys(get, &s);
}

static int run_get(const struct verb *self, int argc, char **argv)
{
	struct get get = { .json = false };
	const struct dr_flag flags[] = {
		{ "--json", &get.json }, { NULL, NULL },
	};
	const char *bad;
	int nr = dr_args_parse(argc, argv, flags, &bad);

	if (nr < 0)
		return fail_usage(self, "unknown option '%s'", bad);
	if (!nr)
		return fail_usage(self, "needs a guest");
	for (int i = 1; i < nr; i++)
		if (!key_find(argv[i]))
			return fail_usage(self, "'%s': unknown key: use min, max, limit, shares, pinned, share, scan or balloon",
					  argv[i]);
	get.name = argv[0];
	get.wanted = argv + 1;
	get.nr = nr - 1;
	return on_device(show, &get);
}

const struct verb verb_guest_get = {
	.name = "guest get",
	.operands = "[--json] NAME|ID [KEY]...",
	.summary = "what 'guest set' has set, to the byte",
	.help =
	"One KEY=VALUE a line, as 'denseram guest set' takes them; without KEY all.\n"
	"  denseram guest set vm2 $(denseram guest get vm1)\n"
	"gives one guest what another one has.\n"
	"\n"
	"  --json  as JSON\n",
	.run = run_get,
};
