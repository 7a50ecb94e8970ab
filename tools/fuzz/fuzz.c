// SPDX-License-Identifier: GPL-2.0-only
/* See fuzz.h. */
#include "fuzz.h"

#include <sys/mman.h>
#include <unistd.h>

void fuzz_broken(const char *file, int line, const char *what)
{
	dprintf(STDERR_FILENO, "%s:%d: does not hold: %s\n", file, line, what);
	abort();
}

/* What is under test may talk; the sanitizers use the descriptor itself. */
int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	(void)argc;
	(void)argv;
	stdout = fopen("/dev/null", "w");
	stderr = fopen("/dev/null", "w");
	must(stdout && stderr);
	return 0;
}

uint8_t take_byte(struct input *in)
{
	if (!in->left)
		return 0;
	in->left--;
	return *in->data++;
}

uint64_t take_number(struct input *in)
{
	uint8_t kind = take_byte(in);
	uint64_t value = 0;

	if (kind < 0x40)
		return kind;
	if (kind < 0x80)
		return ((uint64_t)take_byte(in) << 12) << (kind & 15);
	if (kind < 0xc0)
		return (UINT64_C(1) << (kind & 63)) +
		       (uint64_t)(int64_t)(int8_t)take_byte(in);
	if (kind < 0xf0)
		return (uint64_t)take_byte(in) << 8 | take_byte(in);
	for (int i = 0; i < 8; i++)
		value = value << 8 | take_byte(in);
	return value;
}

char *fuzz_text(const uint8_t *data, size_t size)
{
	char *text = malloc(size + 1);

	must(text);
	if (size)
		memcpy(text, data, size);
	text[size] = '\0';
	return text;
}

char *fuzz_line(char **text)
{
	return strsep(text, "\n");
}

const char *fuzz_file(const void *data, size_t size)
{
	static char path[32];
	static int fd = -1;

	if (fd < 0) {
		fd = memfd_create("input", 0);
		must(fd >= 0);
		snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	}
	must(!ftruncate(fd, 0));
	must(pwrite(fd, data, size, 0) == (ssize_t)size);
	return path;
}
