// SPDX-License-Identifier: GPL-2.0-only
/* "denseram help" and "denseram version". */
#include "output.h"
#include "verbs.h"

#include <stdio.h>
#include <string.h>

const struct verb *const verbs[] = {
	&verb_status,
	&verb_top,
	&verb_guest_ls,
	&verb_guest_show,
	&verb_guest_get,
	&verb_guest_set,
	&verb_guest_trim,
	&verb_guest_park,
	&verb_guest_wake,
	&verb_balloon,
	&verb_share_tree,
	&verb_policy,
	&verb_get,
	&verb_set,
	&verb_explain,
	&verb_watch,
	&verb_metrics,
	&verb_exporter,
	&verb_record,
	&verb_sim,
	&verb_replay,
	&verb_report,
	&verb_doctor,
	&verb_swap_add,
	&verb_swap_rm,
	&verb_swap_ls,
	&verb_version,
	&verb_help,
	NULL,
};

static void print_usage(const struct verb *verb)
{
	printf("Usage: denseram %s%s%s\n", verb->name,
	       *verb->operands ? " " : "", verb->operands);
}

void print_help(const struct verb *verb)
{
	print_usage(verb);
	printf("\n%s", verb->help);
}

static void print_overview(void)
{
	puts("Usage: denseram VERB [ARGUMENTS]\n\n"
	     "Memory overcommit for KVM hosts: look at and steer guests.\n");
	for (const struct verb *const *verb = verbs; *verb; verb++)
		printf("  %-12s %s\n", (*verb)->name, (*verb)->summary);
	puts("\n'denseram help VERB' tells more. Every verb that reports takes --json.\n"
	     "Exit status: 0 done, 1 failed, 2 wrong usage, 3 module not loaded.");
}

/* "guest ls" may come as one word or as two. */
static int run_help(const struct verb *self, int argc, char **argv)
{
	char name[64] = "";

	if (!argc) {
		print_overview();
		return EXIT_OK;
	}
	if (argc > 2)
		return fail_usage(self, "too many words");
	snprintf(name, sizeof(name), "%s%s%s", argv[0], argc > 1 ? " " : "",
		 argc > 1 ? argv[1] : "");
	for (const struct verb *const *verb = verbs; *verb; verb++) {
		if (strcmp((*verb)->name, name))
			continue;
		print_help(*verb);
		return EXIT_OK;
	}
	return fail_usage(NULL, "unknown verb '%s'", name);
}

const struct verb verb_help = {
	.name = "help",
	.operands = "[VERB]",
	.summary = "this overview, or the help of a verb",
	.help = "Without VERB, lists all verbs.\n",
	.run = run_help,
};

static int print_module(int fd, const struct dr_version *version, void *arg)
{
	const bool *json = arg;

	(void)fd;
	if (*json)
		return print_version_json(version);
	printf("denseram module %s, ABI %u\n", version->release, version->abi);
	return EXIT_OK;
}

static int run_version(const struct verb *self, int argc, char **argv)
{
	bool json = false;
	const struct dr_flag flags[] = { { "--json", &json }, { NULL, NULL } };
	int err = take_operands(self, argc, argv, flags, 0);

	if (err)
		return err;
	if (!json) {
		printf("denseram tools %s, ABI %u\n", DR_TOOLS_VERSION,
		       DR_ABI_VERSION);
		fflush(stdout);
	}
	return on_device(print_module, &json);
}

const struct verb verb_version = {
	.name = "version",
	.operands = "[--json]",
	.summary = "versions of the tools and of the module",
	.help = "  --json  as JSON\n",
	.run = run_version,
};
