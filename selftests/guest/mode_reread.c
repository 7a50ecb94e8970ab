// SPDX-License-Identifier: GPL-2.0-only
/*
 * reread: read a file from its beginning to its end, again and again, and check
 * every byte. The file is a whole disk, in the guest's page cache once it was
 * read, and nobody writes to it.
 *
 * It is mapped, not read(): so the guest writes to next to no page of its own
 * while it reads, neither to a buffer nor to the page cache's book-keeping, and
 * what its host writes to a swap area meanwhile was clean.
 */
#include <fcntl.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "workload.h"

#define BATCH	16

struct image {
	const unsigned char *mem;
	size_t first, nr;	/* pages of this worker */
	size_t next;
};

static int image_map(struct worker *w, struct image *im)
{
	int fd = open(w->opt->disk, O_RDONLY | O_CLOEXEC);
	off_t size = fd < 0 ? 0 : lseek(fd, 0, SEEK_END);

	im->nr = size > 0 ? size / UNIT_PAGE / w->opt->threads : 0;
	if (!im->nr)
		return -1;
	im->first = w->index * im->nr;
	im->mem = mmap(NULL, size, PROT_READ, MAP_SHARED, fd, 0);
	close(fd);
	return im->mem == MAP_FAILED ? -1 : 0;
}

static void check_next(struct worker *w, struct image *im)
{
	size_t page = im->first + im->next;
	struct desc d = {
		.id = page,
		.kind = w->opt->text ? KIND_TEXT : KIND_DISK,
	};
	const uint64_t *unit = (const void *)(im->mem + page * UNIT_PAGE);
	long word = pattern_check(unit, UNIT_PAGE / 8, d, w->opt->dseed);

	w->verified += UNIT_PAGE;
	if (word >= 0) {
		struct pattern p = pattern_of(d, w->opt->dseed);

		report_bad(unit, d, word * 8, pattern_word(&p, word), unit);
	}
	im->next = (im->next + 1) % im->nr;
}

static int reread_setup(struct worker *w)
{
	struct image *im = calloc(1, sizeof(*im));
	size_t i;

	if (!im || image_map(w, im)) {
		report_error("cannot map the disk");
		return -1;
	}
	w->priv = im;
	fill_plain(w, unique_kind(w->opt));
	for (i = 0; i < im->nr; i++)
		check_next(w, im);
	return 0;
}

static unsigned int reread_step(struct worker *w)
{
	unsigned int n;

	latency_begin(w);
	for (n = 0; n < BATCH; n++) {
		check_next(w, w->priv);
		latency_note(w);
	}
	return BATCH;
}

const struct mode mode_reread = {
	.name = "reread",
	.setup = reread_setup,
	.step = reread_step,
	.verify = 0,
};
