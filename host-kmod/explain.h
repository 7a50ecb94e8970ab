/* SPDX-License-Identifier: GPL-2.0-only */
/* Why a guest has what it has, and the last decisions about it. Pure. */
#ifndef _DR_EXPLAIN_H
#define _DR_EXPLAIN_H

#include "policy.h"
#include "pure.h"

#define DR_HISTORY		16

/* Room for any text of dr_explain_text(). */
#define DR_EXPLAIN_TEXT		3072

/**
 * struct dr_decision - one decision about a guest; sizes in bytes
 * @since: when it was made, in nanoseconds of any clock
 * @until: when a run came to the same for the last time
 * @target: bytes, as the first of these runs had it; the others, to 3 %
 * @resident: what it had at first
 * @balloon: what its balloon was told to take, all in all
 * @page: what paging was told to take, all in all
 * @price: thousandths of a share for a MiB
 * @active_high: upper end of its active fraction
 * @rule: enum dr_rule
 * @veto: enum dr_veto
 * @level: enum dr_level
 * @wait: its faults for fresh memory had to wait
 */
struct dr_decision {
	u64 since;
	u64 until;
	u64 target;
	u64 resident;
	u64 balloon;
	u64 page;
	u64 price;
	u32 active_high;
	u8 rule;
	u8 veto;
	u8 level;
	u8 wait;
};

/**
 * struct dr_history - the last decisions about a guest; one for each
 * @nr: decisions ever made
 * @ring: the latest is at (@nr - 1) % DR_HISTORY
 */
struct dr_history {
	u64 nr;
	struct dr_decision ring[DR_HISTORY];
};

/**
 * dr_history_at() - an earlier decision
 * @history: of a guest
 * @back: 0 for the latest
 *
 * Return: the decision, NULL when there is none so far back.
 */
static inline const struct dr_decision *
dr_history_at(const struct dr_history *history, u32 back)
{
	if (back >= DR_HISTORY || back >= history->nr)
		return NULL;
	return &history->ring[(history->nr - 1 - back) % DR_HISTORY];
}

bool dr_history_note(struct dr_history *history, u64 now,
		     const struct dr_policy_host *host,
		     const struct dr_policy_guest *guest);
const char *dr_level_name(u64 level);
int dr_explain_text(char *text, size_t len, u64 now,
		    const struct dr_policy_host *host,
		    const struct dr_policy_guest *guest,
		    const struct dr_history *history);

#endif /* _DR_EXPLAIN_H */
