// SPDX-License-Identifier: GPL-2.0-only
/* "denseram metrics" */
#include "metrics.h"
#include "verbs.h"
#include "view.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* Whoever collects it is another user. */
#define FILE_MODE	0644

/* Under another name first: a collector may read at any time. */
static int fill_and_rename(int fd, const char *fresh, const char *name,
			   const char *text, size_t len)
{
	ssize_t done = write(fd, text, len);

	if (done < 0)
		return -errno;
	if ((size_t)done != len)
		return -ENOSPC;
	return fchmod(fd, FILE_MODE) || rename(fresh, name) ? -errno : 0;
}

static int replace_file(const char *name, const char *text, size_t len)
{
	char *fresh;
	int fd, err;

	if (asprintf(&fresh, "%s.XXXXXX", name) < 0)
		return -ENOMEM;
	fd = mkostemp(fresh, O_CLOEXEC);
	err = fd < 0 ? -errno : fill_and_rename(fd, fresh, name, text, len);
	if (fd >= 0) {
		close(fd);
		if (err)
			unlink(fresh);
	}
	free(fresh);
	return err;
}

static int write_out(const char *name, const char *text, size_t len)
{
	int err;

	if (!name) {
		fwrite(text, 1, len, stdout);
		return EXIT_OK;
	}
	err = replace_file(name, text, len);
	return err ? fail("%s: %s", name, strerror(-err)) : EXIT_OK;
}

static int write_view(const struct dr_version *version,
		      const struct dr_view *view, const char *name)
{
	char *text = NULL;
	size_t len;
	FILE *out = open_memstream(&text, &len);
	int err;

	if (!out)
		return fail("out of memory");
	err = metrics_write(out, version, view);
	if (fclose(out) || err)
		err = fail("out of memory");
	else
		err = write_out(name, text, len);
	free(text);
	return err;
}

static int metrics(int fd, const struct dr_version *version, void *arg)
{
	const char *const *name = arg;
	struct dr_view view;
	int err = view_read(fd, &view);

	err = err ? fail_view(err) : write_view(version, &view, *name);
	view_free(&view);
	return err;
}

static int run_metrics(const struct verb *self, int argc, char **argv)
{
	const struct dr_flag flags[] = { { NULL, NULL } };
	const char *name;
	int err;

	if (dr_args_option(&argc, argv, "-o", &name))
		return fail_usage(self, "-o needs a file");
	err = take_operands(self, argc, argv, flags, 0);
	return err ? err : on_device(metrics, &name);
}

const struct verb verb_metrics = {
	.name = "metrics",
	.operands = "[-o FILE]",
	.summary = "what monitoring is to know, in Prometheus' text format",
	.help =
	"For the textfile collector of Prometheus' node exporter, from a timer:\n"
	"  denseram metrics -o /var/lib/prometheus/node-exporter/denseram.prom\n"
	"\n"
	"  -o FILE  replaced at once, or left as it is; standard output without it\n",
	.run = run_metrics,
};
