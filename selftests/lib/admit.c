// SPDX-License-Identifier: GPL-2.0-only
/* See admit.h. */
#include <stdio.h>

#include "admit.h"
#include "gmem.h"
#include "klog.h"

/* The kernel's limit: 10 lines of one place in so many ms. */
#define LIMIT_MS	5500

__u64 admit_figure(const char *name)
{
	char path[128];
	__u64 value = 0;

	snprintf(path, sizeof(path), SYSFS "/admission/%s", name);
	ASSERT_OK(read_u64(path, &value));
	return value;
}

int admit_set_strict(const char *value)
{
	return write_text(SYSFS "/admission/strict", value);
}

static __u64 promised_before;

/* What a test that was aborted has left goes first. */
void admit_begin(void)
{
	gm_need_denseram();
	ASSERT_OK(admit_set_strict("0"));
	promised_before = admit_figure("promised");
}

/* Set a limit of a guest, the test's own if NULL: 0 or a negative errno. */
int admit_set(const char *guest, const char *limit, __u64 value)
{
	char text[32];

	snprintf(text, sizeof(text), "%llu", (unsigned long long)value);
	return write_text(gm_attr_path(guest, limit), text);
}

/* Promised to the guests of this test. */
__u64 admit_promised(void)
{
	return admit_figure("promised") - promised_before;
}

/* More than any host has. */
__u64 admit_too_much(void)
{
	return 2 * MIB * (file_kb("/proc/meminfo", "MemTotal") / 1024);
}

/* Make the request, which is refused; lines of the log with @text. */
static unsigned int lines_of(const struct admit_request *r, const char *text)
{
	__u64 before = admit_figure("promised"), refused = admit_figure("refused");
	int log = klog_mark();
	unsigned int lines;

	CHECK_ERR(r->call(r->fd, r->value), ENOSPC);
	CHECK_EQ(admit_figure("refused"), refused + 1);
	CHECK_EQ(admit_figure("promised"), before);
	lines = klog_has(log, text);
	close(log);
	return lines;
}

/* Refused, with one line; again if tests before have used up the log's limit. */
void admit_check_refused(const struct admit_request *r)
{
	char text[300];
	unsigned int lines;

	snprintf(text, sizeof(text), "guest %s: refused %s: ", gm_name,
		 r->line);
	lines = lines_of(r, text);
	if (!lines) {
		sleep_ms(LIMIT_MS);
		lines = lines_of(r, text);
	}
	if (!CHECK_EQ(lines, 1))
		ktap_diag("lines with \"%s\"", text);
}
