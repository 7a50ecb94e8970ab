// SPDX-License-Identifier: GPL-2.0-only
/*
 * Admission: what guests are promised adds up to the last byte, whatever they
 * do; what cannot be promised is refused with ENOSPC and one line, and changes
 * nothing; of two that want the last memory one gets it.
 *
 * Files are sparse: no memory is taken here, only promised. The rule itself is
 * tested in host/admit_test.c.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>

#include "lib/admit.h"
#include "lib/crew.h"
#include "lib/gmem.h"
#include "lib/swap.h"

/* The second guest, a file in the root: its path, and its name. */
static const char *second_path(void)
{
	static char path[300];

	snprintf(path, sizeof(path), "%s.b", gm_dir);
	return path;
}

static const char *second(void)
{
	return second_path() + strlen(gm_root) + 1;
}

static int create_second(void)
{
	int fd = open(second_path(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);

	ASSERT(fd >= 0);
	return fd;
}

static void drop_second(int fd)
{
	close(fd);
	CHECK_OK(unlink(second_path()));
	CHECK(gm_guest_gone(second()));
}

static __u64 size_of(int fd)
{
	struct stat st = { .st_size = 0 };

	CHECK_OK(fstat(fd, &st));
	return st.st_size;
}

/* A file of the test's guest that is promised all but so many bytes. */
static int take_all_but(__u64 room)
{
	int fd = gm_create("all", admit_too_much());

	ASSERT(admit_figure("room") > room);
	ASSERT_OK(admit_set(NULL, "min", admit_figure("room") - room));
	CHECK_EQ(admit_figure("room"), room);
	return fd;
}

TEST(promises_add_up)
{
	__u64 room;
	int fd;

	admit_begin();
	room = admit_figure("room");
	fd = gm_create("f", 64 * MIB);
	CHECK_EQ(admit_promised(), INDEX(64 * MIB));
	CHECK_OK(admit_set(NULL, "min", 16 * MIB));
	CHECK_EQ(admit_promised(), 16 * MIB + INDEX(64 * MIB));
	CHECK_EQ(admit_figure("room"), room - admit_promised());
	/* Two files are one guest. */
	close(gm_create("g", 8 * MIB));
	CHECK_EQ(admit_promised(), 16 * MIB + INDEX(72 * MIB));
	CHECK_OK(ftruncate(fd, 4 * MIB));
	CHECK_EQ(admit_promised(), 12 * MIB + INDEX(12 * MIB));
	close(fd);
	CHECK_OK(unlink(gm_path("f")));
	CHECK_EQ(admit_promised(), 8 * MIB + INDEX(8 * MIB));
	CHECK_OK(unlink(gm_path("g")));
	CHECK_EQ(admit_promised(), 0);
	CHECK_EQ(admit_figure("room"), room);
}

/* With the defaults only the index is promised: what came before still comes. */
TEST(defaults_let_all_come)
{
	int fds[8];

	admit_begin();
	CHECK_EQ(admit_figure("strict"), 0);
	for (int i = 0; i < 8; i++) {
		char name[16];

		snprintf(name, sizeof(name), "f%d", i);
		fds[i] = gm_create(name, admit_too_much());
	}
	CHECK_EQ(admit_promised(), INDEX(8 * admit_too_much()));
	for (int i = 0; i < 8; i++)
		close(fds[i]);
}

static int truncate_to(int fd, __u64 size)
{
	return ftruncate(fd, size);
}

static int allocate(int fd, __u64 size)
{
	return fallocate(fd, 0, 0, size);
}

static int write_at(int fd, __u64 offset)
{
	return pwrite(fd, "x", 1, offset) == 1 ? 0 : -1;
}

static int set_min(int fd, __u64 value)
{
	(void)fd;
	errno = -admit_set(NULL, "min", value);
	return errno ? -1 : 0;
}

static int set_pinned(int fd, __u64 value)
{
	(void)fd;
	errno = -admit_set(NULL, "pinned", value);
	return errno ? -1 : 0;
}

static int set_by_ioctl(int fd, __u64 min)
{
	struct dr_guest_set to = {
		.flags = DR_SET_MIN | DR_SET_SHARES, .id = gm_id(),
		.limits = { .min = min, .shares = 5 },
	};
	int dev = gm_device(O_RDWR), ret, err;

	(void)fd;
	ret = ioctl(dev, DR_IOC_GUEST_SET, &to);
	err = errno;
	close(dev);
	errno = err;
	return ret;
}

TEST(min_is_refused)
{
	static const char line[] = "new limits: its min does not fit";
	const struct admit_request requests[] = {
		{ set_min, -1, admit_too_much(), line },
		{ set_by_ioctl, -1, admit_too_much(), line },
	};
	__u64 room;
	int fd;

	admit_begin();
	fd = gm_create("f", admit_too_much());
	for (size_t i = 0; i < ARRAY_SIZE(requests); i++)
		admit_check_refused(&requests[i]);
	CHECK_EQ(gm_attr(NULL, "min"), 0);
	CHECK_EQ(gm_attr(NULL, "shares"), 1000);
	/* To the last byte. */
	room = admit_figure("room");
	CHECK_EQ(admit_set(NULL, "min", room + 1), -ENOSPC);
	CHECK_OK(admit_set(NULL, "min", room));
	CHECK_EQ(admit_figure("room"), 0);
	CHECK_EQ(admit_set(NULL, "min", room + 1), -ENOSPC);
	CHECK_EQ(gm_attr(NULL, "min"), room);
	CHECK_OK(admit_set(NULL, "min", room - 1));
	CHECK_EQ(admit_figure("room"), 1);
	close(fd);
}

/* Limits that come before the memory count from its first byte on. */
TEST(size_is_refused)
{
	char line[80];
	struct admit_request requests[] = {
		{ truncate_to, -1, admit_too_much(), line },
		{ allocate, -1, admit_too_much(), line },
		{ write_at, -1, admit_too_much() - 1, line },
	};
	int fd;

	admit_begin();
	fd = gm_create("f", 0);
	CHECK_OK(admit_set(NULL, "min", admit_too_much()));
	CHECK_EQ(admit_promised(), 0);
	snprintf(line, sizeof(line), "%llu MiB: its min does not fit",
		 admit_too_much() / MIB);
	for (size_t i = 0; i < ARRAY_SIZE(requests); i++) {
		requests[i].fd = fd;
		admit_check_refused(&requests[i]);
		CHECK_EQ(size_of(fd), 0);
	}
	CHECK_EQ(admit_promised(), 0);
	CHECK_OK(ftruncate(fd, MIB));
	CHECK_EQ(admit_promised(), MIB + INDEX(MIB));
	/* From within the file to beyond its end. */
	CHECK_ERR(ftruncate(fd, admit_too_much()), ENOSPC);
	CHECK_EQ(size_of(fd), MIB);
	CHECK_EQ(pwrite(fd, "x", 1, MIB - 1), 1);
	CHECK_EQ(admit_promised(), MIB + INDEX(MIB));
	close(fd);
}

/* Even without a min: an index that does not fit would have to be paged. */
TEST(index_is_refused)
{
	struct admit_request r = { .call = truncate_to };
	char line[80];

	admit_begin();
	r.fd = gm_create("f", 0);
	/* 32 TiB, with 64 GiB of index; no file is larger than 64 TiB. */
	r.value = 1ULL << 45;
	if (INDEX(r.value) <= admit_figure("room"))
		ktap_skip("a host of more than 64 GiB");
	snprintf(line, sizeof(line), "%llu MiB: the index of its pages does not fit",
		 r.value / MIB);
	r.line = line;
	admit_check_refused(&r);
	close(r.fd);
}

/* Appended to in small pieces, a file grows as far as it was promised. */
TEST(writes_grow_to_the_limit)
{
	char buf[3000] = "x", *nowhere;
	int all, fd;
	__u64 end;

	admit_begin();
	nowhere = mmap(NULL, PAGE, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1,
		       0);
	ASSERT(nowhere != MAP_FAILED);
	all = take_all_but(4 * MIB);
	fd = create_second();
	ASSERT_OK(admit_set(second(), "min", 64 * MIB));
	CHECK_EQ(pwrite(fd, buf, 1, 2 * MIB - 1), 1);
	CHECK_ERR(write_at(fd, 8 * MIB), ENOSPC);
	CHECK_EQ(size_of(fd), 2 * MIB);
	for (end = 2 * MIB; end < 5 * MIB; end += sizeof(buf))
		if (pwrite(fd, buf, sizeof(buf), end) != sizeof(buf))
			break;
	CHECK_EQ(errno, ENOSPC);
	CHECK_EQ(size_of(fd), end);
	/* Both its min and its index are counted. */
	CHECK_RANGE(end + INDEX(end), 4 * MIB - 4096, 4 * MIB);
	CHECK_EQ(admit_figure("room"), 4 * MIB - end - INDEX(end));
	/* A copy that fails on the way gives back what it was promised. */
	CHECK_ERR(pwrite(fd, nowhere, 1, end), EFAULT);
	CHECK_EQ(admit_figure("room"), 4 * MIB - end - INDEX(end));
	CHECK_OK(admit_set(NULL, "min", 0));
	CHECK_OK(write_at(fd, 8 * MIB));
	drop_second(fd);
	close(all);
}

/* An allocation that is promised and then fails is given back. */
TEST(failed_allocation_gives_back)
{
	int fd;

	admit_begin();
	gm_private_mounts();
	ASSERT_OK(mkdir("/mnt/a", 0755));
	ASSERT_OK(gm_mount("/mnt/a", "size=4m"));
	fd = open("/mnt/a/f", O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	ASSERT(fd >= 0);
	CHECK_ERR(fallocate(fd, 0, 0, 16 * MIB), ENOSPC);
	CHECK_EQ(size_of(fd), 0);
	CHECK_EQ(admit_promised(), 0);
	CHECK_OK(ftruncate(fd, 16 * MIB));
	CHECK_EQ(admit_promised(), INDEX(16 * MIB));
	close(fd);
}

/* Names do not matter: a file is promised until nobody has it any more. */
TEST(names_do_not_matter)
{
	const __u64 one = 8 * MIB + INDEX(8 * MIB);
	int fd;
	char *map;

	admit_begin();
	ASSERT_OK(admit_set(NULL, "min", 64 * MIB));
	fd = gm_create("f", 8 * MIB);
	close(gm_create("g", 8 * MIB));
	CHECK_EQ(admit_promised(), 2 * one);
	CHECK_ERR(link(gm_path("f"), gm_path("h")), EPERM);
	CHECK_OK(rename(gm_path("f"), gm_path("h")));
	CHECK_EQ(admit_promised(), 2 * one);
	CHECK_OK(rename(gm_path("h"), gm_path("g")));
	CHECK_EQ(admit_promised(), one);
	CHECK_OK(unlink(gm_path("g")));
	CHECK_EQ(admit_promised(), one);
	CHECK_OK(ftruncate(fd, 16 * MIB));
	CHECK_EQ(admit_promised(), 2 * one);
	map = gm_map(fd, MIB);
	close(fd);
	CHECK_EQ(admit_promised(), 2 * one);
	munmap(map, MIB);
	CHECK_EQ(admit_promised(), 0);
	/* A nameless one, and one that becomes another guest's name. */
	fd = open(gm_dir, O_RDWR | O_TMPFILE | O_CLOEXEC, 0600);
	ASSERT(fd >= 0);
	CHECK_OK(ftruncate(fd, 8 * MIB));
	CHECK_EQ(admit_promised(), one);
	close(fd);
	CHECK_EQ(admit_promised(), 0);
}

/* A guest's directory is gone, its file is open still. */
TEST(guest_without_a_directory)
{
	char dir[300], file[320];
	int fd;

	admit_begin();
	snprintf(dir, sizeof(dir), "%s.d", gm_dir);
	snprintf(file, sizeof(file), "%s/f", dir);
	ASSERT_OK(mkdir(dir, 0755));
	fd = open(file, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	ASSERT(fd >= 0);
	CHECK_OK(ftruncate(fd, 8 * MIB));
	CHECK_OK(unlink(file));
	CHECK_OK(rmdir(dir));
	CHECK_EQ(admit_promised(), INDEX(8 * MIB));
	CHECK_OK(ftruncate(fd, 16 * MIB));
	CHECK_EQ(admit_promised(), INDEX(16 * MIB));
	close(fd);
	CHECK_EQ(admit_promised(), 0);
}

/**
 * struct racer - a thread that wants the last memory
 * @start: all begin here
 * @fd: its file
 * @err: what it got: 0 or an errno
 */
struct racer {
	pthread_barrier_t *start;
	int fd;
	int err;
};

#define RACE_SIZE	(8 * MIB)
#define RACES		200

static void *race(void *arg)
{
	struct racer *racer = arg;

	for (int i = 0; i < RACES; i++) {
		pthread_barrier_wait(racer->start);
		racer->err = ftruncate(racer->fd, RACE_SIZE) ? errno : 0;
		pthread_barrier_wait(racer->start);
		/* The main thread looks. */
		pthread_barrier_wait(racer->start);
	}
	return NULL;
}

static void check_race(const struct racer *racers)
{
	int won = !racers[0].err ? 0 : 1;

	CHECK_EQ(racers[won].err, 0);
	CHECK_EQ(racers[!won].err, ENOSPC);
	CHECK_EQ(size_of(racers[won].fd), RACE_SIZE);
	CHECK_EQ(size_of(racers[!won].fd), 0);
	for (int i = 0; i < 2; i++)
		CHECK_OK(ftruncate(racers[i].fd, 0));
}

/* Room for one and a half: of two at once, one and no more comes. */
TEST(last_memory_goes_to_one)
{
	pthread_barrier_t start;
	struct racer racers[2];
	pthread_t threads[2];
	int all, wins = 0;
	char path[300];

	admit_begin();
	all = take_all_but(RACE_SIZE * 3 / 2);
	snprintf(path, sizeof(path), "%s.c", gm_dir);
	racers[0] = (struct racer){ &start, create_second(), 0 };
	racers[1] = (struct racer){ &start, open(path, O_RDWR | O_CREAT, 0600),
				    0 };
	ASSERT(racers[1].fd >= 0);
	ASSERT_OK(admit_set(second(), "min", 64 * MIB));
	ASSERT_OK(admit_set(path + strlen(gm_root) + 1, "min", 64 * MIB));
	pthread_barrier_init(&start, NULL, 3);
	for (int i = 0; i < 2; i++)
		ASSERT(!pthread_create(&threads[i], NULL, race, &racers[i]));
	for (int i = 0; i < RACES; i++) {
		pthread_barrier_wait(&start);
		pthread_barrier_wait(&start);
		wins += !racers[0].err;
		check_race(racers);
		pthread_barrier_wait(&start);
	}
	for (int i = 0; i < 2; i++)
		pthread_join(threads[i], NULL);
	ktap_diag("the first won %d of %d", wins, RACES);
	close(racers[1].fd);
	CHECK_OK(unlink(path));
	drop_second(racers[0].fd);
	close(all);
}

TEST(pinned)
{
	struct admit_request r = { .call = set_pinned, .value = 1 };
	int fd;

	admit_begin();
	fd = gm_create("f", 16 * MIB);
	r.fd = fd;
	CHECK_EQ(gm_attr(NULL, "pinned"), 0);
	CHECK_OK(admit_set(NULL, "pinned", 1));
	CHECK_EQ(gm_attr(NULL, "pinned"), 1);
	CHECK_EQ(admit_promised(), 16 * MIB + INDEX(16 * MIB));
	/* Its max is all it can have, pinned or not. */
	CHECK_OK(admit_set(NULL, "max", 4 * MIB));
	CHECK_EQ(admit_promised(), 4 * MIB + INDEX(16 * MIB));
	CHECK_OK(admit_set(NULL, "max", 0));
	CHECK_OK(admit_set(NULL, "pinned", 0));
	CHECK_EQ(admit_promised(), INDEX(16 * MIB));
	CHECK_EQ(admit_set(NULL, "pinned", 2), -ERANGE);
	CHECK_EQ(admit_set(NULL, "pinned", 1ULL << 32), -ERANGE);
	CHECK_EQ(write_text(gm_attr_path(NULL, "pinned"), "on"), -EINVAL);
	CHECK_EQ(gm_attr(NULL, "pinned"), 0);
	ASSERT_OK(ftruncate(fd, admit_too_much()));
	r.line = "new limits: it is pinned, and does not fit";
	admit_check_refused(&r);
	CHECK_EQ(gm_attr(NULL, "pinned"), 0);
	CHECK_EQ(gm_attr(NULL, "min"), 0);
	close(fd);
}

TEST(knobs)
{
	static const char *const files[] = {
		"strict", "promised", "room", "swap_promised", "refused",
	};
	struct dr_admission_status s = { .flags = 1 };
	char path[128];
	struct stat st;
	int dev, fd;

	admit_begin();
	fd = gm_create("f", 64 * MIB);
	for (size_t i = 0; i < ARRAY_SIZE(files); i++) {
		snprintf(path, sizeof(path), SYSFS "/admission/%s", files[i]);
		ASSERT_OK(stat(path, &st));
		CHECK_EQ(st.st_mode & 0777, i ? 0444 : 0644);
	}
	CHECK_EQ(admit_set_strict("2"), -EINVAL);
	CHECK_EQ(admit_set_strict("yes"), -EINVAL);
	dev = gm_device(O_RDONLY);
	CHECK_ERR(ioctl(dev, DR_IOC_ADMISSION, &s), EINVAL);
	s.flags = 0;
	ASSERT_OK(ioctl(dev, DR_IOC_ADMISSION, &s));
	CHECK_EQ(s.strict, 0);
	CHECK_EQ(s.promised, admit_figure("promised"));
	CHECK_EQ(s.room, admit_figure("room"));
	CHECK_EQ(s.swap, swap_figure("areas_size"));
	CHECK_EQ(s.swap_promised, admit_figure("swap_promised"));
	CHECK_EQ(s.refused, admit_figure("refused"));
	close(dev);
	close(fd);
}

static struct crew crew;
static const char *shared;

/* Sizes up and down, by all who may change them. */
static void *resize(void *arg)
{
	struct rng rng = { opts.seed + (unsigned long)arg };
	char buf[2 * PAGE] = "x";
	int fd;

	while (crew_goes_on(&crew)) {
		__u64 size = rng_below(&rng, 4 * MIB);

		fd = open(shared, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
		if (fd < 0)
			continue;
		if (rng_below(&rng, 2))
			CHECK(!ftruncate(fd, size) || errno == ENOSPC);
		else if (rng_below(&rng, 2))
			CHECK(pwrite(fd, buf, sizeof(buf), size) > 0 ||
			      errno == ENOSPC);
		else
			CHECK(!fallocate(fd, 0, size, PAGE) ||
			      errno == ENOSPC);
		if (!rng_below(&rng, 8))
			unlink(shared);
		close(fd);
	}
	return NULL;
}

static void *set_limits(void *arg)
{
	struct rng rng = { opts.seed + (unsigned long)arg };
	int err;

	while (crew_goes_on(&crew)) {
		err = rng_below(&rng, 2) ?
		      admit_set(NULL, "min", rng_below(&rng, 4 * MIB)) :
		      admit_set(NULL, "pinned", rng_below(&rng, 2));
		CHECK(!err || err == -ENOSPC);
		admit_set_strict(rng_below(&rng, 8) ? "0" : "1");
		admit_figure("room");
	}
	return NULL;
}

TEST(all_at_once)
{
	int all;

	admit_begin();
	shared = gm_path("shared");
	all = create_second();
	ASSERT_OK(ftruncate(all, admit_too_much()));
	ASSERT_OK(admit_set(second(), "min", admit_figure("room") - 3 * MIB));
	for (unsigned long i = 0; i < 4; i++)
		crew_add(&crew, resize, (void *)i);
	crew_add(&crew, set_limits, (void *)4UL);
	crew_work(&crew, opts.secs * 1000);
	CHECK_OK(admit_set_strict("0"));
	CHECK(admit_figure("room") <= 3 * MIB);
	drop_second(all);
	unlink(shared);
	CHECK_EQ(admit_promised(), 0);
}
