// SPDX-License-Identifier: GPL-2.0-only
/*
 * Measurements and recordings from somebody else, as a page. The first byte of an
 * input says what the rest is: a recording, a table, figures of a benchmark, or
 * what it was made with.
 */
#include "fuzz.h"

#include "../denseram/report.h"

#include <fcntl.h>
#include <unistd.h>

/* A directory as benchmarks leave it; it goes with its last user. */
static const char *directory(void)
{
	static char dir[] = "/tmp/fuzz-report.XXXXXX";
	static bool made;

	if (!made)
		must(mkdtemp(dir));
	made = true;
	return dir;
}

static void put(const char *name, const void *data, size_t size)
{
	char path[64];
	FILE *file;

	snprintf(path, sizeof(path), "%s/%s", directory(), name);
	file = fopen(path, "w");
	must(file && (!size || fwrite(data, size, 1, file) == 1));
	must(!fclose(file));
}

static void clear(void)
{
	static const char *const names[] = {
		"result.json", "table.tsv", "machine.json",
	};
	char path[64];

	for (size_t i = 0; i < 3; i++) {
		snprintf(path, sizeof(path), "%s/%s", directory(), names[i]);
		unlink(path);
	}
	rmdir(directory());
}

static void write_part(FILE *out, uint8_t kind, const uint8_t *data, size_t size)
{
	static const char result[] = "{\"bench\":\"x\"}";

	switch (kind % 4) {
	case 0:
		report_record(out, fuzz_file(data, size));
		return;
	case 1:
		report_tables(out, fuzz_file(data, size));
		return;
	case 2:
		put("machine.json", "{}", 2);
		put("result.json", data, size);
		break;
	default:
		put("machine.json", data, size);
		put("result.json", result, strlen(result));
	}
	report_bench(out, directory());
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static bool registered;
	char *page = NULL;
	size_t len;
	FILE *out;

	if (!size)
		return 0;
	if (!registered)
		registered = !atexit(clear);
	out = open_memstream(&page, &len);
	must(out);
	write_part(out, data[0], data + 1, size - 1);
	must(!fclose(out));
	/* What others wrote is shown, and never run. */
	must(!strcasestr(page, "<script") && !strcasestr(page, "<iframe"));
	must(len < (1 << 20) + 64 * size);
	free(page);
	return 0;
}
