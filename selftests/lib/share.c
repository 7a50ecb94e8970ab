// SPDX-License-Identifier: GPL-2.0-only
/* See share.h. */
#include <stdio.h>
#include <stdlib.h>
#include <sys/ioctl.h>

#include "gmem.h"
#include "share.h"

#define ENDS_MS		30000	/* for a scanner that is just merging */
#define LIST_STEP	512U

static __u64 host_u64(const char *dir, const char *name)
{
	char path[128];
	__u64 value = 0;

	snprintf(path, sizeof(path), SYSFS "/%s/%s", dir, name);
	ASSERT_OK(read_u64(path, &value));
	return value;
}

__u64 share_figure(const char *name)
{
	return host_u64("sharing", name);
}

__u64 share_event(const char *name)
{
	return host_u64("stat", name);
}

void share_set(const char *knob, const char *value)
{
	char path[128];

	snprintf(path, sizeof(path), SYSFS "/sharing/%s", knob);
	ASSERT_OK(write_text(path, value));
}

/* The knobs, and how they were found. */
static struct {
	const char *name;
	char usual[24];
} knobs[] = {
	{ .name = "enabled" }, { .name = "budget" }, { .name = "budget_fast" },
	{ .name = "interval" }, { .name = "rate_max" }, { .name = "block_gain" },
};

static const char *knob_path(const char *name)
{
	static char path[128];

	snprintf(path, sizeof(path), SYSFS "/sharing/%s", name);
	return path;
}

/* Not in the children that run the tests: those end by _exit(). */
__attribute__((constructor)) static void find_usual(void)
{
	for (size_t i = 0; i < ARRAY_SIZE(knobs); i++)
		if (read_text(knob_path(knobs[i].name), knobs[i].usual,
			      sizeof(knobs[i].usual)))
			knobs[i].usual[0] = '\0';
}

__attribute__((destructor)) void share_usual(void)
{
	for (size_t i = 0; i < ARRAY_SIZE(knobs); i++)
		if (knobs[i].usual[0])
			write_text(knob_path(knobs[i].name), knobs[i].usual);
}

int share_mode(const char *guest, const char *mode)
{
	char path[300];

	snprintf(path, sizeof(path), SYSFS "/guests/%s/share", guest);
	return write_text(path, mode);
}

__u64 *share_list(__u64 guest, unsigned int *count)
{
	struct dr_guest_shares s = { .id = guest };
	int dev = gm_device(O_RDONLY);
	__u64 *pages = NULL;

	*count = 0;
	do {
		pages = realloc(pages, (*count + LIST_STEP) * sizeof(*pages));
		ASSERT(pages);
		s.count = LIST_STEP;
		s.pages = (__u64)(unsigned long)(pages + *count);
		if (ioctl(dev, DR_IOC_GUEST_SHARES, &s)) {
			CHECK_EQ(errno, ENOENT);
			free(pages);
			pages = NULL;
			break;
		}
		*count += s.count;
	} while (s.count);
	close(dev);
	return pages;
}

static bool nothing_shared(void *arg)
{
	(void)arg;
	return !share_figure("shared") && !share_figure("kept");
}

bool share_ends(void)
{
	return poll_until(nothing_shared, NULL, ENDS_MS);
}
