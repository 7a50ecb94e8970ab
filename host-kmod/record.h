/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A record of policy runs: inputs and decisions, compact, and enough to run
 * them again bit for bit. Pure.
 *
 * A record is DR_RECORD_MAGIC, then frames, one a run:
 *
 *   0xd7, kind (a byte), length of the payload (4 bytes), payload, checksum of
 *   the payload (4 bytes, FNV-1a); numbers with the least byte first
 *
 * The payload is numbers of seven bits a byte, the least first, the top bit
 * saying that more follow: time, the fields of dr_policy_host, those of
 * dr_policy_result, the number of guests; then for each guest a mask of the
 * fields of dr_policy_in and dr_policy_out (by their place) that changed since
 * the frame before, and the difference of each of them, wrapped round at 2^64
 * and folded so that small negative ones stay small. In a key frame all
 * differences are from 0, so that reading can begin there. A guest in a place
 * that the frame before did not have is written as in a key frame.
 */
#ifndef _DR_RECORD_H
#define _DR_RECORD_H

#include "policy.h"
#include "pure.h"

#define DR_RECORD_MAGIC		"denrec4\n"
#define DR_RECORD_MAGIC_LEN	8
/* Of it, what is the same for all releases: then comes which record it is. */
#define DR_RECORD_FAMILY_LEN	6

#define DR_RECORD_KEY		1
#define DR_RECORD_DELTA		2

/* Bytes around the payload, and most that a payload takes. */
#define DR_RECORD_AROUND	10
#define DR_RECORD_HEAD_MOST	(18 * 10)
#define DR_RECORD_GUEST_MOST	(5 + 26 * 10)

/**
 * dr_record_most() - room that is enough for a frame
 * @nr: guests in it
 *
 * Return: bytes.
 */
static inline u64 dr_record_most(u32 nr)
{
	return DR_RECORD_AROUND + DR_RECORD_HEAD_MOST +
	       (u64)nr * DR_RECORD_GUEST_MOST;
}

/**
 * struct dr_record_run - a run without its guests
 * @time: in nanoseconds of any clock
 * @host: inputs
 * @result: outcome
 * @nr: guests
 */
struct dr_record_run {
	u64 time;
	struct dr_policy_host host;
	struct dr_policy_result result;
	u32 nr;
};

long dr_record_write(u8 *data, size_t room, const struct dr_record_run *run,
		     const struct dr_policy_guest *guests,
		     const struct dr_policy_guest *last, u32 nr_last);
long dr_record_read(const u8 *data, size_t len, struct dr_record_run *run,
		    struct dr_policy_guest *guests, u32 nr_last, u32 room);

#endif /* _DR_RECORD_H */
