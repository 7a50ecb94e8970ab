// SPDX-License-Identifier: GPL-2.0-only
/* "denseram replay": run a record of the policy again, bit for bit. */
#include "explain.h"
#include "record.h"
#include "sim.h"
#include "verbs.h"
#include "../lib/args.h"
#include "../lib/units.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

/**
 * struct player - a record being replayed
 * @data: what is left of it; @len bytes
 * @guests: as the record has them; room for @room
 * @again: as they come out now
 * @claims: scratch
 * @nr: guests of the last run
 * @start: time of the first run
 * @id: guest to explain, when @explain
 * @seen: it was there
 * @guest: the guest as the last run with it left it; @host of that run
 * @history: of the guest
 * @now: time of the last run
 */
struct player {
	const u8 *data;
	size_t len;
	struct dr_policy_guest *guests;
	struct dr_policy_guest *again;
	struct dr_claim *claims;
	u32 room;
	u32 nr;
	u64 start;
	u64 id;
	bool explain;
	bool seen;
	struct dr_policy_guest guest;
	struct dr_policy_host host;
	struct dr_history history;
	u64 now;
};

static int make_room(struct player *p, u32 nr)
{
	void *guests, *again, *claims;

	guests = reallocarray(p->guests, nr, sizeof(*p->guests));
	if (guests)
		p->guests = guests;
	again = reallocarray(p->again, nr, sizeof(*p->again));
	if (again)
		p->again = again;
	claims = reallocarray(p->claims, nr, sizeof(*p->claims));
	if (claims)
		p->claims = claims;
	if (!guests || !again || !claims)
		return -ENOMEM;
	p->room = nr;
	return 0;
}

static void free_room(struct player *p)
{
	free(p->guests);
	free(p->again);
	free(p->claims);
}

/* The next run of the record; as dr_record_read(), with room made. */
static long next_run(struct player *p, struct dr_record_run *run)
{
	long len = dr_record_read(p->data, p->len, run, p->guests, p->nr,
				  p->room);

	if (len != -ENOSPC)
		return len;
	if (make_room(p, run->nr))
		return -ENOMEM;
	return dr_record_read(p->data, p->len, run, p->guests, p->nr, p->room);
}

/* Does the run come out as it did then? */
static bool same_again(struct player *p, const struct dr_record_run *run)
{
	struct dr_policy_result result;

	for (u32 i = 0; i < run->nr; i++) {
		p->again[i] = p->guests[i];
		memset(&p->again[i].out, 0, sizeof(p->again[i].out));
	}
	dr_policy_run(&run->host, p->again, p->claims, run->nr, &result);
	return !memcmp(&result, &run->result, sizeof(result)) &&
	       (!run->nr || !memcmp(p->again, p->guests,
				    run->nr * sizeof(*p->guests)));
}

/* Follow one guest. */
static void look(struct player *p, const struct dr_record_run *run)
{
	p->now = run->time;
	for (u32 i = 0; p->explain && i < run->nr; i++) {
		if (p->guests[i].in.id != p->id)
			continue;
		p->seen = true;
		p->guest = p->guests[i];
		p->host = run->host;
		dr_history_note(&p->history, run->time, &run->host,
				&p->guests[i]);
		return;
	}
}

static int explain(const struct player *p)
{
	char text[DR_EXPLAIN_TEXT];

	if (!p->seen)
		return fail("no guest %llu in the record", p->id);
	dr_explain_text(text, sizeof(text), p->now, &p->host, &p->guest,
			&p->history);
	printf("\nguest %llu\n%s", p->id, text);
	return EXIT_OK;
}

static void count(struct player *p, const struct dr_record_run *run,
		  struct replayed *r)
{
	if (!r->runs++)
		p->start = run->time;
	r->span_ns = run->time - p->start;
	if (run->nr > r->most)
		r->most = run->nr;
	if (same_again(p, run))
		return;
	if (!r->different++)
		r->first = r->runs;
}

static int replay(struct player *p, const char *path, struct replayed *r)
{
	struct dr_record_run run;

	r->bytes = p->len;
	if (p->len < DR_RECORD_MAGIC_LEN ||
	    memcmp(p->data, DR_RECORD_MAGIC, DR_RECORD_FAMILY_LEN))
		return fail("%s: not a record of denseram", path);
	if (memcmp(p->data, DR_RECORD_MAGIC, DR_RECORD_MAGIC_LEN))
		return fail("%s: a record of another release of denseram", path);
	p->data += DR_RECORD_MAGIC_LEN;
	p->len -= DR_RECORD_MAGIC_LEN;
	while (p->len) {
		long len = next_run(p, &run);

		if (len == -ENOMEM)
			return fail_errno("replaying", (int)len);
		if (len < 0)
			return fail("%s: damaged after run %llu", path,
				    r->runs);
		if (!len) {
			r->cut = true;
			break;
		}
		count(p, &run, r);
		look(p, &run);
		p->nr = run.nr;
		p->data += len;
		p->len -= (size_t)len;
	}
	return EXIT_OK;
}

static int replay_file(const char *path, bool json, const u64 *guest)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC), err;
	struct player p = { .explain = guest, .id = guest ? *guest : 0 };
	struct replayed r = { .runs = 0 };
	void *data = NULL;
	struct stat st;

	if (fd < 0 || fstat(fd, &st)) {
		err = fail("%s: %s", path, strerror(errno));
		if (fd >= 0)
			close(fd);
		return err;
	}
	if (S_ISREG(st.st_mode) && st.st_size > 0) {
		p.len = (size_t)st.st_size;
		data = mmap(NULL, p.len, PROT_READ, MAP_PRIVATE, fd, 0);
	}
	close(fd);
	if (data == MAP_FAILED)
		return fail("%s: %s", path, strerror(errno));
	p.data = data;
	err = replay(&p, path, &r);
	if (!err)
		err = json ? print_replayed_json(&r) : print_replayed(&r, path);
	if (!err && p.explain)
		err = explain(&p);
	free_room(&p);
	if (data)
		munmap(data, (size_t)st.st_size);
	return !err && r.different ? EXIT_FAILED : err;
}

static int run_replay(const struct verb *self, int argc, char **argv)
{
	bool json = false;
	const struct dr_flag flags[] = { { "--json", &json }, { NULL, NULL } };
	const char *bad, *guest;
	uint64_t id;
	u64 which;
	int nr;

	if (dr_args_option(&argc, argv, "--guest", &guest))
		return fail_usage(self, "'--guest' needs a value");
	if (guest && dr_count_parse(guest, &id))
		return fail_usage(self, "--guest is the id of a guest");
	nr = dr_args_parse(argc, argv, flags, &bad);
	if (nr < 0)
		return fail_usage(self, "unknown option '%s'", bad);
	if (nr != 1)
		return fail_usage(self, "needs one file");
	if (guest && json)
		return fail_usage(self, "--guest and --json exclude each other");
	which = guest ? id : 0;
	return replay_file(argv[0], json, guest ? &which : NULL);
}

const struct verb verb_replay = {
	.name = "replay",
	.operands = "[--guest ID | --json] FILE",
	.summary = "run recorded decisions of the policy again, bit for bit",
	.help =
	"FILE is from 'denseram sim --record'. Each run in it is decided again from\n"
	"its inputs; a difference to what was decided then makes the exit status 1.\n"
	"Needs no module and no root.\n"
	"\n"
	"  --guest ID  explain a guest: what it had at the end, its last decisions\n"
	"  --json      as JSON\n",
	.run = run_replay,
};
