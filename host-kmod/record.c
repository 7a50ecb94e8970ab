// SPDX-License-Identifier: GPL-2.0-only
#include "record.h"

#define MARK		0xd7
#define NR_IN		(sizeof(struct dr_policy_in) / sizeof(u64))
#define NR_OUT		(sizeof(struct dr_policy_out) / sizeof(u64))
#define NR_FIELDS	(NR_IN + NR_OUT)
#define NR_HOST		(sizeof(struct dr_policy_host) / sizeof(u64))
#define NR_RESULT	(sizeof(struct dr_policy_result) / sizeof(u64))

static_assert(NR_FIELDS == 26);
static_assert(NR_HOST + NR_RESULT + 2 == 18);
static_assert(sizeof(struct dr_policy_guest) == NR_FIELDS * sizeof(u64));

/* Where the next byte goes or comes from; @bad once there was none. */
struct writer {
	u8 *data;
	size_t room;
	size_t used;
	bool bad;
};

struct reader {
	const u8 *data;
	size_t len;
	size_t used;
	bool bad;
};

static void put_byte(struct writer *w, u8 byte)
{
	if (w->used < w->room)
		w->data[w->used++] = byte;
	else
		w->bad = true;
}

static void put_number(struct writer *w, u64 value)
{
	for (; value >= 0x80; value >>= 7)
		put_byte(w, value | 0x80);
	put_byte(w, value);
}

static void put_word(struct writer *w, u32 word)
{
	int i;

	for (i = 0; i < 32; i += 8)
		put_byte(w, word >> i);
}

static u8 get_byte(struct reader *r)
{
	if (r->used < r->len)
		return r->data[r->used++];
	r->bad = true;
	return 0;
}

static u64 get_number(struct reader *r)
{
	unsigned int shift = 0;
	u64 value = 0;
	u8 byte;

	do {
		byte = get_byte(r);
		/* Ten bytes hold 70 bits: the last may have one. */
		if (shift > 63 || (shift == 63 && byte > 1)) {
			r->bad = true;
			return 0;
		}
		value |= (u64)(byte & 0x7f) << shift;
		shift += 7;
	} while (byte & 0x80);
	return value;
}

static u32 get_word(struct reader *r)
{
	u32 word = 0;
	int i;

	for (i = 0; i < 32; i += 8)
		word |= (u32)get_byte(r) << i;
	return word;
}

static u32 checksum(const u8 *data, size_t len)
{
	u32 sum = 2166136261U;

	while (len--)
		sum = (sum ^ *data++) * 16777619U;
	return sum;
}

/* A small number for a small difference of either sign, and back. */
static u64 fold(u64 difference)
{
	return difference << 1 ^ -(difference >> 63);
}

static u64 unfold(u64 folded)
{
	return folded >> 1 ^ -(folded & 1);
}

static void put_fields(struct writer *w, const void *fields, u32 nr)
{
	const u64 *field = fields;

	while (nr--)
		put_number(w, *field++);
}

static void get_fields(struct reader *r, void *fields, u32 nr)
{
	u64 *field = fields;

	while (nr--)
		*field++ = get_number(r);
}

static void put_guest(struct writer *w, const struct dr_policy_guest *guest,
		      const struct dr_policy_guest *last)
{
	static const struct dr_policy_guest none;
	const u64 *now = (const u64 *)guest;
	const u64 *was = (const u64 *)(last ? last : &none);
	u32 mask = 0, i;

	for (i = 0; i < NR_FIELDS; i++)
		mask |= (u32)(now[i] != was[i]) << i;
	put_number(w, mask);
	for (i = 0; i < NR_FIELDS; i++) {
		if (mask & BIT(i))
			put_number(w, fold(now[i] - was[i]));
	}
}

static void get_guest(struct reader *r, struct dr_policy_guest *guest)
{
	u64 *field = (u64 *)guest;
	u64 mask = get_number(r);
	u32 i;

	if (mask >> NR_FIELDS)
		r->bad = true;
	for (i = 0; i < NR_FIELDS && !r->bad; i++) {
		if (mask & BIT(i))
			field[i] += unfold(get_number(r));
	}
}

static void put_payload(struct writer *w, const struct dr_record_run *run,
			const struct dr_policy_guest *guests,
			const struct dr_policy_guest *last, u32 nr_last)
{
	u32 i;

	put_number(w, run->time);
	put_fields(w, &run->host, NR_HOST);
	put_fields(w, &run->result, NR_RESULT);
	put_number(w, run->nr);
	for (i = 0; i < run->nr; i++)
		put_guest(w, &guests[i], i < nr_last ? &last[i] : NULL);
}

/**
 * dr_record_write() - append one run to a record
 * @data: where to
 * @room: bytes there; dr_record_most() is always enough
 * @run: the run
 * @guests: its @run->nr guests, decided
 * @last: those of the frame before; not used without any
 * @nr_last: how many; 0 makes a key frame
 *
 * Return: bytes written, or -ENOSPC.
 */
long dr_record_write(u8 *data, size_t room, const struct dr_record_run *run,
		     const struct dr_policy_guest *guests,
		     const struct dr_policy_guest *last, u32 nr_last)
{
	struct writer w = { .data = data, .room = room };
	struct writer length;
	size_t start, len;

	put_byte(&w, MARK);
	put_byte(&w, nr_last ? DR_RECORD_DELTA : DR_RECORD_KEY);
	length = w;
	put_word(&w, 0);
	start = w.used;
	put_payload(&w, run, guests, last, nr_last);
	len = w.used - start;
	if (len > S32_MAX)
		return -ENOSPC;
	put_word(&w, w.bad ? 0 : checksum(data + start, len));
	if (w.bad)
		return -ENOSPC;
	put_word(&length, len);
	return w.used;
}

/* The guests of a payload over those of the frame before. */
static long get_guests(struct reader *r, struct dr_record_run *run,
		       struct dr_policy_guest *guests, u32 nr_last, u32 room)
{
	u64 nr = get_number(r);
	u32 i;

	/* Each takes a byte at least. */
	if (r->bad || nr > r->len - r->used)
		return -EBADMSG;
	run->nr = nr;
	if (nr > room)
		return -ENOSPC;
	for (i = 0; i < nr && !r->bad; i++) {
		if (i >= nr_last)
			guests[i] = (struct dr_policy_guest){};
		get_guest(r, &guests[i]);
	}
	return r->bad || r->used != r->len ? -EBADMSG : 0;
}

/**
 * dr_record_read() - take one run from a record
 * @data: a frame starts here
 * @len: bytes there
 * @run: out: the run
 * @guests: in: those of the frame before; out: those of this one
 * @nr_last: how many guests the frame before had; 0 before the first
 * @room: for how many guests there is room
 *
 * Whatever the bytes are, nothing is read or written out of bounds.
 *
 * Return: bytes of the frame; 0 when it goes on beyond @len; -ENOSPC when
 * @run->nr, which is set, is more than @room, and nothing else was changed;
 * -EBADMSG when it is damaged, and -EPROTO when it needs a frame before it,
 * which leave @guests in any state.
 */
long dr_record_read(const u8 *data, size_t len, struct dr_record_run *run,
		    struct dr_policy_guest *guests, u32 nr_last, u32 room)
{
	struct reader r = { .data = data, .len = len };
	u8 mark = get_byte(&r), kind = get_byte(&r);
	u32 size = get_word(&r);
	size_t start = r.used;
	long err;

	if (r.bad)
		return 0;
	if (mark != MARK || size > S32_MAX ||
	    (kind != DR_RECORD_KEY && kind != DR_RECORD_DELTA))
		return -EBADMSG;
	if (len - start < size + sizeof(u32))
		return 0;
	r.used = start + size;
	if (get_word(&r) != checksum(data + start, size))
		return -EBADMSG;
	if (kind == DR_RECORD_DELTA && !nr_last)
		return -EPROTO;
	r = (struct reader){ .data = data + start, .len = size };
	run->time = get_number(&r);
	get_fields(&r, &run->host, NR_HOST);
	get_fields(&r, &run->result, NR_RESULT);
	err = get_guests(&r, run, guests, kind == DR_RECORD_KEY ? 0 : nr_last,
			 room);
	return err ? err : (long)(start + size + sizeof(u32));
}
