// SPDX-License-Identifier: GPL-2.0-only
/* What goes wrong, said in one line with its remedy, and the exit status. */
#include "verbs.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static void complain(const char *fmt, va_list args)
{
	fputs("denseram: ", stderr);
	vfprintf(stderr, fmt, args);
	fputc('\n', stderr);
}

int fail(const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	complain(fmt, args);
	va_end(args);
	return EXIT_FAILED;
}

int fail_usage(const struct verb *verb, const char *fmt, ...)
{
	char text[512];
	va_list args;

	va_start(args, fmt);
	vsnprintf(text, sizeof(text), fmt, args);
	va_end(args);
	fail("%s; see 'denseram help%s%s'", text, verb ? " " : "",
	     verb ? verb->name : "");
	return EXIT_USAGE;
}

int fail_errno(const char *doing, int err)
{
	switch (-err) {
	case EACCES:
	case EPERM:
	case EBADF:	/* from a device that we may only look at */
		return fail("%s: not permitted; run as root", doing);
	case ENOMEM:
		return fail("%s: out of memory", doing);
	case EINTR:
		return fail("%s: interrupted; what was done stays", doing);
	default:
		return fail("%s: %s", doing, strerror(-err));
	}
}

int fail_no_guest(const char *name)
{
	return fail("no guest '%s'; 'denseram guest ls' lists them", name);
}

int fail_no_module(void)
{
	fail("the module is not loaded (no %s); load it with 'modprobe denseram'",
	     DR_DEVICE);
	return EXIT_NO_MODULE;
}

int open_device(int *fd, struct dr_version *version)
{
	int err = dr_open(fd, version);

	switch (-err) {
	case 0:
		return EXIT_OK;
	case ENOENT:
	case ENXIO:
	case ENODEV:
		return fail_no_module();
	case EPROTO:
		return fail("the module speaks ABI %u, this program ABI %u; install both from one version",
			    version->abi, DR_ABI_VERSION);
	case ENOTTY:
		return fail("%s is not denseram's device; remove it and reload the module",
			    DR_DEVICE);
	default:
		return fail_errno("opening " DR_DEVICE, err);
	}
}
