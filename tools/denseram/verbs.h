/* SPDX-License-Identifier: GPL-2.0-only */
/* The verbs of the command line, and what they share. */
#ifndef DR_VERBS_H
#define DR_VERBS_H

#include "../lib/args.h"
#include "../lib/denseram.h"

/* Exit status, as in the manual page. */
enum {
	EXIT_OK,
	EXIT_FAILED,
	EXIT_USAGE,
	EXIT_NO_MODULE,
};

/**
 * struct verb - one verb
 * @name: one or two words: "guest ls"
 * @operands: for the usage line
 * @summary: half a line for the overview
 * @help: the rest of its help
 * @run: gets the words after the name; returns the exit status
 */
struct verb {
	const char *name;
	const char *operands;
	const char *summary;
	const char *help;
	int (*run)(const struct verb *verb, int argc, char **argv);
};

extern const struct verb verb_status;
extern const struct verb verb_guest_ls;
extern const struct verb verb_guest_show;
extern const struct verb verb_guest_get;
extern const struct verb verb_guest_set;
extern const struct verb verb_guest_trim;
extern const struct verb verb_guest_park;
extern const struct verb verb_guest_wake;
extern const struct verb verb_share_tree;
extern const struct verb verb_balloon;
extern const struct verb verb_get;
extern const struct verb verb_set;
extern const struct verb verb_policy;
extern const struct verb verb_explain;
extern const struct verb verb_top;
extern const struct verb verb_watch;
extern const struct verb verb_metrics;
extern const struct verb verb_exporter;
extern const struct verb verb_record;
extern const struct verb verb_sim;
extern const struct verb verb_replay;
extern const struct verb verb_report;
extern const struct verb verb_doctor;
extern const struct verb verb_swap_add;
extern const struct verb verb_swap_rm;
extern const struct verb verb_swap_ls;
extern const struct verb verb_version;
extern const struct verb verb_help;

/* All of them in the order of the overview, ended by NULL. */
extern const struct verb *const verbs[];

/* A line "denseram: ..." on standard error; returns EXIT_FAILED. */
__attribute__((format(printf, 1, 2)))
int fail(const char *fmt, ...);

/* The same for a wrong command line; returns EXIT_USAGE. */
__attribute__((format(printf, 2, 3)))
int fail_usage(const struct verb *verb, const char *fmt, ...);

/* Say what a negative errno of @doing means and what helps. */
int fail_errno(const char *doing, int err);

/* Say that no guest has this name or id. */
int fail_no_guest(const char *name);

/* Say that the module is not there; returns EXIT_NO_MODULE. */
int fail_no_module(void);

/* dr_open() that explains its failure; EXIT_OK or the exit status. */
int open_device(int *fd, struct dr_version *version);

/**
 * take_operands - the command line of a verb with a fixed number of operands
 * @verb: the verb
 * @argc: how many words
 * @argv: the words; the operands move to the front
 * @flags: flags to take
 * @operands: 0, or 1 for a guest
 *
 * Returns EXIT_OK, or EXIT_USAGE with the reason told.
 */
int take_operands(const struct verb *verb, int argc, char **argv,
		  const struct dr_flag *flags, int operands);

/**
 * on_device - open the device, work on it, close it
 * @work: what to do; returns the exit status
 * @arg: for @work
 *
 * Returns the exit status, the reason of a failure told.
 */
int on_device(int (*work)(int fd, const struct dr_version *version, void *arg),
	      void *arg);

/* Show the help of a verb on standard output. */
void print_help(const struct verb *verb);

#endif /* DR_VERBS_H */
