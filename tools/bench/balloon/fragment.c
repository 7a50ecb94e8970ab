// SPDX-License-Identifier: GPL-2.0-only
/*
 * Leave no free block in a guest: fill most of its free memory with pages, give
 * back seven of eight, and keep the others until killed. fragment PERCENT
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define PAGE	4096ul
#define KEEP	8

static size_t free_bytes(void)
{
	char line[128];
	size_t kib = 0;
	FILE *f = fopen("/proc/meminfo", "r");

	while (f && fgets(line, sizeof(line), f))
		if (sscanf(line, "MemFree: %zu kB", &kib) == 1)
			break;
	if (f)
		fclose(f);
	return kib * 1024;
}

int main(int argc, char **argv)
{
	size_t bytes, i;
	char *mem;

	if (argc != 2)
		return 2;
	bytes = free_bytes() / 100 * strtoul(argv[1], NULL, 10) & ~(PAGE - 1);
	mem = mmap(NULL, bytes, PROT_READ | PROT_WRITE,
		   MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (mem == MAP_FAILED)
		return 1;
	madvise(mem, bytes, MADV_NOHUGEPAGE);
	for (i = 0; i < bytes; i += PAGE)
		mem[i] = 1;
	/* What stays is not moved, either. */
	for (i = 0; i < bytes; i += KEEP * PAGE)
		mlock(mem + i, PAGE);
	for (i = 0; i < bytes; i += KEEP * PAGE)
		madvise(mem + i + PAGE, (KEEP - 1) * PAGE, MADV_DONTNEED);
	puts("ready");
	fflush(stdout);
	for (;;)
		pause();
}
