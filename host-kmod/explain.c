// SPDX-License-Identifier: GPL-2.0-only
#include "explain.h"

static struct dr_decision decide(u64 now, const struct dr_policy_host *host,
				 const struct dr_policy_guest *guest)
{
	return (struct dr_decision){
		.since = now,
		.until = now,
		.target = guest->out.target,
		.resident = guest->in.resident,
		.balloon = guest->out.balloon,
		.page = guest->out.page,
		.price = guest->out.price,
		.active_high = guest->in.active_high,
		.rule = guest->out.rule,
		.veto = guest->out.veto,
		.level = host->level,
		.wait = !!(guest->out.flags & DR_POLICY_WAIT),
	};
}

/* Closer than a thirty-second: of those that follow each other one is enough. */
static bool same_target(u64 a, u64 b)
{
	u64 apart = a > b ? a - b : b - a;

	return apart <= (a > b ? a : b) / 32;
}

/* What makes a decision another one; amounts of a take do not. */
static bool same_decision(const struct dr_decision *a,
			  const struct dr_decision *b)
{
	return same_target(a->target, b->target) && a->rule == b->rule &&
	       a->veto == b->veto && a->level == b->level &&
	       a->wait == b->wait && !a->balloon == !b->balloon &&
	       !a->page == !b->page;
}

/**
 * dr_history_note() - remember what a run decided about a guest
 * @history: of the guest
 * @now: the time
 * @host: as the run had it
 * @guest: as the run left it
 *
 * A run that comes to the same as the one before adds to its entry, and so does one
 * whose target is a hair's breadth off: what was decided in a second would fill the
 * history otherwise, while a guest gives page by page.
 *
 * Context: One caller at a time for a guest.
 * Return: is it a new decision?
 */
bool dr_history_note(struct dr_history *history, u64 now,
		     const struct dr_policy_host *host,
		     const struct dr_policy_guest *guest)
{
	struct dr_decision fresh = decide(now, host, guest);
	struct dr_decision *last;

	if (history->nr) {
		last = &history->ring[(history->nr - 1) % DR_HISTORY];
		if (same_decision(last, &fresh)) {
			last->until = now;
			last->balloon += fresh.balloon;
			last->page += fresh.page;
			return false;
		}
	}
	history->ring[history->nr++ % DR_HISTORY] = fresh;
	return true;
}

/**
 * dr_level_name() - a word for a level
 * @level: enum dr_level
 *
 * Return: the word, "unknown" for what is none.
 */
const char *dr_level_name(u64 level)
{
	static const char *const names[DR_NR_LEVELS] = {
		[DR_LEVEL_HIGH] = "high",
		[DR_LEVEL_SOFT] = "soft",
		[DR_LEVEL_HARD] = "hard",
		[DR_LEVEL_LOW] = "low",
	};

	return level < DR_NR_LEVELS ? names[level] : "unknown";
}

/* A fraction in tenths of a percent. */
static unsigned int permille(u64 part)
{
	return part * 1000 / DR_POLICY_ONE;
}

static int print_guest(char *text, size_t len,
		       const struct dr_policy_host *host,
		       const struct dr_policy_guest *guest)
{
	const struct dr_policy_in *in = &guest->in;
	const struct dr_policy_out *out = &guest->out;

	return scnprintf(text, len,
			 "target %llu\nrule %s\nresident %llu\n"
			 "shares %llu\nprice %llu.%03llu\n"
			 "active %u.%u%% (%u.%u%% to %u.%u%%)\n"
			 "in_use %llu\ntaxed %llu\ntax %llu%%\n"
			 "level %s\nballoon %s\ntake_balloon %llu\n"
			 "take_page %llu\nveto %s\nwait %d\n",
			 out->target, dr_rule_name(out->rule), in->resident,
			 in->shares, out->price / 1000, out->price % 1000,
			 permille(in->active) / 10, permille(in->active) % 10,
			 permille(in->active_low) / 10,
			 permille(in->active_low) % 10,
			 permille(in->active_high) / 10,
			 permille(in->active_high) % 10,
			 out->active, out->taxed, host->tax,
			 dr_level_name(host->level),
			 in->flags & DR_POLICY_BALLOON ? "works" : "idle",
			 out->balloon, out->page, dr_veto_name(out->veto),
			 !!(out->flags & DR_POLICY_WAIT));
}

static int print_decision(char *text, size_t len, u64 now,
			  const struct dr_decision *d)
{
	u64 ago = now > d->since ? (now - d->since) / 1000000 : 0;
	u64 lasted = (d->until - d->since) / 1000000;

	return scnprintf(text, len,
			 "%llu.%03llu %llu.%03llu %llu %llu %s %s %s %llu %llu\n",
			 ago / 1000, ago % 1000, lasted / 1000, lasted % 1000,
			 d->target, d->resident, dr_rule_name(d->rule),
			 dr_level_name(d->level), dr_veto_name(d->veto),
			 d->balloon, d->page);
}

/**
 * dr_explain_text() - say why a guest has what it has
 * @text: where to
 * @len: room there; DR_EXPLAIN_TEXT is always enough
 * @now: the time, of the clock of @history
 * @host: as the last run had it
 * @guest: as the last run left it
 * @history: of the guest
 *
 * A word and its value a line, then a line for each of the last decisions, the
 * latest first: seconds ago, seconds it lasted, target, resident, rule, level,
 * veto, and what balloon and paging were told to take.
 *
 * Return: bytes written, the ending 0 not counted.
 */
int dr_explain_text(char *text, size_t len, u64 now,
		    const struct dr_policy_host *host,
		    const struct dr_policy_guest *guest,
		    const struct dr_history *history)
{
	const struct dr_decision *d;
	int at = print_guest(text, len, host, guest);
	u32 back;

	at += scnprintf(text + at, len - at,
			"# ago lasted target resident rule level veto balloon page\n");
	for (back = 0; (d = dr_history_at(history, back)); back++)
		at += print_decision(text + at, len - at, now, d);
	return at;
}
