// SPDX-License-Identifier: GPL-2.0-only
#include "area.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <unistd.h>

/* Btrfs has its mark at 64 KiB, all others before. */
#define LOOK_AT		(68 * 1024)

#define SWAP_MARK_AT	4086	/* of the kernel's own swap */

bool dr_is_zero(const char *bytes, size_t len)
{
	return !len || (!*bytes && !memcmp(bytes, bytes + 1, len - 1));
}

static bool was_swap(const char *bytes, size_t len)
{
	if (len < DR_PAGE_SIZE)
		return false;
	return !memcmp(bytes, DR_SWAP_MAGIC, sizeof(DR_SWAP_MAGIC)) ||
	       !memcmp(bytes + SWAP_MARK_AT, "SWAPSPACE2", 10);
}

int dr_area_inspect(int fd)
{
	static char bytes[LOOK_AT];
	size_t len = 0;

	while (len < sizeof(bytes)) {
		ssize_t n = pread(fd, bytes + len, sizeof(bytes) - len,
				  (off_t)len);

		if (n < 0)
			return -errno;
		if (!n)
			break;
		len += (size_t)n;
	}
	return was_swap(bytes, len) || dr_is_zero(bytes, len) ? 0 : -ENOTEMPTY;
}

static bool same_file(const char *a, const char *b)
{
	struct stat x, y;

	if (!strcmp(a, b))
		return true;
	if (stat(a, &x) || stat(b, &y))
		return false;
	if (S_ISBLK(x.st_mode) && S_ISBLK(y.st_mode))
		return x.st_rdev == y.st_rdev;
	return x.st_dev == y.st_dev && x.st_ino == y.st_ino;
}

const struct dr_swap_area *dr_area_by_path(const struct dr_swap_area *areas,
					   size_t nr, const char *path)
{
	for (size_t i = 0; i < nr; i++)
		if (same_file(areas[i].path, path))
			return &areas[i];
	return NULL;
}

int dr_area_parse_prio(const char *text, int *prio)
{
	char *end;
	long value;

	errno = 0;
	value = strtol(text, &end, 10);
	if (errno || end == text || *end || value < SHRT_MIN ||
	    value > SHRT_MAX)
		return -EINVAL;
	*prio = (int)value;
	return 0;
}
