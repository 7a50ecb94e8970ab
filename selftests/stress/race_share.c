// SPDX-License-Identifier: GPL-2.0-only
/*
 * Pages are shared and broken up all the time, while everything else that can
 * happen to them does. Guests of two owners write pages drawn from a few
 * contents, so that each of them has copies everywhere. An owner finds exactly
 * what it wrote last: by its mapping, by read(2), on a disk, in a pipe, in a
 * child. And no page is ever shared by two trust domains.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <sys/wait.h>

#include "../lib/crew.h"
#include "../lib/disk.h"
#include "../lib/gmem.h"
#include "../lib/module.h"
#include "../lib/share.h"

#define RW		(PROT_READ | PROT_WRITE)
#define NR_GUESTS	4
#define NR_WRITERS	3		/* threads of a guest */
#define NR_CONTENTS	10
#define OTHER_OWNER	12345

/* A content: number of a pattern, 0 for zeros, and a byte set in it. */
#define MARK_AT		1234
#define MARK_SHIFT	8

/**
 * struct guest - a guest, and the process that is its VMM
 * @dir: its directory
 * @name: its name
 * @id: its number
 * @owner: who owns it
 * @mode: its mode of sharing
 * @fd: its file
 * @pid: the process
 */
struct guest {
	char dir[280];
	const char *name;
	__u64 id;
	unsigned int owner;
	unsigned int mode;
	int fd;
	pid_t pid;
};

/**
 * struct arena - what all processes of a test have in common
 * @stop: set to end them
 * @pause: set to have the writers stand still
 * @paused: how many do
 * @ops: things done to pages
 * @size: of a guest's file
 * @skew: of its mappings; 0 for blocks
 * @disk: a disk
 * @guests: the guests
 */
static struct arena {
	int stop;
	int pause;
	int paused;
	unsigned long ops;
	size_t size;
	size_t skew;
	int disk;
	struct guest guests[NR_GUESTS];
} *arena;

/**
 * struct writer - a thread that owns every NR_WRITERS-th page of a file
 * @guest: the guest
 * @nr: number within the guest
 * @serial: number in the whole test
 * @rng: its random numbers
 * @map: its own mapping of the file
 * @contents: what its pages hold; 0 for pages of others
 * @pipes: where it splices a page to
 * @spliced: the page in the pipe, or -1
 * @before: content of that page then
 * @after: content that it was given once since then
 */
struct writer {
	struct guest *guest;
	unsigned int nr;
	unsigned int serial;
	struct rng rng;
	char *map;
	unsigned int *contents;
	int pipes[2];
	long spliced;
	unsigned int before;
	unsigned int after;
};

static int goes_on(void)
{
	return !__atomic_load_n(&arena->stop, __ATOMIC_ACQUIRE) &&
	       !ktap_failed();
}

static size_t nr_pages(void)
{
	return arena->size / PAGE;
}

static void fill(char *page, unsigned int content)
{
	unsigned int pattern = content & ((1 << MARK_SHIFT) - 1);

	if (pattern)
		pat_fill(page, PAGE, 0, pattern);
	else
		memset(page, 0, PAGE);
	if (content >> MARK_SHIFT)
		page[MARK_AT] = content >> MARK_SHIFT;
}

static bool holds(const char *page, unsigned int content)
{
	char want[PAGE];

	fill(want, content);
	return !memcmp(page, want, PAGE);
}

/* A page of this writer that is not in its pipe. */
static size_t own_page(struct writer *w)
{
	size_t page;

	do
		page = rng_below(&w->rng, nr_pages() / NR_WRITERS) *
		       NR_WRITERS + w->nr;
	while ((long)page == w->spliced);
	return page;
}

static unsigned int new_content(struct writer *w)
{
	return rng_below(&w->rng, NR_CONTENTS);
}

static void check_map(struct writer *w, size_t page)
{
	CHECK(holds(w->map + page * PAGE, w->contents[page]));
}

static void op_read(struct writer *w, size_t page)
{
	char got[PAGE];

	check_map(w, page);
	ASSERT(pread(w->guest->fd, got, PAGE, page * PAGE) == (ssize_t)PAGE);
	CHECK(holds(got, w->contents[page]));
}

static void op_write(struct writer *w, size_t page)
{
	w->contents[page] = new_content(w);
	fill(w->map + page * PAGE, w->contents[page]);
}

/* One byte: the rest of the page is what it was. */
static void op_mark(struct writer *w, size_t page)
{
	unsigned int mark = 1 + rng_below(&w->rng, 3);
	unsigned int pattern = w->contents[page] & ((1 << MARK_SHIFT) - 1);

	w->contents[page] = pattern | mark << MARK_SHIFT;
	set_byte(w->map + page * PAGE + MARK_AT, mark);
}

static void op_pwrite(struct writer *w, size_t page)
{
	char buf[PAGE];

	w->contents[page] = new_content(w);
	fill(buf, w->contents[page]);
	ASSERT(pwrite(w->guest->fd, buf, PAGE, page * PAGE) == (ssize_t)PAGE);
}

static void op_punch(struct writer *w, size_t page)
{
	gm_punch(w->guest->fd, page * PAGE, PAGE);
	w->contents[page] = 0;
}

/* Out to the disk, straight from the page. */
static void op_disk_out(struct writer *w, size_t page)
{
	char *buf = disk_buffer(PAGE);

	ASSERT(pwrite(arena->disk, w->map + page * PAGE, PAGE,
		      w->serial * PAGE) == (ssize_t)PAGE);
	ASSERT(pread(arena->disk, buf, PAGE, w->serial * PAGE) ==
	       (ssize_t)PAGE);
	CHECK(holds(buf, w->contents[page]));
	munmap(buf, PAGE);
}

static void op_disk_in(struct writer *w, size_t page)
{
	char *buf = disk_buffer(PAGE);

	w->contents[page] = new_content(w);
	fill(buf, w->contents[page]);
	ASSERT(pwrite(arena->disk, buf, PAGE, w->serial * PAGE) ==
	       (ssize_t)PAGE);
	ASSERT(pread(arena->disk, w->map + page * PAGE, PAGE,
		     w->serial * PAGE) == (ssize_t)PAGE);
	munmap(buf, PAGE);
}

/*
 * What comes out of the pipe is the page as it was, or as its owner made it
 * since: never what others make of a page that was shared with it.
 */
static void drain_pipe(struct writer *w)
{
	char got[PAGE];

	ASSERT(read(w->pipes[0], got, PAGE) == (ssize_t)PAGE);
	CHECK(holds(got, w->before) || holds(got, w->after));
	w->spliced = -1;
}

static void op_splice(struct writer *w, size_t page)
{
	struct iovec iov = { w->map + page * PAGE, PAGE };

	if (w->spliced >= 0) {
		drain_pipe(w);
		return;
	}
	ASSERT(vmsplice(w->pipes[1], &iov, 1, 0) == (ssize_t)PAGE);
	w->before = w->contents[page];
	if (rng_below(&w->rng, 2))
		op_write(w, page);
	w->after = w->contents[page];
	w->spliced = page;
}

static void op_remap(struct writer *w, size_t page)
{
	char *to;

	(void)page;
	if (rng_below(&w->rng, 2)) {
		munmap(w->map, arena->size);
		w->map = gm_map_skew(w->guest->fd, arena->size, 0, RW,
				     arena->skew);
		return;
	}
	to = gm_map_skew(w->guest->fd, arena->size, 0, RW, arena->skew);
	to = mremap(w->map, arena->size, arena->size,
		    MREMAP_MAYMOVE | MREMAP_FIXED, to);
	ASSERT(to != MAP_FAILED);
	w->map = to;
}

/* A child reads what is there and leaves something behind. */
static void op_fork(struct writer *w, size_t page)
{
	unsigned int content = new_content(w);
	pid_t pid = fork();

	if (!pid) {
		check_map(w, page);
		fill(w->map + page * PAGE, content);
		if (content & 1)
			kill(getpid(), SIGKILL);
		_exit(0);
	}
	ASSERT(pid > 0);
	waitpid(pid, NULL, 0);
	w->contents[page] = content;
}

/* A file that comes, shrinks, grows and goes. */
static void op_short_life(struct writer *w, size_t page)
{
	const size_t nr = 24, cut = 7;
	unsigned int content = new_content(w);
	char path[320], *map;
	int fd;

	(void)page;
	snprintf(path, sizeof(path), "%s/t%u", w->guest->dir, w->nr);
	fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	ASSERT(fd >= 0);
	ASSERT_OK(ftruncate(fd, nr * PAGE));
	map = gm_map(fd, nr * PAGE);
	for (size_t i = 0; i < nr; i++)
		fill(map + i * PAGE, (content + i) % NR_CONTENTS);
	sleep_ms(rng_below(&w->rng, 300));
	for (size_t i = 0; i < nr; i++)
		CHECK(holds(map + i * PAGE, (content + i) % NR_CONTENTS));
	ASSERT_OK(ftruncate(fd, cut * PAGE));
	ASSERT_OK(ftruncate(fd, nr * PAGE));
	ASSERT_OK(unlink(path));
	close(fd);
	for (size_t i = 0; i < nr; i++)
		CHECK(holds(map + i * PAGE,
			    i < cut ? (content + i) % NR_CONTENTS : 0));
	munmap(map, nr * PAGE);
}

static const struct {
	void (*run)(struct writer *w, size_t page);
	unsigned int weight;
} ops[] = {
	{ op_read, 30 },	{ op_write, 20 },	{ op_mark, 12 },
	{ op_pwrite, 8 },	{ op_punch, 4 },	{ op_disk_out, 6 },
	{ op_disk_in, 6 },	{ op_splice, 8 },	{ op_remap, 2 },
	{ op_fork, 2 },		{ op_short_life, 2 },
};

static void random_op(struct writer *w)
{
	unsigned int pick = rng_below(&w->rng, 100), i = 0;

	while (pick >= ops[i].weight)
		pick -= ops[i++].weight;
	ops[i].run(w, own_page(w));
	__atomic_add_fetch(&arena->ops, 1, __ATOMIC_RELAXED);
}

static void stand_still(void)
{
	__atomic_add_fetch(&arena->paused, 1, __ATOMIC_ACQ_REL);
	while (__atomic_load_n(&arena->pause, __ATOMIC_ACQUIRE) && goes_on())
		sleep_ms(1);
	__atomic_sub_fetch(&arena->paused, 1, __ATOMIC_ACQ_REL);
}

static void *write_pages(void *arg)
{
	struct writer *w = arg;

	w->map = gm_map_skew(w->guest->fd, arena->size, 0, RW, arena->skew);
	w->contents = calloc(nr_pages(), sizeof(*w->contents));
	w->spliced = -1;
	ASSERT(w->contents && !pipe(w->pipes));
	while (goes_on()) {
		random_op(w);
		if (__atomic_load_n(&arena->pause, __ATOMIC_ACQUIRE))
			stand_still();
	}
	if (w->spliced >= 0)
		drain_pipe(w);
	for (size_t page = w->nr; page < nr_pages(); page += NR_WRITERS)
		op_read(w, page);
	return NULL;
}

/* A VMM: its threads work on its memory until the end. */
static int run_guest(void *arg)
{
	unsigned int nr = (struct guest *)arg - arena->guests;
	struct writer writers[NR_WRITERS] = {};
	pthread_t threads[NR_WRITERS];

	/* A test that is killed must not leave anybody. */
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	for (unsigned int i = 0; i < NR_WRITERS; i++) {
		unsigned int serial = nr * NR_WRITERS + i;

		writers[i] = (struct writer){
			.guest = arg, .nr = i, .serial = serial,
			.rng = { opts.seed + serial },
		};
		ASSERT(!pthread_create(&threads[i], NULL, write_pages,
				       &writers[i]));
	}
	for (unsigned int i = 0; i < NR_WRITERS; i++)
		pthread_join(threads[i], NULL);
	return 0;
}

static void guest_open(struct guest *g, unsigned int nr)
{
	struct dr_guest_info info;
	char path[320];

	if (nr)
		snprintf(g->dir, sizeof(g->dir), "%s.%u", gm_dir, nr);
	else
		snprintf(g->dir, sizeof(g->dir), "%s", gm_dir);
	g->name = strrchr(g->dir, '/') + 1;
	ASSERT(!nr || !mkdir(g->dir, 0755));
	g->mode = DR_SHARE_DOMAIN;
	ASSERT_OK(share_mode(g->name, "domain"));
	snprintf(path, sizeof(path), "%s/f", g->dir);
	g->fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	ASSERT(g->fd >= 0);
	ASSERT_OK(ftruncate(g->fd, arena->size));
	ASSERT_OK(gm_info(g->name, &info));
	g->id = info.id;
}

static void guest_close(struct guest *g)
{
	char path[320];

	snprintf(path, sizeof(path), "%s/f", g->dir);
	CHECK_OK(unlink(path));
	close(g->fd);
	if (g != arena->guests)
		CHECK_OK(rmdir(g->dir));
}

static void expect_unshared(const struct guest *g)
{
	unsigned int count;
	__u64 *pages = share_list(g->id, &count);

	CHECK_EQ(count, 0);
	free(pages);
}

static void change_mode(struct guest *g, unsigned int mode)
{
	static const char *const names[] = {
		[DR_SHARE_OFF] = "off", [DR_SHARE_GUEST] = "guest",
		[DR_SHARE_DOMAIN] = "domain", [DR_SHARE_ALL] = "all",
	};

	ASSERT_OK(share_mode(g->name, names[mode]));
	g->mode = mode;
	if (mode == DR_SHARE_OFF)
		expect_unshared(g);
}

static void change_owner(struct guest *g)
{
	unsigned int owner = g->owner ? 0 : OTHER_OWNER;

	ASSERT_OK(chown(g->dir, owner, 0));
	g->owner = owner;
}

static void set_migrating(const struct guest *g, unsigned int on)
{
	struct dr_guest_vmm vmm = {
		.flags = DR_VMM_MIGRATING, .id = g->id, .migrating = on,
	};
	int dev = gm_device(O_RDWR);

	ASSERT_OK(ioctl(dev, DR_IOC_GUEST_VMM, &vmm));
	close(dev);
}

/* Do two guests belong to one trust domain? */
static bool may_share(const struct guest *a, const struct guest *b)
{
	return a->mode == b->mode &&
	       (a->mode == DR_SHARE_ALL ||
		(a->mode == DR_SHARE_DOMAIN && a->owner == b->owner));
}

static unsigned int common(const struct guest *a, const struct guest *b)
{
	unsigned int nr_a, nr_b, found = 0;
	__u64 *pages_a = share_list(a->id, &nr_a);
	__u64 *pages_b = share_list(b->id, &nr_b);

	for (unsigned int i = 0; i < nr_a; i++)
		for (unsigned int j = 0; j < nr_b && !found; j++)
			found = pages_a[i] == pages_b[j];
	free(pages_a);
	free(pages_b);
	return found;
}

/*
 * With the writers still no page is allocated, so no shared page can have been
 * another one a moment ago: what two guests have in common they share.
 */
static void check_domains(void)
{
	for (unsigned int i = 0; i < NR_GUESTS; i++)
		for (unsigned int j = 0; j < i; j++)
			if (!may_share(&arena->guests[i], &arena->guests[j]))
				CHECK_EQ(common(&arena->guests[i],
						&arena->guests[j]), 0);
}

static bool all_paused(void *arg)
{
	(void)arg;
	return __atomic_load_n(&arena->paused, __ATOMIC_ACQUIRE) ==
	       NR_GUESTS * NR_WRITERS || ktap_failed();
}

static void quiet_moment(void)
{
	__atomic_store_n(&arena->pause, 1, __ATOMIC_RELEASE);
	CHECK(poll_until(all_paused, NULL, 30000));
	check_domains();
	__atomic_store_n(&arena->pause, 0, __ATOMIC_RELEASE);
}

static void turn_knob(struct rng *rng)
{
	static const char *const gains[] = { "1", "10", "50", "100" };

	switch (rng_below(rng, 4)) {
	case 0:
		share_set("block_gain", gains[rng_below(rng, 4)]);
		break;
	case 1:
		share_set("enabled", "0");
		sleep_ms(rng_below(rng, 50));
		share_set("enabled", "1");
		break;
	default:
		/* Starts a pass over everything at once. */
		share_set("interval", "1");
		break;
	}
}

/* The administrator, who cannot make up his mind. */
static void administer(struct rng *rng)
{
	struct guest *g = &arena->guests[rng_below(rng, NR_GUESTS)];
	unsigned int on = rng_below(rng, 2);

	switch (rng_below(rng, 12)) {
	case 0:
		change_mode(g, rng_below(rng, DR_NR_SHARE_MODES));
		break;
	case 1:
		change_owner(g);
		break;
	case 2:
		set_migrating(g, 1);
		sleep_ms(rng_below(rng, 50));
		set_migrating(g, 0);
		break;
	case 3:
		ASSERT_OK(write_text(gm_attr_path(g->name, "scan"),
				     on ? "1" : "0"));
		break;
	case 4:
		quiet_moment();
		break;
	default:
		turn_knob(rng);
		break;
	}
}

struct did {
	__u64 merges;
	__u64 breaks;
	__u64 claims;
};

static struct did done_so_far(void)
{
	return (struct did){
		share_event("share_merge"), share_event("share_break"),
		share_event("share_claim"),
	};
}

static bool enough(const struct did *was)
{
	struct did now = done_so_far();

	return now.merges > was->merges + 1000 &&
	       now.breaks > was->breaks + 100 && now.claims > was->claims;
}

/* For the time given, and then on until what this is about has happened. */
static void administer_all(const struct did *was)
{
	struct rng rng = { opts.seed ^ 0xadU };
	__u64 end = now_ms() + opts.secs * 1000, limit = end + 90000;

	while (!ktap_failed() && now_ms() < limit &&
	       (now_ms() < end || !enough(was))) {
		administer(&rng);
		sleep_ms(rng_below(&rng, 30));
		for (unsigned int i = 0; i < NR_GUESTS; i++)
			if (rng_below(&rng, 2))
				write_text(gm_attr_path(arena->guests[i].name,
							"scan"), "1");
	}
	quiet_moment();
	__atomic_store_n(&arena->stop, 1, __ATOMIC_RELEASE);
}

static void arena_open(size_t size, size_t skew)
{
	arena = mmap(NULL, sizeof(*arena), RW, MAP_SHARED | MAP_ANONYMOUS, -1,
		     0);
	ASSERT(arena != MAP_FAILED);
	arena->size = size;
	arena->skew = skew;
	arena->disk = disk_open();
	share_set("budget", "100");
	share_set("budget_fast", "100");
	share_set("block_gain", "1");
	share_set("interval", "1");
	share_set("enabled", "1");
	for (unsigned int i = 0; i < NR_GUESTS; i++)
		guest_open(&arena->guests[i], i);
}

static void arena_close(void)
{
	share_set("enabled", "0");
	for (unsigned int i = 0; i < NR_GUESTS; i++)
		guest_close(&arena->guests[i]);
	CHECK(share_ends());
	share_usual();
}

static void race(size_t size, size_t skew)
{
	struct did was, now;

	gm_need_denseram();
	arena_open(size, skew);
	was = done_so_far();
	for (unsigned int i = 0; i < NR_GUESTS; i++)
		arena->guests[i].pid = spawn(run_guest, &arena->guests[i]);
	administer_all(&was);
	for (unsigned int i = 0; i < NR_GUESTS; i++)
		CHECK_EQ(join(arena->guests[i].pid), 0);
	now = done_so_far();
	ktap_diag("%lu operations, %llu merges, %llu breaks, %llu claims",
		  arena->ops, now.merges - was.merges,
		  now.breaks - was.breaks, now.claims - was.claims);
	CHECK(now.merges > was.merges);
	CHECK(now.breaks > was.breaks);
	CHECK(now.claims > was.claims);
	gm_check_recount();
	arena_close();
}

TEST_SECS(pages, 300)
{
	race(96 * PAGE, PAGE);
}

TEST_SECS(tables, 300)
{
	race(2 * BLOCK, PAGE);
}

TEST_SECS(blocks, 300)
{
	race(2 * BLOCK, 0);
}

static int race_in_tables(void *arg)
{
	(void)arg;
	race(2 * BLOCK, PAGE);
	return 0;
}

/*
 * More than one scanner at work, on files of each other's guests. The disk's
 * mount namespace, which has a mount of denseram too, ends with the child.
 */
TEST_SECS(two_scanners, 400)
{
	gm_need_denseram();
	module_reload("scanners_per_node=2");
	CHECK_EQ(in_child(race_in_tables, NULL), 0);
	module_reload("");
}
