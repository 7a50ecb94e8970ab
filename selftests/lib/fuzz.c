// SPDX-License-Identifier: GPL-2.0-only
/* See fuzz.h. */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "fuzz.h"
#include "gmem.h"
#include "swap.h"

/* The last one that user space knows: what is beyond is the kernel's own. */
#define ERRNO_LAST	EHWPOISON

#define FUZZ_AREA	(4 * MIB)

/* What could be a swap area. */
static void make_area(void)
{
	char *zeros = calloc(1, FUZZ_AREA);
	int fd = open("/mnt/area", O_RDWR | O_CREAT | O_CLOEXEC, 0600);

	ASSERT(zeros && fd >= 0);
	ASSERT(write(fd, zeros, FUZZ_AREA) == (ssize_t)FUZZ_AREA);
	free(zeros);
	close(fd);
}

void fuzz_begin(void)
{
	char name[32];

	gm_need_denseram();
	gm_private_mounts();
	/* Of leases that are broken. */
	signal(SIGIO, SIG_IGN);
	make_area();
	for (int i = 0; i < FUZZ_FILES; i++) {
		snprintf(name, sizeof(name), "f%d", i);
		close(gm_create(name, FUZZ_FILE_SIZE));
	}
	fuzz_knobs_save();
}

void fuzz_end(void)
{
	fuzz_knobs_restore();
	swap_rm_all();
}

__u64 fuzz_number(struct rng *rng)
{
	static const __u64 borders[] = {
		0, 1, 2, 3, 16, 99, 100, 101, 255, 256, 257, 511, 512, 1000,
		PAGE - 1, PAGE, PAGE + 1, 65535, 65536, 65537, 1000000, 1000001,
		BLOCK - 1, BLOCK, BLOCK + PAGE, 0x7fffffff, 0x80000000,
		0xffffffff, 0x100000000, 1ULL << 40, 1ULL << 52, 1ULL << 62,
		0x7fffffffffffffff, 1ULL << 63, ~0ULL - PAGE, ~0ULL - 1, ~0ULL,
	};

	switch (rng_below(rng, 8)) {
	case 0:
		return rng_next(rng);
	case 1:
		return 1ULL << rng_below(rng, 64);
	case 2:
		return rng_below(rng, 64) * PAGE;
	case 3:
		return rng_below(rng, 8);
	default:
		return borders[rng_below(rng, ARRAY_SIZE(borders))];
	}
}

/* One piece of a text; @room is more than any takes. */
static size_t add_piece(struct rng *rng, const char *const *words, size_t nr,
			char *text, size_t room)
{
	static const char units[] = "kKmMgGtTpP%, \t\n=";

	switch (rng_below(rng, 8)) {
	case 0:
	case 1:
		return snprintf(text, room, "%llu", fuzz_number(rng));
	case 2:
		text[0] = units[rng_below(rng, sizeof(units) - 1)];
		return 1;
	case 3:
		text[0] = (char)rng_next(rng);
		return 1;
	case 4:
		return snprintf(text, room, "%lld", fuzz_number(rng));
	case 5:
		return snprintf(text, room, "%#llx", fuzz_number(rng));
	default:
		return snprintf(text, room, "%s", words[rng_below(rng, nr)]);
	}
}

/* As long as a page, or longer. */
static size_t long_text(struct rng *rng, char *text)
{
	static const char bytes[] = "10 \n-mx,";
	size_t len = PAGE - 2 + rng_below(rng, 5);

	if (fuzz_chance(rng, 20))
		len = rng_below(rng, FUZZ_TEXT - 1);
	memset(text, bytes[rng_below(rng, sizeof(bytes) - 1)], len);
	if (len && fuzz_chance(rng, 50))
		text[0] = '1';
	text[len] = '\0';
	return len;
}

size_t fuzz_text(struct rng *rng, const char *const *words, size_t nr,
		 char *text)
{
	size_t len = 0, pieces = rng_below(rng, 5);

	if (fuzz_chance(rng, 3))
		return long_text(rng, text);
	/* Often just one word, or one number with its unit. */
	if (fuzz_chance(rng, 50))
		pieces = 1 + rng_below(rng, 2);
	while (pieces--)
		len += add_piece(rng, words, nr, text + len, 64);
	if (len && fuzz_chance(rng, 10))
		text[rng_below(rng, len)] ^= (char)(1 << rng_below(rng, 8));
	if (fuzz_chance(rng, 30))
		text[len++] = '\n';
	text[len] = '\0';
	return len;
}

static bool may_give(const int *errnos, int err)
{
	if (!errnos)
		return err > 0 && err <= ERRNO_LAST;
	for (; *errnos; errnos++) {
		if (*errnos == err)
			return true;
	}
	return false;
}

bool fuzz_note(struct fuzz *f, const char *what, long ret, const int *errnos)
{
	int err = errno;

	f->calls++;
	if (ret != -1)
		return false;
	f->refused++;
	if (!CHECK(may_give(errnos, err)))
		ktap_diag("seed %llu, thread %u: %s gives errno %d (%s)",
			  opts.seed, f->nr, what, err, strerror(err));
	return true;
}
