// SPDX-License-Identifier: GPL-2.0-only
/*
 * /dev/denseram: the calls about sharing refuse what makes no sense, and
 * nothing has changed then. What they do otherwise is in share_test.c.
 */
#include <errno.h>
#include <string.h>
#include <sys/ioctl.h>

#include "lib/gmem.h"

/* Two pages, of which the second one is not to be touched. */
static char *half_room(void)
{
	char *map = mmap(NULL, 2 * PAGE, PROT_READ | PROT_WRITE,
			 MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	ASSERT(map != MAP_FAILED);
	ASSERT_OK(mprotect(map + PAGE, PAGE, PROT_NONE));
	return map;
}

static void check_unchanged(void)
{
	struct dr_guest_info info;

	ASSERT_OK(gm_info(NULL, &info));
	CHECK_EQ(info.share, DR_SHARE_DOMAIN);
	CHECK_EQ(gm_attr(NULL, "scan"), 1);
}

TEST(share_values)
{
	struct dr_guest_share share = { .flags = DR_GUEST_SHARE_ALL };
	struct dr_guest_info info;
	int fd;

	gm_need_denseram();
	fd = gm_device(O_RDWR);
	share.id = gm_id();
	for (__u32 mode = 0; mode < DR_NR_SHARE_MODES; mode++) {
		share.mode = mode;
		share.scan = mode & 1;
		CHECK_OK(ioctl(fd, DR_IOC_GUEST_SHARE, &share));
		ASSERT_OK(gm_info(NULL, &info));
		CHECK_EQ(info.share, mode);
		CHECK_EQ(gm_attr(NULL, "scan"), mode & 1);
	}
	/* What is not named stays. */
	share.flags = DR_GUEST_SHARE_SCAN;
	share.mode = DR_SHARE_OFF;
	share.scan = 0;
	CHECK_OK(ioctl(fd, DR_IOC_GUEST_SHARE, &share));
	ASSERT_OK(gm_info(NULL, &info));
	CHECK_EQ(info.share, DR_NR_SHARE_MODES - 1);
	CHECK_EQ(gm_attr(NULL, "scan"), 0);
	share.flags = DR_GUEST_SHARE_MODE;
	share.scan = 1;
	CHECK_OK(ioctl(fd, DR_IOC_GUEST_SHARE, &share));
	CHECK_EQ(gm_attr(NULL, "scan"), 0);
	close(fd);
}

TEST(share_bad_input)
{
	static const struct dr_guest_share bad[] = {
		{ .flags = 0 },
		{ .flags = DR_GUEST_SHARE_ALL + 1 },
		{ .flags = DR_GUEST_SHARE_MODE | 1U << 31 },
		{ .flags = DR_GUEST_SHARE_ALL, .pad = 1 },
		{ .flags = DR_GUEST_SHARE_ALL, .mode = DR_NR_SHARE_MODES },
		{ .flags = DR_GUEST_SHARE_ALL, .mode = ~0U },
		{ .flags = DR_GUEST_SHARE_ALL, .scan = 2 },
		{ .flags = DR_GUEST_SHARE_ALL, .scan = ~0U },
	};
	struct dr_guest_share share;
	int fd;

	gm_need_denseram();
	fd = gm_device(O_RDWR);
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		share = bad[i];
		share.id = gm_id();
		if (!CHECK_ERR(ioctl(fd, DR_IOC_GUEST_SHARE, &share), EINVAL))
			ktap_diag("case %zu", i);
		check_unchanged();
	}
	close(fd);
}

TEST(share_of_nobody)
{
	struct dr_guest_share share = { .flags = DR_GUEST_SHARE_ALL };
	int fd, ro;

	gm_need_denseram();
	fd = gm_device(O_RDWR);
	ro = gm_device(O_RDONLY);
	CHECK_ERR(ioctl(fd, DR_IOC_GUEST_SHARE, &share), ENOENT);
	share.id = ~0ULL;
	CHECK_ERR(ioctl(fd, DR_IOC_GUEST_SHARE, &share), ENOENT);
	share.id = gm_id();
	CHECK_ERR(ioctl(ro, DR_IOC_GUEST_SHARE, &share), EBADF);
	check_unchanged();
	close(ro);
	close(fd);
}

TEST(shares_bad_input)
{
	static const struct dr_guest_shares bad[] = {
		{ .count = 8, .flags = 1 },
		{ .count = 8, .flags = 1U << 31 },
		{ .count = 8, .pad = 1 },
		{ .count = 0 },
		{ .count = 65537 },
		{ .count = ~0U },
		{ .count = 8, .sample = DR_SHARE_SAMPLE_MAX + 1 },
		{ .count = 8, .sample = ~0U },
	};
	__u64 pages[8] = { 7 };
	struct dr_guest_shares s;
	int fd;

	gm_need_denseram();
	fd = gm_device(O_RDONLY);
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		s = bad[i];
		s.id = gm_id();
		s.pages = (unsigned long)pages;
		if (!CHECK_ERR(ioctl(fd, DR_IOC_GUEST_SHARES, &s), EINVAL))
			ktap_diag("case %zu", i);
	}
	s = (struct dr_guest_shares){ .count = 8, .id = ~0ULL };
	CHECK_ERR(ioctl(fd, DR_IOC_GUEST_SHARES, &s), ENOENT);
	s.id = 0;
	CHECK_ERR(ioctl(fd, DR_IOC_GUEST_SHARES, &s), ENOENT);
	/* The most that may be asked for, from where there is nothing. */
	s.id = gm_id();
	s.count = 65536;
	s.cursor = ~0ULL;
	s.pages = (unsigned long)pages;
	CHECK_OK(ioctl(fd, DR_IOC_GUEST_SHARES, &s));
	CHECK_EQ(s.count, 0);
	CHECK_EQ(pages[0], 7);
	close(fd);
}

static bool so_many_shared(void *arg)
{
	return gm_usage().shared == *(__u64 *)arg;
}

/* The array ends where the caller's memory does: no byte beyond it. */
TEST(shares_bad_array)
{
	const __u64 nr = 64, size = nr * PAGE;
	struct dr_guest_shares s = { .count = nr };
	char *room = half_room(), *map;
	int fd, file;

	gm_need_denseram();
	ASSERT_OK(write_text(SYSFS "/sharing/enabled", "1"));
	file = gm_create("f", size);
	map = gm_map(file, size);
	memset(map, 0x5a, size);
	ASSERT(poll_until(so_many_shared, (void *)&nr, 60000));
	ASSERT_OK(write_text(SYSFS "/sharing/enabled", "0"));
	fd = gm_device(O_RDONLY);
	s.id = gm_id();
	CHECK_ERR(ioctl(fd, DR_IOC_GUEST_SHARES, &s), EFAULT);
	s.pages = ~0ULL - 4095;
	CHECK_ERR(ioctl(fd, DR_IOC_GUEST_SHARES, &s), EFAULT);
	s.pages = (unsigned long)(room + PAGE - 8 * sizeof(__u64));
	CHECK_ERR(ioctl(fd, DR_IOC_GUEST_SHARES, &s), EFAULT);
	s.count = 8;
	CHECK_OK(ioctl(fd, DR_IOC_GUEST_SHARES, &s));
	CHECK_EQ(s.count, 8);
	close(fd);
	munmap(map, size);
	close(file);
}

TEST(share_status_bad_input)
{
	struct dr_share_status s = { .flags = 1 };
	int fd;

	gm_need_denseram();
	fd = gm_device(O_RDONLY);
	CHECK_ERR(ioctl(fd, DR_IOC_SHARE_STATUS, &s), EINVAL);
	s.flags = 1U << 31;
	CHECK_ERR(ioctl(fd, DR_IOC_SHARE_STATUS, &s), EINVAL);
	memset(&s, 0xff, sizeof(s));
	s.flags = 0;
	CHECK_OK(ioctl(fd, DR_IOC_SHARE_STATUS, &s));
	CHECK(s.enabled <= 1);
	CHECK(s.nr_scanners >= 1);
	CHECK(s.level < DR_NR_LEVELS);
	CHECK_EQ(s.pad, 0);
	close(fd);
}
