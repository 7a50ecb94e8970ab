// SPDX-License-Identifier: GPL-2.0-only
/*
 * Not a test: takes memory for those that want to see what happens then.
 *
 *   oom_victim KIB	take so much, page by page, and hold it
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define PAGE	4096UL
#define STEP	256	/* pages between two pauses */

int main(int argc, char **argv)
{
	size_t bytes = argc == 2 ? strtoul(argv[1], NULL, 0) * 1024 : 0;
	char *mem;

	mem = mmap(NULL, bytes, PROT_READ | PROT_WRITE,
		   MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	if (!bytes || mem == MAP_FAILED) {
		fprintf(stderr, "usage: oom_victim KIB\n");
		return 2;
	}
	for (size_t i = 0; i < bytes / PAGE; i++) {
		/* Bytes that are not zero and not all the same. */
		memcpy(mem + i * PAGE, &i, sizeof(i));
		if (i % STEP == 0)
			usleep(1000);
	}
	pause();
	return 0;
}
