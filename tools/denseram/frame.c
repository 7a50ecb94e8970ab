// SPDX-License-Identifier: GPL-2.0-only
/* What verbs have around their work: the command line before, the device. */
#include "verbs.h"

#include <unistd.h>

int take_operands(const struct verb *verb, int argc, char **argv,
		  const struct dr_flag *flags, int operands)
{
	const char *bad;
	int nr = dr_args_parse(argc, argv, flags, &bad);

	if (nr < 0)
		return fail_usage(verb, "unknown option '%s'", bad);
	if (nr == operands)
		return EXIT_OK;
	if (operands)
		return fail_usage(verb, "needs one guest");
	return fail_usage(verb, "unexpected '%s'", argv[0]);
}

int on_device(int (*work)(int fd, const struct dr_version *version, void *arg),
	      void *arg)
{
	struct dr_version version;
	int fd, err = open_device(&fd, &version);

	if (err)
		return err;
	err = work(fd, &version, arg);
	close(fd);
	return err;
}
