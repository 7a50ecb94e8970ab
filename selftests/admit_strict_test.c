// SPDX-License-Identifier: GPL-2.0-only
/*
 * Strict admission: what a guest may have beyond its min needs swap space, and
 * the swap space stays while it is needed. See admit_fs_test.c for the rest.
 */
#include <errno.h>
#include <stdio.h>
#include <sys/stat.h>

#include "lib/admit.h"
#include "lib/gmem.h"
#include "lib/swap.h"

#define AREA		(32 * MIB)
#define AREA_ROOM	(AREA - PAGE)	/* the header */

static __u64 size_of(int fd)
{
	struct stat st = { .st_size = 0 };

	CHECK_OK(fstat(fd, &st));
	return st.st_size;
}

static int truncate_to(int fd, __u64 size)
{
	return ftruncate(fd, size);
}

static int set_min(int fd, __u64 value)
{
	(void)fd;
	errno = -admit_set(NULL, "min", value);
	return errno ? -1 : 0;
}

/* An area of AREA bytes in /tmp; its number. */
static int add_area(const char *name)
{
	char path[64], zeros[64 * KIB] = "";
	int fd, id;

	snprintf(path, sizeof(path), "/tmp/dr-admit-%s", name);
	fd = open(path, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	ASSERT(fd >= 0);
	for (__u64 at = 0; at < AREA; at += sizeof(zeros))
		ASSERT(write(fd, zeros, sizeof(zeros)) == sizeof(zeros));
	close(fd);
	id = swap_add(path, 0);
	CHECK_OK(unlink(path));
	if (id == -EOPNOTSUPP)
		ktap_skip("no direct I/O on /tmp");
	ASSERT(id >= 0);
	return id;
}

static void strict_setup(void)
{
	admit_begin();
	swap_rm_all();
	ASSERT_OK(admit_set_strict("1"));
	CHECK_EQ(admit_figure("strict"), 1);
}

#define NO_SWAP	"no swap space is behind what it may have beyond its min"

TEST(strict_without_swap)
{
	struct admit_request size = {
		.call = truncate_to, .value = 8 * MIB,
		.line = "8 MiB: " NO_SWAP,
	}, min = { .call = set_min, .value = MIB, .line = "new limits: " NO_SWAP };

	strict_setup();
	size.fd = gm_create("f", 0);
	admit_check_refused(&size);
	CHECK_EQ(size_of(size.fd), 0);
	/* With a min as large as itself nothing of it is ever paged. */
	CHECK_OK(admit_set(NULL, "min", 8 * MIB));
	CHECK_OK(ftruncate(size.fd, 8 * MIB));
	admit_check_refused(&min);
	CHECK_EQ(gm_attr(NULL, "min"), 8 * MIB);
	/* Nor when it is pinned, or may have no more. */
	CHECK_OK(admit_set(NULL, "pinned", 1));
	CHECK_OK(admit_set(NULL, "min", 0));
	CHECK_EQ(admit_set(NULL, "pinned", 0), -ENOSPC);
	CHECK_OK(admit_set(NULL, "min", 2 * MIB));
	CHECK_OK(admit_set(NULL, "max", 2 * MIB));
	CHECK_OK(admit_set(NULL, "pinned", 0));
	CHECK_EQ(admit_promised(), 2 * MIB + INDEX(8 * MIB));
	CHECK_EQ(admit_set(NULL, "max", 0), -ENOSPC);
	CHECK_EQ(admit_figure("swap_promised"), 0);
	CHECK_OK(admit_set_strict("0"));
	CHECK_OK(admit_set(NULL, "max", 0));
	close(size.fd);
}

TEST(strict_with_swap)
{
	int fd, area, other;

	strict_setup();
	area = add_area("a");
	fd = gm_create("f", AREA_ROOM);
	CHECK_EQ(admit_figure("swap_promised"), AREA_ROOM);
	CHECK_ERR(ftruncate(fd, AREA), ENOSPC);
	CHECK_OK(admit_set(NULL, "min", PAGE));
	CHECK_OK(ftruncate(fd, AREA));
	CHECK_EQ(admit_figure("swap_promised"), AREA_ROOM);
	/* The area has to stay while it is needed. */
	CHECK_EQ(swap_rm(area), -ENOSPC);
	CHECK_ERR(ftruncate(fd, AREA + 1), ENOSPC);
	other = add_area("b");
	CHECK_OK(swap_rm(area));
	CHECK_EQ(swap_rm(other), -ENOSPC);
	CHECK_OK(ftruncate(fd, PAGE));
	CHECK_EQ(admit_figure("swap_promised"), 0);
	CHECK_OK(swap_rm(other));
	CHECK_OK(admit_set_strict("0"));
	close(fd);
}

/* Who is there when it becomes strict stays, and is not refused to shrink. */
TEST(strict_spares_the_present)
{
	int fd, area;

	admit_begin();
	swap_rm_all();
	fd = gm_create("f", 2 * AREA);
	area = add_area("a");
	CHECK_OK(admit_set_strict("1"));
	CHECK_EQ(admit_figure("swap_promised"), 2 * AREA);
	CHECK_EQ(swap_rm(area), -ENOSPC);
	CHECK_ERR(ftruncate(fd, 3 * AREA), ENOSPC);
	CHECK_OK(admit_set(NULL, "shares", 7));
	CHECK_OK(admit_set(NULL, "min", MIB));
	CHECK_OK(ftruncate(fd, AREA));
	CHECK_OK(admit_set_strict("0"));
	CHECK_OK(swap_rm(area));
	close(fd);
}
