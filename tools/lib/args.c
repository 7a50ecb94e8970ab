// SPDX-License-Identifier: GPL-2.0-only
#include "args.h"
#include "units.h"

#include <errno.h>
#include <stddef.h>
#include <string.h>

#define SHARES_MAX	1000000
#define ARRAY_SIZE(a)	(sizeof(a) / sizeof(*(a)))

int dr_args_option(int *argc, char **argv, const char *name,
		   const char **value)
{
	size_t len = strlen(name);

	*value = NULL;
	for (int i = 0; i < *argc && strcmp(argv[i], "--"); i++) {
		int nr;

		if (!strncmp(argv[i], name, len) && argv[i][len] == '=') {
			*value = argv[i] + len + 1;
			nr = 1;
		} else if (!strcmp(argv[i], name)) {
			if (i + 1 == *argc)
				return -EINVAL;
			*value = argv[i + 1];
			nr = 2;
		} else {
			continue;
		}
		memmove(argv + i, argv + i + nr,
			(size_t)(*argc - i - nr) * sizeof(*argv));
		*argc -= nr;
		i--;
	}
	return 0;
}

static bool take_flag(const char *word, const struct dr_flag *flags)
{
	for (; flags->name; flags++) {
		if (!strcmp(word, flags->name)) {
			*flags->set = true;
			return true;
		}
	}
	return false;
}

int dr_args_parse(int argc, char **argv, const struct dr_flag *flags,
		  const char **bad)
{
	bool only_operands = false;
	int nr = 0;

	for (int i = 0; i < argc; i++) {
		if (!only_operands && !strcmp(argv[i], "--")) {
			only_operands = true;
		} else if (only_operands || argv[i][0] != '-') {
			argv[nr++] = argv[i];
		} else if (!take_flag(argv[i], flags)) {
			*bad = argv[i];
			return -EINVAL;
		}
	}
	return nr;
}

/*
 * @zero_word: a word that stands for 0; @flag: bit of DR_SET_*;
 * @offset: of the __u64 in struct dr_guest_limits.
 */
static const struct limit_key {
	const char *name;
	const char *zero_word;
	__u32 flag;
	size_t offset;
} size_keys[] = {
	{ "min", NULL, DR_SET_MIN, offsetof(struct dr_guest_limits, min) },
	{ "max", "size", DR_SET_MAX, offsetof(struct dr_guest_limits, max) },
	{ "limit", "none", DR_SET_LIMIT,
	  offsetof(struct dr_guest_limits, limit) },
};

static const char *take_pinned(const char *value,
			       struct dr_guest_limits *limits)
{
	limits->pinned = !strcmp(value, "on") || !strcmp(value, "1");
	if (limits->pinned || !strcmp(value, "off") || !strcmp(value, "0"))
		return NULL;
	return "pinned is on or off";
}

static bool key_is(const char *pair, size_t len, const char *name)
{
	return strlen(name) == len && !memcmp(pair, name, len);
}

static const char *take_size(const struct limit_key *key, const char *value,
			     struct dr_guest_limits *limits)
{
	uint64_t bytes = 0;

	if (!key->zero_word || strcmp(value, key->zero_word)) {
		int err = dr_size_parse(value, &bytes);

		if (err == -ERANGE)
			return "the size is too large";
		if (err)
			return "not a size such as 4096, 512M or 1.5G";
	}
	memcpy((char *)limits + key->offset, &bytes, sizeof(bytes));
	return NULL;
}

static const char *take_shares(const char *value,
			       struct dr_guest_limits *limits)
{
	uint64_t shares;

	if (dr_count_parse(value, &shares) || !shares || shares > SHARES_MAX)
		return "shares is a whole number from 1 to 1000000";
	limits->shares = (__u32)shares;
	return NULL;
}

const char *dr_share_mode_name(unsigned int mode)
{
	static const char *const names[DR_NR_SHARE_MODES] = {
		[DR_SHARE_OFF] = "off",
		[DR_SHARE_GUEST] = "guest",
		[DR_SHARE_DOMAIN] = "domain",
		[DR_SHARE_ALL] = "all",
	};

	return mode < DR_NR_SHARE_MODES ? names[mode] : "unknown";
}

static const char *take_mode(const char *value, __u32 *mode)
{
	for (__u32 i = 0; i < DR_NR_SHARE_MODES; i++) {
		if (strcmp(value, dr_share_mode_name(i)))
			continue;
		*mode = i;
		return NULL;
	}
	return "share is off, guest, domain or all";
}

static const char *take_scan(const char *value, __u32 *scan)
{
	*scan = !strcmp(value, "on");
	return *scan || !strcmp(value, "off") ? NULL : "scan is on or off";
}

/* Note that the key was given; a second time is an error. */
static bool claim(__u32 *flags, __u32 flag)
{
	bool is_new = !(*flags & flag);

	*flags |= flag;
	return is_new;
}

static const char *take_limit(const char *pair, size_t len, const char *value,
			      struct dr_guest_set *set)
{
	if (key_is(pair, len, "shares"))
		return claim(&set->flags, DR_SET_SHARES) ?
			take_shares(value, &set->limits) : "given twice";
	if (key_is(pair, len, "pinned"))
		return claim(&set->flags, DR_SET_PINNED) ?
			take_pinned(value, &set->limits) : "given twice";
	for (size_t i = 0; i < ARRAY_SIZE(size_keys); i++) {
		if (!key_is(pair, len, size_keys[i].name))
			continue;
		return claim(&set->flags, size_keys[i].flag) ?
			take_size(&size_keys[i], value, &set->limits) :
			"given twice";
	}
	return "unknown key: use min, max, limit, shares, pinned, share, scan or balloon";
}

/* The module takes whole pages: 1.3M means the pages that fit in it. */
static const char *take_balloon(const char *value, struct dr_settings *to)
{
	uint64_t bytes;

	if (to->has_balloon)
		return "given twice";
	to->has_balloon = true;
	to->balloon.wanted = DR_BALLOON_UNASKED;
	if (!strcmp(value, "none"))
		return NULL;
	switch (dr_size_parse(value, &bytes)) {
	case 0:
		to->balloon.wanted = bytes & ~(uint64_t)(DR_PAGE_SIZE - 1);
		return NULL;
	case -ERANGE:
		return "the size is too large";
	default:
		return "balloon is a size such as 512M, or none";
	}
}

static const char *take_pair(const char *pair, struct dr_settings *settings)
{
	struct dr_guest_share *share = &settings->share;
	const char *value = strchr(pair, '=');
	size_t len;

	if (!value)
		return "expected key=value";
	len = (size_t)(value++ - pair);
	if (key_is(pair, len, "share"))
		return claim(&share->flags, DR_GUEST_SHARE_MODE) ?
			take_mode(value, &share->mode) : "given twice";
	if (key_is(pair, len, "scan"))
		return claim(&share->flags, DR_GUEST_SHARE_SCAN) ?
			take_scan(value, &share->scan) : "given twice";
	if (key_is(pair, len, "balloon"))
		return take_balloon(value, settings);
	return take_limit(pair, len, value, &settings->limits);
}

int dr_args_settings(int argc, char **argv, struct dr_settings *settings,
		     const char **why)
{
	for (int i = 0; i < argc; i++) {
		*why = take_pair(argv[i], settings);
		if (*why)
			return -(i + 1);
	}
	return 0;
}
