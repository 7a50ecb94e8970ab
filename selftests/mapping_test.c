// SPDX-License-Identifier: GPL-2.0-only
/*
 * Mappings: what mmap(2) refuses, and every way to change, share, copy, look
 * into and take apart a mapping of guest RAM.
 */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <linux/userfaultfd.h>

#include "lib/gmem.h"

#define RW	(PROT_READ | PROT_WRITE)

#ifndef MADV_COLD
#define MADV_COLD	20
#define MADV_PAGEOUT	21
#endif
#ifndef MADV_HWPOISON
#define MADV_HWPOISON	100
#endif
#ifndef MADV_SOFT_OFFLINE
#define MADV_SOFT_OFFLINE 101
#endif
#ifndef MADV_COLLAPSE
#define MADV_COLLAPSE	25
#endif

static void check_no_map(int fd, int prot, int flags, int err)
{
	char *map = mmap(NULL, PAGE, prot, flags, fd, 0);
	int got = map == MAP_FAILED ? errno : 0;

	if (!CHECK_EQ(got, err))
		ktap_diag("with prot %#x, flags %#x", prot, flags);
	if (map != MAP_FAILED)
		munmap(map, PAGE);
}

TEST(private_refused)
{
	int fd;

	gm_need_denseram();
	fd = gm_create("f", BLOCK);
	check_no_map(fd, RW, MAP_PRIVATE, EINVAL);
	check_no_map(fd, PROT_READ, MAP_PRIVATE, EINVAL);
	check_no_map(fd, PROT_NONE, MAP_PRIVATE, EINVAL);
	check_no_map(fd, RW, MAP_SHARED_VALIDATE, 0);
	check_no_map(fd, RW, MAP_SHARED_VALIDATE | MAP_SYNC, EOPNOTSUPP);
	close(fd);
}

TEST(exec_refused)
{
	char *map;
	int fd;

	gm_need_denseram();
	fd = gm_create("f", BLOCK);
	check_no_map(fd, PROT_READ | PROT_EXEC, MAP_SHARED, EPERM);
	check_no_map(fd, RW | PROT_EXEC, MAP_SHARED, EPERM);
	map = gm_map(fd, BLOCK);
	CHECK_ERR(mprotect(map, BLOCK, PROT_READ | PROT_EXEC), EACCES);
	CHECK_ERR(mprotect(map, PAGE, PROT_EXEC), EACCES);
	CHECK_OK(mprotect(map, BLOCK, PROT_READ));
	CHECK_ERR(mprotect(map, BLOCK, RW | PROT_EXEC), EACCES);
	close(fd);
}

TEST(map_limits)
{
	int fd = gm_create("f", BLOCK);

	CHECK(mmap(NULL, 0, RW, MAP_SHARED, fd, 0) == MAP_FAILED &&
	      errno == EINVAL);
	CHECK(mmap(NULL, PAGE, RW, MAP_SHARED, fd, 100) == MAP_FAILED &&
	      errno == EINVAL);
	close(fd);
}

TEST(read_only_descriptor)
{
	int fd = gm_create("f", BLOCK), ro = open(gm_path("f"), O_RDONLY);
	char *map;

	ASSERT(ro >= 0);
	gm_pwrite_pattern(fd, BLOCK, 0, 1);
	check_no_map(ro, RW, MAP_SHARED, EACCES);
	map = mmap(NULL, BLOCK, PROT_READ, MAP_SHARED, ro, 0);
	ASSERT(map != MAP_FAILED);
	CHECK_EQ(pat_bad(map, BLOCK, 0, 1), -1);
	CHECK_ERR(mprotect(map, BLOCK, RW), EACCES);
	CHECK_EQ(try_write(map, 1), SIGSEGV);
	CHECK_EQ(pat_bad(map, BLOCK, 0, 1), -1);
	close(ro);
	close(fd);
}

TEST(protection_changes)
{
	const size_t size = 2 * BLOCK;
	int fd = gm_create("f", size);
	char *map = gm_map(fd, size);

	pat_fill(map, size, 0, 1);
	ASSERT_OK(mprotect(map, size, PROT_READ));
	CHECK_EQ(try_write(map + 5, 1), SIGSEGV);
	ASSERT_OK(mprotect(map + 3 * PAGE, PAGE, PROT_NONE));
	CHECK_EQ(try_read(map + 3 * PAGE), SIGSEGV);
	CHECK_EQ(try_read(map + 4 * PAGE), 0);
	ASSERT_OK(mprotect(map, size, RW));
	CHECK_EQ(pat_bad(map, size, 0, 1), -1);
	pat_fill(map, size, 0, 2);
	CHECK_EQ(gm_pread_bad(fd, size, 0, 2), -1);
	close(fd);
}

/* Holes read through a read-only mapping, then made writable. */
TEST(read_only_then_writable)
{
	const size_t size = 2 * BLOCK;
	int fd = gm_create("f", size);
	char *map = gm_map_skew(fd, size, 0, PROT_READ, 0);

	CHECK_EQ(zero_bad(map, size), -1);
	ASSERT_OK(mprotect(map, size, RW));
	for (size_t at = 0; at < size; at += 3 * PAGE)
		pat_fill(map + at, 100, at, 1);
	for (size_t at = 0; at < size; at += 3 * PAGE) {
		CHECK_EQ(pat_bad(map + at, 100, at, 1), -1);
		CHECK_EQ(zero_bad(map + at + 100, PAGE - 100), -1);
	}
	close(fd);
}

static int check_and_answer(void *arg)
{
	char *map = arg;

	if (pat_bad(map, 2 * BLOCK, 0, 1) >= 0)
		return 1;
	pat_fill(map, 2 * BLOCK, 0, 2);
	return 0;
}

TEST(fork_shares)
{
	const size_t size = 2 * BLOCK;
	int fd = gm_create("f", size);
	char *map = gm_map(fd, size);

	pat_fill(map, size, 0, 1);
	CHECK_EQ(in_child(check_and_answer, map), 0);
	CHECK_EQ(pat_bad(map, size, 0, 2), -1);
	close(fd);
}

static int other_process(void *arg)
{
	int fd = open(gm_path("f"), O_RDWR);
	char *map;

	(void)arg;
	if (fd < 0)
		return 2;
	map = gm_map_skew(fd, 2 * BLOCK, 0, RW, PAGE);
	close(fd);
	return check_and_answer(map);
}

TEST(two_processes_one_file)
{
	const size_t size = 2 * BLOCK;
	int fd = gm_create("f", size);
	char *map = gm_map(fd, size);

	pat_fill(map, size, 0, 1);
	CHECK_EQ(in_child(other_process, NULL), 0);
	CHECK_EQ(pat_bad(map, size, 0, 2), -1);
	/* The other way round: the child touches first. */
	gm_punch(fd, 0, size);
	pat_fill(map, 3 * PAGE, 0, 1);
	gm_pwrite_pattern(fd, size, 0, 1);
	CHECK_EQ(in_child(other_process, NULL), 0);
	CHECK_EQ(pat_bad(map, size, 0, 2), -1);
	close(fd);
}

/* Both processes touch the same pages at once; each owns half of each. */
static int touch_odd_halves(void *arg)
{
	char *map = arg;

	for (size_t at = 0; at < 8 * BLOCK; at += PAGE)
		pat_fill(map + at + PAGE / 2, PAGE / 2, at + PAGE / 2, 1);
	return 0;
}

TEST(two_processes_fault_together)
{
	const size_t size = 8 * BLOCK;
	int fd = gm_create("f", size);
	char *map = gm_map(fd, size);
	pid_t pid = spawn(touch_odd_halves, map);

	for (size_t at = 0; at < size; at += PAGE)
		pat_fill(map + at, PAGE / 2, at, 1);
	CHECK_EQ(join(pid), 0);
	CHECK_EQ(pat_bad(map, size, 0, 1), -1);
	close(fd);
}

TEST(dontfork)
{
	int fd = gm_create("f", BLOCK);
	char *map = gm_map(fd, BLOCK);

	set_byte(map, 1);
	ASSERT_OK(madvise(map, BLOCK, MADV_DONTFORK));
	CHECK_EQ(in_child((int (*)(void *))try_read, map), SIGSEGV);
	CHECK_OK(madvise(map, BLOCK, MADV_DOFORK));
	CHECK_EQ(in_child((int (*)(void *))try_read, map), 0);
	close(fd);
}

TEST(mremap_moves)
{
	const size_t size = 3 * BLOCK;
	int fd = gm_create("f", size);
	char *map = gm_map(fd, size), *moved, *place;

	pat_fill(map, size, 0, 1);
	place = mmap(NULL, size + BLOCK, PROT_NONE,
		     MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	ASSERT(place != MAP_FAILED);
	/* To a place where 2 MiB entries do not fit, and back. */
	place += PAGE + (BLOCK - (unsigned long)place % BLOCK) % BLOCK;
	moved = mremap(map, size, size, MREMAP_MAYMOVE | MREMAP_FIXED, place);
	ASSERT(moved == place);
	CHECK_EQ(pat_bad(moved, size, 0, 1), -1);
	pat_fill(moved, size, 0, 2);
	moved = mremap(moved, size, size, MREMAP_MAYMOVE | MREMAP_FIXED, map);
	ASSERT(moved == map);
	CHECK_EQ(pat_bad(moved, size, 0, 2), -1);
	CHECK_EQ(gm_pread_bad(fd, size, 0, 2), -1);
	close(fd);
}

TEST(mremap_resizes)
{
	const size_t size = 4 * BLOCK;
	int fd = gm_create("f", size);
	char *map = gm_map(fd, BLOCK);

	pat_fill(map, BLOCK, 0, 1);
	map = mremap(map, BLOCK, 6 * BLOCK, MREMAP_MAYMOVE);
	ASSERT(map != MAP_FAILED);
	CHECK_EQ(pat_bad(map, BLOCK, 0, 1), -1);
	CHECK_EQ(zero_bad(map + BLOCK, 3 * BLOCK), -1);
	pat_fill(map, size, 0, 2);
	CHECK_EQ(try_read(map + size), SIGBUS);
	map = mremap(map, 6 * BLOCK, BLOCK + 5 * PAGE, 0);
	ASSERT(map != MAP_FAILED);
	CHECK_EQ(pat_bad(map, BLOCK + 5 * PAGE, 0, 2), -1);
	CHECK_EQ(gm_pread_bad(fd, size, 0, 2), -1);
	close(fd);
}

/* Part of a block moves away, the other part stays. */
TEST(mremap_part)
{
	const size_t size = 2 * BLOCK, part = 100 * PAGE;
	int fd = gm_create("f", size);
	char *map = gm_map(fd, size), *moved;

	pat_fill(map, size, 0, 1);
	moved = mmap(NULL, part, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	ASSERT(moved != MAP_FAILED);
	moved = mremap(map + BLOCK - 50 * PAGE, part, part,
		       MREMAP_MAYMOVE | MREMAP_FIXED, moved);
	ASSERT(moved != MAP_FAILED);
	CHECK_EQ(pat_bad(moved, part, BLOCK - 50 * PAGE, 1), -1);
	CHECK_EQ(pat_bad(map, BLOCK - 50 * PAGE, 0, 1), -1);
	CHECK_EQ(try_read(map + BLOCK), SIGSEGV);
	set_byte(moved + 50 * PAGE, 77);
	CHECK_EQ(pread(fd, moved, 1, BLOCK), 1);
	CHECK_EQ(get_byte(moved), 77);
	close(fd);
}

TEST(mremap_dontunmap)
{
	const size_t size = 2 * BLOCK;
	int fd = gm_create("f", size);
	char *map = gm_map(fd, size), *moved;

	pat_fill(map, size, 0, 1);
	moved = mremap(map, size, size, MREMAP_MAYMOVE | MREMAP_DONTUNMAP,
		       NULL);
	ASSERT(moved != MAP_FAILED);
	CHECK_EQ(pat_bad(moved, size, 0, 1), -1);
	/* The old mapping stays, and finds the same bytes by new faults. */
	CHECK_EQ(pat_bad(map, size, 0, 1), -1);
	set_byte(map + BLOCK, 7);
	CHECK_EQ(get_byte(moved + BLOCK), 7);
	close(fd);
}

TEST(remap_file_pages)
{
	const size_t size = 4 * PAGE;
	int fd = gm_create("f", size);
	char *map = mmap(NULL, size, RW, MAP_SHARED, fd, 0);

	ASSERT(map != MAP_FAILED);
	pat_fill(map, size, 0, 1);
	ASSERT_OK(remap_file_pages(map, PAGE, 0, 3, 0));
	CHECK_EQ(pat_bad(map, PAGE, 3 * PAGE, 1), -1);
	CHECK_EQ(pat_bad(map + PAGE, 3 * PAGE, PAGE, 1), -1);
	close(fd);
}

TEST(munmap_parts)
{
	const size_t size = 3 * BLOCK;
	int fd = gm_create("f", size);
	char *map = gm_map(fd, size);

	pat_fill(map, size, 0, 1);
	ASSERT_OK(munmap(map + 10 * PAGE, PAGE));
	ASSERT_OK(munmap(map + BLOCK - PAGE, BLOCK + 2 * PAGE));
	CHECK_EQ(try_read(map + 10 * PAGE), SIGSEGV);
	CHECK_EQ(try_read(map + BLOCK), SIGSEGV);
	CHECK_EQ(pat_bad(map, 10 * PAGE, 0, 1), -1);
	CHECK_EQ(pat_bad(map + 11 * PAGE, BLOCK - 12 * PAGE, 11 * PAGE, 1), -1);
	CHECK_EQ(pat_bad(map + 2 * BLOCK + PAGE, BLOCK - PAGE,
			 2 * BLOCK + PAGE, 1), -1);
	CHECK_EQ(gm_pread_bad(fd, size, 0, 1), -1);
	/* The gap filled again by another window on the same file. */
	ASSERT(mmap(map + BLOCK - PAGE, BLOCK + 2 * PAGE, RW,
		    MAP_SHARED | MAP_FIXED, fd, BLOCK - PAGE) != MAP_FAILED);
	CHECK_EQ(pat_bad(map + BLOCK, BLOCK, BLOCK, 1), -1);
	close(fd);
}

TEST(dontneed_keeps_data)
{
	const size_t size = 2 * BLOCK;
	int fd = gm_create("f", size);
	char *map = gm_map(fd, size);

	pat_fill(map, size, 0, 1);
	ASSERT_OK(madvise(map + 5 * PAGE, 10 * PAGE, MADV_DONTNEED));
	CHECK_EQ(pat_bad(map, size, 0, 1), -1);
	ASSERT_OK(madvise(map, size, MADV_DONTNEED));
	CHECK_EQ(smaps_kb(map, "Rss"), 0);
	CHECK_EQ(pat_bad(map, size, 0, 1), -1);
	close(fd);
}

TEST(remove_drops_data)
{
	const size_t size = 2 * BLOCK;
	int fd = gm_create("f", size);
	char *map = gm_map(fd, size);

	pat_fill(map, size, 0, 1);
	ASSERT_OK(madvise(map + 5 * PAGE, 10 * PAGE, MADV_REMOVE));
	CHECK_EQ(pat_bad(map, 5 * PAGE, 0, 1), -1);
	CHECK_EQ(zero_bad(map + 5 * PAGE, 10 * PAGE), -1);
	CHECK_EQ(pat_bad(map + 15 * PAGE, size - 15 * PAGE, 15 * PAGE, 1), -1);
	ASSERT_OK(madvise(map, size, MADV_REMOVE));
	CHECK_EQ(zero_bad(map, size), -1);
	if (gm_is_denseram()) {
		munmap(map, size);
		ASSERT_OK(fallocate(fd, PUNCH, 0, size));
		CHECK_EQ(gm_usage().resident, 0);
	}
	close(fd);
}

/* Advice meant for page cache and anonymous memory does no harm here. */
TEST(other_advice_is_harmless)
{
	static const int advice[] = {
		MADV_COLD, MADV_PAGEOUT, MADV_WILLNEED, MADV_SEQUENTIAL,
		MADV_RANDOM, MADV_NORMAL, MADV_HUGEPAGE, MADV_NOHUGEPAGE,
		MADV_DONTDUMP, MADV_DODUMP, MADV_MERGEABLE, MADV_UNMERGEABLE,
		MADV_FREE, MADV_COLLAPSE,
	};
	const size_t size = 2 * BLOCK;
	int fd = gm_create("f", size);
	char *map = gm_map(fd, size);

	for (size_t i = 0; i < ARRAY_SIZE(advice); i++) {
		pat_fill(map, size, 0, i);
		if (madvise(map, size, advice[i]) && errno != EINVAL &&
		    errno != EAGAIN && errno != EBUSY)
			CHECK_EQ(errno, EINVAL);
		CHECK_EQ(pat_bad(map, size, 0, i), -1);
	}
	CHECK_ERR(madvise(map, size, MADV_FREE), EINVAL);
	close(fd);
}

/* The host wants a page's frame back: it gets it or it does not, no more. */
TEST(soft_offline)
{
	const size_t size = 2 * BLOCK;
	char *map;
	int fd;

	gm_need_denseram();
	fd = gm_create("f", size);
	map = gm_map(fd, size);
	pat_fill(map, size, 0, 1);
	if (madvise(map + 7 * PAGE, PAGE, MADV_SOFT_OFFLINE))
		ktap_diag("soft offline: %s", strerror(errno));
	CHECK_EQ(pat_bad(map, size, 0, 1), -1);
	gm_punch(fd, 0, size);
	CHECK_EQ(zero_bad(map, size), -1);
	close(fd);
}

static void check_rest(int fd, const char *map, size_t size, size_t at)
{
	CHECK_EQ(pat_bad(map, at, 0, 1), -1);
	CHECK_EQ(pat_bad(map + at + PAGE, size - at - PAGE, at + PAGE, 1), -1);
	CHECK_EQ(gm_pread_bad(fd, at, 0, 1), -1);
}

/*
 * A page of the host's memory is broken. Whoever maps it anew gets SIGBUS, the
 * pages around it stay, and it never comes back as fresh memory.
 */
static void poison(size_t skew)
{
	const size_t size = 2 * BLOCK, at = 7 * PAGE;
	int fd = gm_create("f", size);
	char *map = gm_map_skew(fd, size, 0, RW, skew);

	pat_fill(map, size, 0, 1);
	if (madvise(map + at, PAGE, MADV_HWPOISON))
		ktap_diag("MADV_HWPOISON: %s", strerror(errno));
	munmap(map, size);
	map = gm_map_skew(fd, size, 0, RW, skew);
	CHECK_EQ(try_read(map + at), SIGBUS);
	check_rest(fd, map, size, at);
	gm_punch(fd, 0, size);
	CHECK_EQ(zero_bad(map, size), -1);
	munmap(map, size);
	close(fd);
	ASSERT_OK(unlink(gm_path("f")));
}

TEST(memory_failure)
{
	gm_need_denseram();
	if (!getenv("LAB"))
		ktap_skip("breaks host memory: only in the lab host");
	if (access("/proc/sys/vm/memory_failure_recovery", F_OK))
		ktap_skip("kernel without memory failure handling");
	poison(PAGE);
}

TEST(proc_self_mem)
{
	const size_t size = 2 * BLOCK;
	int fd = gm_create("f", size), mem = open("/proc/self/mem", O_RDWR);
	char *map = gm_map(fd, size);

	ASSERT(mem >= 0);
	pat_fill(map, BLOCK, 0, 1);
	for (size_t at = 0; at < BLOCK; at += BLOCK / 8) {
		char buf[100];

		CHECK_EQ(pread(mem, buf, 100, (unsigned long)map + at), 100);
		CHECK_EQ(pat_bad(buf, 100, at, 1), -1);
	}
	/* Writing, the second block for the first time. */
	CHECK_EQ(pwrite(mem, "abc", 3, (unsigned long)map + BLOCK + 7), 3);
	CHECK(memcmp(map + BLOCK + 7, "abc", 3) == 0);
	CHECK_EQ(get_byte(map + BLOCK + 6), 0);
	close(mem);
	close(fd);
}

TEST(process_vm_access)
{
	const size_t size = BLOCK;
	int fd = gm_create("f", 2 * BLOCK);
	char *map = gm_map(fd, 2 * BLOCK), *copy = malloc(size);
	struct iovec local = { copy, size }, remote = { map, size };

	ASSERT(copy);
	pat_fill(map, size, 0, 1);
	CHECK_EQ(process_vm_readv(getpid(), &local, 1, &remote, 1, 0), size);
	CHECK_EQ(pat_bad(copy, size, 0, 1), -1);
	pat_fill(copy, size, 0, 2);
	remote.iov_base = map + BLOCK;
	CHECK_EQ(process_vm_writev(getpid(), &local, 1, &remote, 1, 0), size);
	CHECK_EQ(pat_bad(map + BLOCK, size, 0, 2), -1);
	CHECK_EQ(gm_pread_bad(fd, size, 0, 1), -1);
	close(fd);
}

static __u64 pagemap_of(int fd, const void *addr)
{
	__u64 entry = 0;

	CHECK_EQ(pread(fd, &entry, 8, (unsigned long)addr / PAGE * 8), 8);
	return entry;
}

TEST(pagemap)
{
	int fd = gm_create("f", 2 * BLOCK);
	int pagemap = open("/proc/self/pagemap", O_RDONLY);
	char *map = gm_map(fd, 2 * BLOCK);
	__u64 present = 1ULL << 63, pfn = (1ULL << 55) - 1;

	ASSERT(pagemap >= 0);
	CHECK(!(pagemap_of(pagemap, map) & present));
	set_byte(map, 1);
	CHECK(pagemap_of(pagemap, map) & present);
	CHECK(pagemap_of(pagemap, map) & pfn);
	gm_punch(fd, 0, BLOCK);
	CHECK(!(pagemap_of(pagemap, map) & present));
	close(pagemap);
	close(fd);
}

TEST(mincore)
{
	int fd = gm_create("f", 2 * BLOCK);
	char *map = gm_map(fd, 2 * BLOCK);
	unsigned char vec[2 * PAGES_A_BLOCK];

	set_byte(map + BLOCK, 1);
	CHECK_OK(mincore(map, 2 * BLOCK, vec));
	CHECK(vec[PAGES_A_BLOCK] & 1);
	close(fd);
}

TEST(userfaultfd_refused)
{
	int fd, uffd = syscall(SYS_userfaultfd, O_CLOEXEC | O_NONBLOCK);
	struct uffdio_api api = { .api = UFFD_API };
	struct uffdio_register reg = {
		.mode = UFFDIO_REGISTER_MODE_MISSING,
	};

	gm_need_denseram();
	if (uffd < 0)
		ktap_skip("no userfaultfd: %s", strerror(errno));
	fd = gm_create("f", BLOCK);
	ASSERT_OK(ioctl(uffd, UFFDIO_API, &api));
	reg.range.start = (unsigned long)gm_map(fd, BLOCK);
	reg.range.len = BLOCK;
	CHECK_ERR(ioctl(uffd, UFFDIO_REGISTER, &reg), EINVAL);
	close(uffd);
	close(fd);
}

/* The mapping outlives descriptor, name and directory. */
TEST(mapping_outlives_all)
{
	const size_t size = 2 * BLOCK;
	int fd = gm_create("f", size);
	char *map = gm_map(fd, size);

	pat_fill(map, BLOCK, 0, 1);
	close(fd);
	ASSERT_OK(unlink(gm_path("f")));
	ASSERT_OK(rmdir(gm_dir));
	CHECK_EQ(pat_bad(map, BLOCK, 0, 1), -1);
	pat_fill(map + BLOCK, BLOCK, BLOCK, 1);
	CHECK_EQ(pat_bad(map, size, 0, 1), -1);
	munmap(map, size);
	if (gm_is_denseram())
		CHECK(gm_guest_gone(gm_name));
}
