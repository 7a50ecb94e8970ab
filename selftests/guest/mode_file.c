// SPDX-License-Identifier: GPL-2.0-only
/*
 * file: read and rewrite random chunks of a disk with O_DIRECT, straight
 * into random places of the arena, and check every byte.
 *
 * What was read stays in the arena and is checked again later, as all memory
 * is. Page p of the disk holds the pattern (KIND_DISK, id p, version of its
 * chunk); disk_make() writes version 0.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include "workload.h"

struct disk {
	int fd;
	size_t pages;		/* of a chunk */
	size_t chunks;		/* of this worker: numbers index + n * threads */
	uint32_t *ver;
};

static struct desc disk_desc(size_t page, uint32_t ver)
{
	return (struct desc) { .id = page, .ver = ver, .kind = KIND_DISK };
}

int disk_make(const char *path, uint64_t mib, uint64_t dseed, enum kind kind)
{
	size_t page, pages = mib * MIB / UNIT_PAGE;
	static uint64_t buf[MIB / sizeof(uint64_t)];
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
	const size_t batch = sizeof(buf) / UNIT_PAGE;

	if (fd < 0)
		return -1;
	for (page = 0; page < pages; page++) {
		struct desc d = { .id = page, .kind = kind };

		pattern_fill(buf + page % batch * (UNIT_PAGE / 8),
			     UNIT_PAGE / 8, d, dseed);
		if ((page + 1) % batch == 0 &&
		    write(fd, buf, sizeof(buf)) != sizeof(buf))
			break;
	}
	return close(fd) || page < pages ? -1 : 0;
}

static int disk_open(struct disk *disk, const struct options *opt)
{
	off_t size;

	disk->fd = open(opt->disk, O_RDWR | O_DIRECT | O_CLOEXEC);
	if (disk->fd < 0)
		return -1;
	size = lseek(disk->fd, 0, SEEK_END);
	disk->pages = opt->chunk_kib * 1024 / UNIT_PAGE;
	if (size <= 0 || !disk->pages)
		return -1;
	disk->chunks = size / UNIT_PAGE / disk->pages / opt->threads;
	disk->ver = calloc(disk->chunks, sizeof(*disk->ver));
	return disk->chunks && disk->ver ? 0 : -1;
}

static int file_setup(struct worker *w)
{
	struct disk *disk = calloc(1, sizeof(*disk));

	if (!disk || disk_open(disk, w->opt) || w->arena.nr < disk->pages) {
		report_error("cannot use the disk");
		return -1;
	}
	w->priv = disk;
	fill_plain(w, KIND_UNIQUE);
	return 0;
}

static void read_chunk(struct worker *w, size_t at, size_t page, uint32_t ver)
{
	struct disk *disk = w->priv;
	size_t i, bytes = disk->pages * UNIT_PAGE;

	/* Garbage first, so that a read that moves nothing is found */
	for (i = 0; i < disk->pages; i++)
		((uint64_t *)arena_at(&w->arena, at + i))[1] = ~0ull;
	if (pread(disk->fd, arena_at(&w->arena, at), bytes,
		  (off_t)page * UNIT_PAGE) != (ssize_t)bytes)
		report_error("short read of the disk");
	for (i = 0; i < disk->pages; i++) {
		w->arena.desc[at + i] = disk_desc(page + i, ver);
		arena_check(w, at + i);
	}
}

static void write_chunk(struct worker *w, size_t at, size_t page, uint32_t ver)
{
	struct disk *disk = w->priv;
	size_t i, bytes = disk->pages * UNIT_PAGE;

	for (i = 0; i < disk->pages; i++)
		arena_write(w, at + i, disk_desc(page + i, ver));
	if (pwrite(disk->fd, arena_at(&w->arena, at), bytes,
		   (off_t)page * UNIT_PAGE) != (ssize_t)bytes)
		report_error("short write of the disk");
}

static unsigned int file_step(struct worker *w)
{
	struct disk *disk = w->priv;
	size_t chunk = rng_next(&w->rng) % disk->chunks;
	size_t page = (chunk * w->opt->threads + w->index) * disk->pages;
	size_t at = rng_next(&w->rng) % (w->arena.nr - disk->pages + 1);

	if (rng_next(&w->rng) % 100 < w->opt->write)
		write_chunk(w, at, page, ++disk->ver[chunk]);
	else
		read_chunk(w, at, page, disk->ver[chunk]);
	return 1;
}

const struct mode mode_file = {
	.name = "file",
	.setup = file_setup,
	.step = file_step,
	.verify = 5,
};
