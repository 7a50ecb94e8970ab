// SPDX-License-Identifier: GPL-2.0-only
/*
 * A record of policy runs from somebody else, replayed. The first byte of an input
 * says whether the rest is a file as it is, or what is in its frames: a kind, a
 * length, a payload; they get marks and checksums, which chance would not find.
 */
#include "fuzz.h"

#include "record.h"
#include "../denseram/verbs.h"

#define MARK	0xd7
#define ROOM	(1u << 16)

#define FRAMES	1
#define JSON	2
#define GUEST	4

static uint32_t checksum(const uint8_t *data, size_t len)
{
	uint32_t sum = 2166136261U;

	while (len--)
		sum = (uint32_t)((sum ^ *data++) * UINT64_C(16777619));
	return sum;
}

static size_t put_word(uint8_t *to, uint32_t word)
{
	for (int i = 0; i < 4; i++)
		to[i] = (uint8_t)(word >> 8 * i);
	return 4;
}

static size_t put_frame(uint8_t *to, struct input *in)
{
	uint8_t kind = take_byte(in);
	size_t len = (size_t)take_byte(in) * 4, at = 0, start;

	to[at++] = MARK;
	to[at++] = kind & 1 ? DR_RECORD_DELTA : DR_RECORD_KEY;
	at += put_word(to + at, (uint32_t)len);
	start = at;
	while (len--)
		to[at++] = take_byte(in);
	return at + put_word(to + at, checksum(to + start, at - start));
}

static const char *write_frames(struct input *in)
{
	static uint8_t file[ROOM + 2048];
	size_t at = DR_RECORD_MAGIC_LEN;

	memcpy(file, DR_RECORD_MAGIC, DR_RECORD_MAGIC_LEN);
	while (in->left && at < ROOM)
		at += put_frame(file + at, in);
	return fuzz_file(file, at);
}

/* As it is written, it is read. */
static void try_round(struct input in)
{
	struct dr_policy_guest guests[4], last[4], read[4];
	struct dr_record_run run = { .nr = take_byte(&in) % 5 }, back;
	u32 nr_last = take_byte(&in) % 5, i;
	u8 data[2048];
	long len;

	memset(guests, 0, sizeof(guests));
	for (i = 0; i < 4; i++) {
		guests[i].in.id = i;
		guests[i].in.resident = take_number(&in);
		guests[i].out.target = take_number(&in);
		last[i] = guests[i];
		last[i].in.need = take_number(&in);
		read[i] = last[i];
	}
	run.time = take_number(&in);
	run.host.free = take_number(&in);
	len = dr_record_write(data, sizeof(data), &run, guests, last, nr_last);
	must(len > 0 && (u64)len <= dr_record_most(run.nr));
	must(dr_record_read(data, (size_t)len, &back, read, nr_last, 4) == len);
	must(back.nr == run.nr && back.time == run.time);
	must(!memcmp(&back.host, &run.host, sizeof(run.host)));
	must(!memcmp(read, guests, run.nr * sizeof(*read)));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct input in = { data, size };
	uint8_t choice = take_byte(&in);
	char path[64], *argv[] = { path, NULL, NULL, NULL };
	int argc = 1;

	try_round(in);
	if (choice & GUEST) {
		argv[argc++] = (char *)"--guest";
		argv[argc++] = (char *)"3";
	} else if (choice & JSON) {
		argv[argc++] = (char *)"--json";
	}
	strcpy(path, choice & FRAMES ? write_frames(&in) :
				       fuzz_file(in.data, in.left));
	verb_replay.run(&verb_replay, argc, argv);
	return 0;
}
