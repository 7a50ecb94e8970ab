/* SPDX-License-Identifier: GPL-2.0-only */
/* Command lines: flags, operands and key=value pairs. Pure. */
#ifndef DR_ARGS_H
#define DR_ARGS_H

#include <stdbool.h>

#include <linux/denseram.h>

/**
 * struct dr_flag - an option without a value
 * @name: with its dashes, "--json"; a table ends with NULL
 * @set: becomes true when it is there
 */
struct dr_flag {
	const char *name;
	bool *set;
};

/**
 * dr_args_parse - sort flags out of a command line
 * @argc: how many words
 * @argv: the words; the operands move to the front, in their order
 * @flags: flags to take
 * @bad: the word that is no flag of @flags
 *
 * Flags may stand anywhere; after "--" all are operands.
 *
 * Returns the number of operands, or -EINVAL with @bad set.
 */
int dr_args_parse(int argc, char **argv, const struct dr_flag *flags,
		  const char **bad);

/**
 * dr_args_option - take an option with a value out of a command line
 * @argc: how many words; lowered by those taken
 * @argv: the words; the others keep their order
 * @name: with its dashes, "--sample"
 * @value: the word after it, or the text after "--sample="; NULL without the
 *	option. The last one counts
 *
 * Nothing after "--" is an option. Call before dr_args_parse().
 *
 * Returns 0, or -EINVAL when the value is missing.
 */
int dr_args_option(int *argc, char **argv, const char *name,
		   const char **value);

/**
 * struct dr_settings - what "guest set" changes
 * @limits: for DR_IOC_GUEST_SET; no flag set when none was given
 * @share: for DR_IOC_GUEST_SHARE; likewise
 * @balloon: for DR_IOC_BALLOON_SET, if @has_balloon
 * @has_balloon: it was given
 */
struct dr_settings {
	struct dr_guest_set limits;
	struct dr_guest_share share;
	struct dr_balloon_set balloon;
	bool has_balloon;
};

/**
 * dr_args_settings - read key=value pairs
 * @argc: how many pairs
 * @argv: "min=1G", "max=4G" or "max=size", "limit=2G" or "limit=none",
 *	"shares=1000", "share=off", "guest", "domain" or "all", "scan=on" or
 *	"off", "balloon=256M" or "balloon=none", "pinned=on", "off", "1" or "0"
 * @settings: flags and values are filled, the rest is left alone
 * @why: what is wrong with the pair that was refused
 *
 * Returns 0, or the negative position (counted from 1) of the bad pair.
 */
int dr_args_settings(int argc, char **argv, struct dr_settings *settings,
		     const char **why);

/* Word of DR_SHARE_*. */
const char *dr_share_mode_name(unsigned int mode);

#endif /* DR_ARGS_H */
