// SPDX-License-Identifier: GPL-2.0-only
/* denseram: look at and steer the memory of the guests of this host. */
#include "verbs.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

/* Words of the verb's name at the front of the command line, 0 if not it. */
static int match_verb(const struct verb *verb, int argc, char **argv)
{
	const char *name = verb->name;
	int nr = 0;

	while (*name) {
		size_t len = strcspn(name, " ");

		if (nr >= argc || strlen(argv[nr]) != len ||
		    memcmp(argv[nr], name, len))
			return 0;
		nr++;
		name += len + (name[len] == ' ');
	}
	return nr;
}

/* "--help" and "--version" at the front are what everyone tries first. */
static const char *front_alias(const char *word)
{
	if (!strcmp(word, "--help") || !strcmp(word, "-h"))
		return "help";
	if (!strcmp(word, "--version"))
		return "version";
	return word;
}

static int is_help_flag(int argc, char **argv)
{
	return argc == 1 &&
	       (!strcmp(argv[0], "--help") || !strcmp(argv[0], "-h"));
}

static int run_verb(int argc, char **argv)
{
	char alias[16];

	if (argc < 1) {
		fail_usage(NULL, "no verb");
		return EXIT_USAGE;
	}
	snprintf(alias, sizeof(alias), "%s", front_alias(argv[0]));
	if (front_alias(argv[0]) != argv[0])
		argv[0] = alias;
	for (const struct verb *const *verb = verbs; *verb; verb++) {
		int nr = match_verb(*verb, argc, argv);

		if (!nr)
			continue;
		if (is_help_flag(argc - nr, argv + nr)) {
			print_help(*verb);
			return EXIT_OK;
		}
		return (*verb)->run(*verb, argc - nr, argv + nr);
	}
	if (!strcmp(argv[0], "guest"))
		return fail_usage(NULL, "'guest' needs ls, show, get, set, trim, park or wake");
	if (!strcmp(argv[0], "share"))
		return fail_usage(NULL, "'share' needs tree");
	if (!strcmp(argv[0], "swap"))
		return fail_usage(NULL, "'swap' needs add, rm or ls");
	return fail_usage(NULL, "unknown verb '%s'", argv[0]);
}

int main(int argc, char **argv)
{
	int status = run_verb(argc - 1, argv + 1);

	if (fflush(stdout) || ferror(stdout)) {
		fail("writing the output: %s", strerror(errno));
		return status ? status : EXIT_FAILED;
	}
	return status;
}
