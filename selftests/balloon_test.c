// SPDX-License-Identifier: GPL-2.0-only
/*
 * The host's half of the balloon: what is wanted, what a daemon reports, what
 * the module believes of it, and notices that nobody can lose.
 */
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>

#include "lib/gmem.h"

#define SIZE	(16 * MIB)

static struct dr_balloon_info get(int fd)
{
	struct dr_balloon_info info = { .id = gm_id() };

	ASSERT_OK(ioctl(fd, DR_IOC_BALLOON, &info));
	return info;
}

static int ask(int fd, __u64 wanted)
{
	const struct dr_balloon_set set = { .id = gm_id(), .wanted = wanted };

	return ioctl(fd, DR_IOC_BALLOON_SET, &set);
}

static int report(int fd, __u32 flags, __u32 features, __u64 actual)
{
	struct dr_balloon_report r = {
		.flags = flags, .features = features, .id = gm_id(),
		.actual = actual,
	};

	for (int i = 0; i < DR_NR_BALLOON_STATS; i++)
		r.stats[i] = i == DR_BSTAT_OOM_KILLS ? DR_BALLOON_UNKNOWN :
						       1000U + i;
	return ioctl(fd, DR_IOC_BALLOON_REPORT, &r);
}

static const char *word(const char *attr)
{
	static char text[64];

	CHECK_EQ(read_text(gm_attr_path(NULL, attr), text, sizeof(text)), 0);
	text[strcspn(text, "\n")] = '\0';
	return text;
}

TEST(at_first)
{
	struct dr_balloon_info info;
	int fd, file;

	gm_need_denseram();
	fd = gm_device(O_RDONLY);
	file = gm_create("f", SIZE);
	info = get(fd);
	CHECK_EQ(info.state, DR_BALLOON_NONE);
	CHECK(info.wanted == DR_BALLOON_UNASKED);
	CHECK_EQ(info.actual, 0);
	CHECK_EQ(info.backed, 0);
	CHECK_EQ(info.nr_asked, 0);
	CHECK(info.report_ms == DR_BALLOON_UNKNOWN);
	CHECK(info.stats_ms == DR_BALLOON_UNKNOWN);
	for (int i = 0; i < DR_NR_BALLOON_STATS; i++)
		CHECK(info.stats[i] == DR_BALLOON_UNKNOWN);
	CHECK(!strcmp(word("balloon/state"), "none"));
	CHECK(!strcmp(word("balloon/wanted"), "none"));
	CHECK(!strcmp(word("balloon/report_ms"), "none"));
	close(file);
	close(fd);
}

TEST(wanted)
{
	int fd, file;

	gm_need_denseram();
	fd = gm_device(O_RDWR);
	CHECK_ERR(ask(fd, PAGE), ERANGE);	/* a guest of no memory */
	file = gm_create("f", SIZE);
	CHECK_OK(ask(fd, 4 * MIB));
	CHECK(get(fd).wanted == 4 * MIB);
	CHECK_EQ(gm_attr(NULL, "balloon/wanted"), 4 * MIB);
	CHECK_OK(ask(fd, SIZE));
	CHECK_ERR(ask(fd, SIZE + PAGE), ERANGE);
	CHECK_ERR(ask(fd, PAGE + 1), EINVAL);
	CHECK_ERR(ask(fd, ~0ULL - 1), EINVAL);
	CHECK_ERR(ask(fd, ~0ULL - PAGE + 1), ERANGE);
	CHECK(get(fd).wanted == SIZE);
	CHECK_EQ(get(fd).nr_asked, 2);
	CHECK_OK(ask(fd, DR_BALLOON_UNASKED));
	CHECK(get(fd).wanted == DR_BALLOON_UNASKED);
	close(file);
	close(fd);
}

TEST(wanted_by_sysfs)
{
	static const struct {
		const char *text;
		int err;
		__u64 value;
	} cases[] = {
		{ "8388608", 0, 8 * MIB },	{ "4M\n", 0, 4 * MIB },
		{ "0", 0, 0 },			{ "none", 0, ~0ULL },
		{ "", 0, ~0ULL },		{ "5", -EINVAL, ~0ULL },
		{ "-1", -EINVAL, ~0ULL },	{ "nonesuch", -EINVAL, ~0ULL },
		{ "17M", -ERANGE, ~0ULL },	{ "4M ", -EINVAL, ~0ULL },
		{ "18446744073709551615", -ERANGE, ~0ULL },
		{ "99999999999999999999", -ERANGE, ~0ULL },
	};
	int fd, file;

	gm_need_denseram();
	fd = gm_device(O_RDWR);
	file = gm_create("f", SIZE);
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		if (!cases[i].text[0])
			continue;
		CHECK_EQ(write_text(gm_attr_path(NULL, "balloon/wanted"),
				    cases[i].text), cases[i].err);
		CHECK(get(fd).wanted == cases[i].value);
	}
	close(file);
	close(fd);
}

TEST(bad_input)
{
	struct dr_balloon_info info = { .flags = 1 };
	struct dr_balloon_set set = { .pad = 1 };
	int fd, ro;

	gm_need_denseram();
	fd = gm_device(O_RDWR);
	ro = gm_device(O_RDONLY);
	info.id = gm_id();
	CHECK_ERR(ioctl(fd, DR_IOC_BALLOON, &info), EINVAL);
	info.flags = 0;
	info.id = ~0ULL;
	CHECK_ERR(ioctl(fd, DR_IOC_BALLOON, &info), ENOENT);
	CHECK_ERR(ioctl(fd, DR_IOC_BALLOON, NULL), EFAULT);
	set.id = gm_id();
	CHECK_ERR(ioctl(fd, DR_IOC_BALLOON_SET, &set), EINVAL);
	set.pad = 0;
	set.flags = 1;
	CHECK_ERR(ioctl(fd, DR_IOC_BALLOON_SET, &set), EINVAL);
	set.flags = 0;
	CHECK_ERR(ioctl(ro, DR_IOC_BALLOON_SET, &set), EBADF);
	set.id = ~0ULL;
	CHECK_ERR(ioctl(fd, DR_IOC_BALLOON_SET, &set), ENOENT);
	CHECK_ERR(report(ro, DR_REPORT_ALIVE, 0, 0), EBADF);
	CHECK_ERR(report(fd, 0, 0, 0), EINVAL);
	CHECK_ERR(report(fd, DR_REPORT_ALL + 1, 0, 0), EINVAL);
	CHECK_ERR(report(fd, DR_REPORT_ALL, ~0U, 0), EINVAL);
	CHECK_ERR(report(fd, DR_REPORT_ALL, 0, 1), EINVAL);
	CHECK_EQ(get(fd).state, DR_BALLOON_NONE);
	CHECK_EQ(get(fd).features, 0);
	close(ro);
	close(fd);
}

TEST(reports)
{
	const __u32 features = DR_BALLOON_DEVICE | DR_BALLOON_OOM;
	struct dr_balloon_info info;
	int fd, file;

	gm_need_denseram();
	fd = gm_device(O_RDWR);
	file = gm_create("f", SIZE);
	CHECK_OK(report(fd, DR_REPORT_ALIVE, ~0U, 1));
	info = get(fd);
	CHECK_EQ(info.state, DR_BALLOON_SETTLED);
	CHECK_EQ(info.features, 0);
	CHECK_RANGE(info.report_ms, 0, 60000);
	CHECK(info.stats_ms == DR_BALLOON_UNKNOWN);
	CHECK_OK(report(fd, DR_REPORT_ALL, features, 4 * MIB));
	info = get(fd);
	CHECK_EQ(info.features, features);
	CHECK_EQ(info.actual, 4 * MIB);
	CHECK_RANGE(info.stats_ms, 0, 60000);
	CHECK_EQ(info.stats[DR_BSTAT_FREE], 1000 + DR_BSTAT_FREE);
	CHECK_EQ(gm_attr(NULL, "balloon/device"), 1);
	CHECK_EQ(gm_attr(NULL, "balloon/driver"), 0);
	CHECK_EQ(gm_attr(NULL, "balloon/deflate_on_oom"), 1);
	CHECK_EQ(gm_attr(NULL, "balloon/reporting"), 0);
	CHECK_EQ(gm_attr(NULL, "balloon/guest_free"), 1000 + DR_BSTAT_FREE);
	CHECK(!strcmp(word("balloon/guest_oom_kills"), "none"));
	/* What is not named stays. */
	CHECK_OK(report(fd, DR_REPORT_FEATURES, DR_BALLOON_DEVICE, 8 * MIB));
	info = get(fd);
	CHECK_EQ(info.actual, 4 * MIB);
	CHECK_EQ(info.features, DR_BALLOON_DEVICE);
	close(file);
	close(fd);
}

/* A guest that claims to have given what it still uses gains nothing by it. */
TEST(lies)
{
	struct dr_balloon_info info;
	char *map;
	int fd, file;

	gm_need_denseram();
	fd = gm_device(O_RDWR);
	file = gm_create("f", SIZE);
	map = gm_map(file, SIZE);
	memset(map, 1, SIZE);
	CHECK_OK(report(fd, DR_REPORT_ACTUAL, 0, 12 * MIB));
	info = get(fd);
	CHECK_EQ(info.actual, 12 * MIB);
	CHECK_EQ(info.backed, 0);
	gm_punch(file, 0, 3 * MIB);
	CHECK_EQ(get(fd).backed, 3 * MIB);
	CHECK_EQ(gm_attr(NULL, "balloon/backed"), 3 * MIB);
	gm_punch(file, 0, SIZE);
	CHECK_EQ(get(fd).backed, 12 * MIB);
	/* More than it has. */
	CHECK_OK(report(fd, DR_REPORT_ACTUAL, 0, ~0ULL - PAGE + 1));
	info = get(fd);
	CHECK_EQ(info.actual, SIZE);
	CHECK_EQ(info.backed, SIZE);
	munmap(map, SIZE);
	close(file);
	close(fd);
}

static bool is_idle(void *fd)
{
	return get(*(int *)fd).state == DR_BALLOON_IDLE;
}

TEST(liveness)
{
	int fd, file;

	gm_need_denseram();
	fd = gm_device(O_RDWR);
	file = gm_create("f", SIZE);
	CHECK_OK(report(fd, DR_REPORT_ALL, DR_BALLOON_DEVICE, 0));
	CHECK_OK(ask(fd, 8 * MIB));
	CHECK_EQ(get(fd).state, DR_BALLOON_MOVING);
	CHECK(poll_until(is_idle, &fd, 10000));
	CHECK(!strcmp(word("balloon/state"), "idle"));
	CHECK_OK(report(fd, DR_REPORT_ACTUAL, 0, 6 * MIB));
	CHECK_EQ(get(fd).state, DR_BALLOON_MOVING);
	CHECK_OK(report(fd, DR_REPORT_ACTUAL, 0, 8 * MIB));
	CHECK_EQ(get(fd).state, DR_BALLOON_SETTLED);
	CHECK_OK(report(fd, DR_REPORT_ACTUAL, 0, 2 * MIB));
	CHECK_EQ(get(fd).state, DR_BALLOON_SHORT);
	CHECK_OK(ask(fd, 8 * MIB));
	CHECK_EQ(get(fd).state, DR_BALLOON_MOVING);
	close(file);
	close(fd);
}

/* Up to @room notices; without blocking. */
static int notices(int fd, struct dr_notice *n, size_t room)
{
	ssize_t len = read(fd, n, room * sizeof(*n));

	if (len < 0)
		return -errno;
	CHECK_EQ(len % sizeof(*n), 0);
	return len / sizeof(*n);
}

static bool readable(int fd)
{
	struct pollfd p = { .fd = fd, .events = POLLIN };

	return poll(&p, 1, 0) == 1 && p.revents & POLLIN;
}

/* Is there one of this kind about the test's guest? Reads all. */
static int count_of(int fd, __u32 kind)
{
	struct dr_notice n[7];
	int nr, count = 0;
	__u64 last = 0;

	while ((nr = notices(fd, n, ARRAY_SIZE(n))) > 0) {
		for (int i = 0; i < nr; i++) {
			CHECK(n[i].seq > last);
			CHECK_EQ(n[i].pad, 0);
			last = n[i].seq;
			count += n[i].kind == kind &&
				 (kind == DR_NOTICE_LIST || n[i].id == gm_id());
		}
	}
	CHECK_EQ(nr, -EAGAIN);
	return count;
}

TEST(notices_tell)
{
	int fd, file, late;

	gm_need_denseram();
	fd = gm_device(O_RDWR | O_NONBLOCK);
	file = gm_create("f", SIZE);
	CHECK(readable(fd));
	CHECK_EQ(count_of(fd, DR_NOTICE_LIST), 1);
	CHECK(!readable(fd));
	for (int i = 0; i < 100; i++)
		CHECK_OK(ask(fd, i % 2 * MIB));
	CHECK(readable(fd));
	/* A hundred changes that nobody read are one: the state is new. */
	CHECK_EQ(count_of(fd, DR_NOTICE_WANTED), 1);
	CHECK_OK(report(fd, DR_REPORT_ACTUAL, 0, MIB));
	CHECK_EQ(count_of(fd, DR_NOTICE_BALLOON), 1);
	/* Nothing new in it. */
	CHECK_OK(report(fd, DR_REPORT_ALL, 0, MIB));
	CHECK_EQ(count_of(fd, DR_NOTICE_BALLOON), 0);
	/* A refused request is none. */
	CHECK_ERR(ask(fd, SIZE + PAGE), ERANGE);
	CHECK(!readable(fd));
	/* Who comes later hears of all that has a state. */
	late = gm_device(O_RDONLY | O_NONBLOCK);
	CHECK_EQ(count_of(late, DR_NOTICE_WANTED), 1);
	close(late);
	close(file);
	close(fd);
}

TEST(notices_in_portions)
{
	struct dr_notice n[1];
	int fd, nr = 0, err;

	gm_need_denseram();
	fd = gm_device(O_RDWR | O_NONBLOCK);
	gm_create("f", SIZE);
	CHECK_OK(ask(fd, MIB));
	CHECK_OK(report(fd, DR_REPORT_ALIVE, 0, 0));
	CHECK_ERR(read(fd, n, sizeof(n) - 1), EINVAL);
	CHECK_ERR(read(fd, (void *)PAGE, sizeof(n)), EFAULT);
	while ((err = notices(fd, n, 1)) == 1)
		nr += n[0].kind == DR_NOTICE_LIST || n[0].id == gm_id();
	CHECK_EQ(err, -EAGAIN);
	CHECK(nr >= 3);
	close(fd);
}

static int ask_later(void *arg)
{
	sleep_ms(200);
	return ask(*(int *)arg, 2 * MIB);
}

TEST(notices_wake)
{
	struct dr_notice n[64];
	bool found = false;
	int fd, nr;
	pid_t pid;

	gm_need_denseram();
	fd = gm_device(O_RDWR);
	gm_create("f", SIZE);
	nr = notices(fd, n, ARRAY_SIZE(n));
	CHECK(nr > 0);
	pid = spawn(ask_later, &fd);
	while (!found) {
		nr = notices(fd, n, ARRAY_SIZE(n));
		ASSERT(nr > 0);
		for (int i = 0; i < nr; i++)
			found |= n[i].kind == DR_NOTICE_WANTED &&
				 n[i].id == gm_id();
	}
	CHECK_EQ(join(pid), 0);
	close(fd);
}

/* Many guests change while somebody reads, slowly: none is missed. */
TEST(notices_are_not_lost)
{
	enum { GUESTS = 80 };
	struct dr_guest_info info;
	struct dr_notice n[3];
	bool seen[GUESTS] = { false };
	__u64 ids[GUESTS];
	char name[600];
	int fd, nr, count = 0;

	gm_need_denseram();
	fd = gm_device(O_RDWR | O_NONBLOCK);
	for (int i = 0; i < GUESTS; i++) {
		snprintf(name, sizeof(name), "%s/../%s-%d", gm_dir, gm_name, i);
		ASSERT(mkdir(name, 0700) == 0);
		snprintf(name, sizeof(name), "%s-%d", gm_name, i);
		ASSERT_OK(gm_info(name, &info));
		ids[i] = info.id;
	}
	count_of(fd, DR_NOTICE_LIST);
	for (int turn = 0; turn < GUESTS; turn++) {
		struct dr_balloon_set set = { .id = ids[turn] };

		CHECK_OK(ioctl(fd, DR_IOC_BALLOON_SET, &set));
		/* One that was told of changes again. */
		set.id = ids[0];
		CHECK_OK(ioctl(fd, DR_IOC_BALLOON_SET, &set));
		if (turn % 3)
			continue;
		nr = notices(fd, n, ARRAY_SIZE(n));
		for (int i = 0; i < nr; i++)
			for (int j = 0; j < GUESTS; j++)
				seen[j] |= ids[j] == n[i].id;
	}
	while ((nr = notices(fd, n, ARRAY_SIZE(n))) > 0)
		for (int i = 0; i < nr; i++)
			for (int j = 0; j < GUESTS; j++)
				seen[j] |= ids[j] == n[i].id;
	for (int i = 0; i < GUESTS; i++) {
		count += seen[i];
		snprintf(name, sizeof(name), "%s/../%s-%d", gm_dir, gm_name, i);
		CHECK_EQ(rmdir(name), 0);
	}
	CHECK_EQ(count, GUESTS);
	close(fd);
}
