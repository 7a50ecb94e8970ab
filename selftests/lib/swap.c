// SPDX-License-Identifier: GPL-2.0-only
/* See swap.h. */
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>

#include "gmem.h"
#include "swap.h"

#define SQUEEZE_MS	60000
#define HARD_BYTES	1024	/* at the start of a page, random ones */

static const char *path_of(const char *name)
{
	static char path[128];

	snprintf(path, sizeof(path), SYSFS "/swap/%s", name);
	return path;
}

__u64 swap_figure(const char *name)
{
	__u64 value = 0;

	ASSERT_OK(read_u64(path_of(name), &value));
	return value;
}

int swap_set(const char *knob, const char *value)
{
	return write_text(path_of(knob), value);
}

bool swap_stop_is(const char *reason)
{
	char text[64] = "";

	ASSERT_OK(read_text(path_of("stop"), text, sizeof(text)));
	text[strcspn(text, "\n")] = '\0';
	return !strcmp(text, reason);
}

struct dr_swap_status swap_status(void)
{
	struct dr_swap_status s = {};
	int dev = gm_device(O_RDONLY);

	ASSERT_OK(ioctl(dev, DR_IOC_SWAP_STATUS, &s));
	close(dev);
	return s;
}

struct dr_guest_swap swap_guest(void)
{
	struct dr_guest_swap s = { .id = gm_id() };
	int dev = gm_device(O_RDONLY);

	ASSERT_OK(ioctl(dev, DR_IOC_GUEST_SWAP, &s));
	close(dev);
	return s;
}

void swap_limit(__u64 bytes)
{
	char text[32];

	snprintf(text, sizeof(text), "%llu", (unsigned long long)bytes);
	ASSERT_OK(write_text(gm_attr_path(NULL, "limit"), text));
}

static bool is_below(__u64 bytes)
{
	return gm_usage().resident <= bytes;
}

/* For a moment, while a block becomes pages, a file seems to hold neither. */
static bool keeps_to(void *arg)
{
	__u64 bytes = *(__u64 *)arg;

	if (!is_below(bytes))
		return false;
	sleep_ms(20);
	return is_below(bytes);
}

bool swap_squeeze(__u64 bytes)
{
	swap_limit(bytes);
	return poll_until(keeps_to, &bytes, SQUEEZE_MS);
}

/* Random at the start of each page, then sixteen bytes over and over. */
static unsigned char soft_byte(__u64 at)
{
	return 'a' + at % 16;
}

void soft_fill(void *buf, size_t len, __u64 offset, __u64 key)
{
	unsigned char *page = buf;

	for (size_t at = 0; at < len; at += PAGE) {
		pat_fill(page + at, HARD_BYTES, offset + at, key);
		for (size_t i = HARD_BYTES; i < PAGE; i++)
			page[at + i] = soft_byte(i);
	}
}

ssize_t soft_bad(const void *buf, size_t len, __u64 offset, __u64 key)
{
	const unsigned char *page = buf;

	for (size_t at = 0; at < len; at += PAGE) {
		ssize_t bad = pat_bad(page + at, HARD_BYTES, offset + at, key);

		if (bad >= 0)
			return at + bad;
		for (size_t i = HARD_BYTES; i < PAGE; i++)
			if (page[at + i] != soft_byte(i))
				return at + i;
	}
	return -1;
}

int swap_add(const char *path, int prio)
{
	struct dr_swap_add add = { .prio = prio };
	int dev = gm_device(O_RDWR), err = 0;

	add.fd = open(path, O_RDWR | O_CLOEXEC);
	if (add.fd < 0 || ioctl(dev, DR_IOC_SWAP_ADD, &add))
		err = -errno;
	if (add.fd >= 0)
		close(add.fd);
	close(dev);
	return err ? err : (int)add.id;
}

void swap_park(void)
{
	struct dr_guest_park p = { .id = gm_id(), .park = 1 };
	int dev = gm_device(O_RDWR);

	ASSERT_OK(ioctl(dev, DR_IOC_GUEST_PARK, &p));
	close(dev);
}

int swap_rm(int id)
{
	struct dr_swap_rm rm = { .id = id };
	int dev = gm_device(O_RDWR), err = 0;

	if (ioctl(dev, DR_IOC_SWAP_RM, &rm))
		err = -errno;
	close(dev);
	return err;
}

static unsigned int list(struct dr_swap_area *areas, unsigned int room)
{
	struct dr_swap_list l = {
		.count = room, .areas = (unsigned long)areas,
	};
	int dev = gm_device(O_RDONLY);

	ASSERT_OK(ioctl(dev, DR_IOC_SWAP_LIST, &l));
	close(dev);
	return l.count;
}

#define AREAS_MAX	64

bool swap_area(int id, struct dr_swap_area *area)
{
	struct dr_swap_area areas[AREAS_MAX];
	unsigned int nr = list(areas, AREAS_MAX);

	for (unsigned int i = 0; i < nr; i++) {
		if ((int)areas[i].id != id)
			continue;
		*area = areas[i];
		return true;
	}
	return false;
}

void swap_rm_all(void)
{
	struct dr_swap_area areas[AREAS_MAX];
	unsigned int nr = list(areas, AREAS_MAX);

	while (nr--)
		swap_rm(areas[nr].id);
}
