// SPDX-License-Identifier: GPL-2.0-only
/* Random texts in the files below /sys/kernel/denseram. See fuzz.h. */
#include <errno.h>
#include <ftw.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "fuzz.h"
#include "gmem.h"

#define KNOBS		64
#define KNOB_TEXT	128

/**
 * struct knob - a file that can be written
 * @path: of it
 * @text: what it said at the beginning
 * @guest: it is of the test's guest, and goes with it
 * @moves: the policy sets it as well
 */
struct knob {
	char path[300];
	char text[KNOB_TEXT];
	bool guest;
	bool moves;
};

static struct knob knobs[KNOBS];
static unsigned int nr_knobs;

static const char *const words[] = {
	"on", "off", "0", "1", "lz4", "zstd", "[lz4]", "none", "max", "guest",
	"domain", "all", "100", "99", "3600", "1000", "60000", "4096", "512M",
	"1.5G", "-1", "+1", "NaN", "0x10", "../../../etc/passwd", "%s%n", "\n",
};

static bool reads_back(const struct knob *knob, char *text)
{
	return read_text(knob->path, text, KNOB_TEXT) == 0;
}

static int note_knob(const char *path, const struct stat *st, int type,
		     struct FTW *ftw)
{
	struct knob *knob = &knobs[nr_knobs];
	const char *guest = strstr(path, "/guests/");

	(void)ftw;
	if (type != FTW_F || !(st->st_mode & 0222))
		return 0;
	if (guest && strncmp(guest + 8, gm_name, strlen(gm_name)))
		return 0;
	ASSERT(nr_knobs < KNOBS);
	snprintf(knob->path, sizeof(knob->path), "%s", path);
	knob->guest = guest;
	knob->moves = strstr(path, "/balloon/");
	if (!reads_back(knob, knob->text))
		knob->text[0] = '\0';
	nr_knobs++;
	return 0;
}

void fuzz_knobs_save(void)
{
	nr_knobs = 0;
	ASSERT_OK(nftw(SYSFS, note_knob, 16, FTW_PHYS));
	ASSERT(nr_knobs > 10);
	ktap_diag("%u files can be written", nr_knobs);
}

/* Of several words the one in brackets is in use. */
static const char *value_of(const struct knob *knob, char *text)
{
	const char *open = strchr(knob->text, '[');

	if (!open)
		return knob->text;
	snprintf(text, KNOB_TEXT, "%.*s", (int)strcspn(open + 1, "]"),
		 open + 1);
	return text;
}

void fuzz_knobs_restore(void)
{
	char text[KNOB_TEXT];

	for (unsigned int i = 0; i < nr_knobs; i++) {
		const struct knob *knob = &knobs[i];

		if (knob->guest || !knob->text[0])
			continue;
		CHECK_EQ(write_text(knob->path, value_of(knob, text)), 0);
		if (!CHECK(reads_back(knob, text) && !strcmp(text, knob->text)))
			ktap_diag("%s is not as it was: %s", knob->path, text);
	}
}

static ssize_t write_knob(const struct knob *knob, const char *text,
			  size_t len)
{
	int err, fd = open(knob->path, O_WRONLY | O_CLOEXEC);
	ssize_t done;

	ASSERT(fd >= 0);
	done = write(fd, text, len);
	err = errno;
	close(fd);
	errno = err;
	return done;
}

void fuzz_knob(struct fuzz *f)
{
	static const int errnos[] = { EINVAL, ERANGE, ENOSPC, ENOMEM, 0 };
	const struct knob *knob = &knobs[rng_below(&f->rng, nr_knobs)];
	char text[FUZZ_TEXT], before[KNOB_TEXT], after[KNOB_TEXT];
	size_t len = fuzz_text(&f->rng, words, ARRAY_SIZE(words), text);
	bool refused, known = reads_back(knob, before);

	if (fuzz_chance(&f->rng, 20))
		len = (size_t)sprintf(text, "%llu\n", rng_below(&f->rng, 101));

	/* What is there, with a byte changed, is nearly right. */
	if (known && before[0] && fuzz_chance(&f->rng, 15)) {
		strcpy(text, before);
		len = strlen(text);
		text[rng_below(&f->rng, len)] = (char)rng_next(&f->rng);
	}
	refused = fuzz_note(f, knob->path, write_knob(knob, text, len), errnos);
	if (!refused || !f->alone || !known || knob->moves)
		return;
	CHECK(reads_back(knob, after));
	if (!CHECK(!strcmp(before, after)))
		ktap_diag("seed %llu: %s was %s, is %s after \"%.60s\" was refused",
			  opts.seed, knob->path, before, after, text);
}
