// SPDX-License-Identifier: GPL-2.0-only
/* What monitoring is to know: families of metrics, from a view of the host. */
#include "metrics.h"
#include "../lib/account.h"
#include "../lib/prometheus.h"
#include "../lib/text.h"
#include "../lib/words.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>

#define ARRAY_SIZE(a)	(sizeof(a) / sizeof(*(a)))

/* Labels of a sample, as many as one needs; NULL ends them. */
#define LABELS(...)	((const char *const[]){ __VA_ARGS__, NULL })
#define NO_LABELS	((const char *const[]){ NULL })

static void one(FILE *out, const char *name, const char *type, const char *help,
		uint64_t value)
{
	const struct dr_family family = { name, type, help };

	dr_family_begin(out, &family);
	dr_sample(out, &family, NO_LABELS, value);
}

/* Families of one sample each. */
struct number {
	const char *name;
	const char *type;
	const char *help;
	uint64_t value;
};

static void numbers(FILE *out, const struct number *n, size_t nr)
{
	for (; nr--; n++)
		one(out, n->name, n->type, n->help, n->value);
}

static void one_ns(FILE *out, const char *name, const char *help, uint64_t ns)
{
	const struct dr_family family = { name, "counter", help };

	dr_family_begin(out, &family);
	dr_sample_ns(out, &family, NO_LABELS, ns);
}

static void write_version(FILE *out, const struct dr_version *version)
{
	static const struct dr_family family = {
		"denseram_info", "gauge", "Always 1; the release of the module.",
	};

	dr_family_begin(out, &family);
	dr_sample(out, &family, LABELS("release", version->release), 1);
}

/* Each level is 0 or 1, so that an alert needs no number for it. */
static void write_levels(FILE *out, const struct dr_view *v)
{
	static const struct dr_family family = {
		"denseram_host_level", "gauge",
		"Whether the host is at this level of memory shortage.",
	};

	dr_family_begin(out, &family);
	for (unsigned int i = 0; i < DR_NR_LEVELS; i++)
		dr_sample(out, &family, LABELS("level", dr_level_word(i)),
			  v->policy.level == i);
}

static void write_host_memory(FILE *out, const struct dr_view *v)
{
	static const struct dr_family family = {
		"denseram_host_memory_bytes", "gauge",
		"Memory of the host that guests take.",
	};

	dr_family_begin(out, &family);
	dr_sample(out, &family, LABELS("part", "own"), v->status.usage.resident);
	dr_sample(out, &family, LABELS("part", "shared"), v->share.kept);
	dr_sample(out, &family, LABELS("part", "pool"), v->swap.pool_memory);
	dr_sample(out, &family, LABELS("part", "index"),
		  v->status.usage.metadata + v->share.table_bytes);
}

static void write_host(FILE *out, const struct dr_view *v)
{
	const struct number all[] = {
		{ "denseram_host_ram_bytes", "gauge",
		  "Memory of the host.", v->status.host_total },
		{ "denseram_host_available_bytes", "gauge",
		  "Memory of the host that its kernel estimates as available.",
		  v->status.host_available },
		{ "denseram_host_stalls_total", "counter",
		  "Allocations of the host that had to reclaim memory for themselves.",
		  v->policy.stalled },
		{ "denseram_guests", "gauge",
		  "Guests there are.", v->nr_guests },
	};

	write_levels(out, v);
	write_host_memory(out, v);
	numbers(out, all, ARRAY_SIZE(all));
}

static void write_policy(FILE *out, const struct dr_policy_status *p)
{
	const struct number all[] = {
		{ "denseram_policy_enabled", "gauge",
		  "1 if guests are asked for memory before the host is in hard need.",
		  p->enabled },
		{ "denseram_policy_free_bytes", "gauge",
		  "What the host can have without hurting anybody; makes the level.",
		  p->free },
		{ "denseram_policy_pool_bytes", "gauge",
		  "Memory that the guests may have together.", p->pool },
		{ "denseram_policy_granted_bytes", "gauge",
		  "Of that, what they were granted.", p->granted },
		{ "denseram_policy_missing_bytes", "gauge",
		  "What was promised to guests beyond what there is.",
		  p->missing },
		{ "denseram_policy_wanted_bytes", "gauge",
		  "What has to be freed now.", p->wanted },
		{ "denseram_policy_runs_total", "counter",
		  "Runs of the policy.", p->runs },
	};

	numbers(out, all, ARRAY_SIZE(all));
}

/* What is left for guests to come, for those who place them. */
static void write_admission(FILE *out, const struct dr_admission_status *a)
{
	const struct number all[] = {
		{ "denseram_admission_promised_bytes", "gauge",
		  "Memory promised to guests: their min, and the index.",
		  a->promised },
		{ "denseram_admission_room_bytes", "gauge",
		  "Memory that can still be promised to guests.", a->room },
		{ "denseram_admission_strict", "gauge",
		  "1 if what is beyond min must have swap space behind it.",
		  a->strict },
		{ "denseram_admission_swap_bytes", "gauge",
		  "Swap space to build a promise on.", a->swap },
		{ "denseram_admission_swap_promised_bytes", "gauge",
		  "What all guests may have beyond their min.",
		  a->swap_promised },
		{ "denseram_admission_refused_total", "counter",
		  "Sizes and limits of guests that were refused.", a->refused },
	};

	numbers(out, all, ARRAY_SIZE(all));
}

/* Counted one after the other, while they change. */
static uint64_t saved_bytes(const struct dr_share_status *share)
{
	return share->shared > share->kept ? share->shared - share->kept : 0;
}

static void write_sharing(FILE *out, const struct dr_share_status *share)
{
	const struct number all[] = {
		{ "denseram_sharing_enabled", "gauge",
		  "1 if the scanner looks for equal pages.", share->enabled },
		{ "denseram_sharing_saved_bytes", "gauge",
		  "Memory of the host that sharing saves.",
		  saved_bytes(share) },
	};

	numbers(out, all, ARRAY_SIZE(all));
	one_ns(out, "denseram_scanner_cpu_seconds_total",
	       "CPU time of the scanners.", share->cpu_ns);
}

static uint64_t area_size(const struct dr_swap_area *area)
{
	return area->size;
}

static uint64_t area_used(const struct dr_swap_area *area)
{
	return area->used;
}

static uint64_t area_failed(const struct dr_swap_area *area)
{
	return !!(area->state & DR_SWAP_AREA_FAILED);
}

static uint64_t area_reads(const struct dr_swap_area *area)
{
	return area->read_errors;
}

static uint64_t area_writes(const struct dr_swap_area *area)
{
	return area->write_errors;
}

static uint64_t area_sums(const struct dr_swap_area *area)
{
	return area->sum_errors;
}

/* A family each, a sample for each swap area. */
static const struct area_family {
	struct dr_family family;
	uint64_t (*value)(const struct dr_swap_area *area);
} area_families[] = {
	{ { "denseram_swap_area_size_bytes", "gauge",
	    "Size of a swap area." }, area_size },
	{ { "denseram_swap_area_used_bytes", "gauge",
	    "What is in use of a swap area." }, area_used },
	{ { "denseram_swap_area_failed", "gauge",
	    "1 if a write to the swap area has failed." }, area_failed },
};

static const struct area_error {
	const char *kind;
	uint64_t (*value)(const struct dr_swap_area *area);
} area_errors[] = {
	{ "read", area_reads },
	{ "write", area_writes },
	{ "checksum", area_sums },
};

static const struct dr_family area_error_family = {
	"denseram_swap_area_errors_total", "counter",
	"Failed reads, failed writes and damaged pages of a swap area.",
};

static int write_errors(FILE *out, const struct dr_swap_area *area)
{
	char *path = dr_text_escape(area->path);

	if (!path)
		return -ENOMEM;
	for (size_t i = 0; i < ARRAY_SIZE(area_errors); i++)
		dr_sample(out, &area_error_family,
			  LABELS("path", path, "kind", area_errors[i].kind),
			  area_errors[i].value(area));
	free(path);
	return 0;
}

static int write_area(FILE *out, const struct area_family *family,
		      const struct dr_swap_area *area)
{
	char *path = dr_text_escape(area->path);

	if (!path)
		return -ENOMEM;
	dr_sample(out, &family->family, LABELS("path", path),
		  family->value(area));
	free(path);
	return 0;
}

static int write_swap_areas(FILE *out, const struct dr_view *v)
{
	int err = 0;

	for (size_t f = 0; f < ARRAY_SIZE(area_families); f++) {
		dr_family_begin(out, &area_families[f].family);
		for (size_t i = 0; !err && i < v->nr_areas; i++)
			err = write_area(out, &area_families[f], &v->areas[i]);
	}
	dr_family_begin(out, &area_error_family);
	for (size_t i = 0; !err && i < v->nr_areas; i++)
		err = write_errors(out, &v->areas[i]);
	return err;
}

static void write_paging(FILE *out, const struct dr_swap_status *swap)
{
	const struct number all[] = {
		{ "denseram_pool_limit_bytes", "gauge",
		  "Memory that the compressed pool may take.",
		  swap->pool_limit },
		{ "denseram_pool_stored_bytes", "gauge",
		  "RAM of guests that is in the compressed pool, as it was.",
		  swap->tiers.pool * DR_PAGE_SIZE },
		{ "denseram_paging_stopped", "gauge",
		  "1 if nothing more can be paged out just now.",
		  swap->stop != DR_SWAP_STOP_NONE },
	};

	numbers(out, all, ARRAY_SIZE(all));
	one_ns(out, "denseram_pager_cpu_seconds_total",
	       "CPU time of the pager.", swap->cpu_ns);
}

static void write_events(FILE *out, const struct dr_view *v)
{
	static const struct dr_family family = {
		"denseram_events_total", "counter",
		"Events of all guests, those that are gone included.",
	};

	dr_family_begin(out, &family);
	for (unsigned int i = 0; i < DR_NR_EVENTS; i++)
		dr_sample(out, &family, LABELS("event", dr_event_name(i)),
			  v->status.events[i]);
}

static uint64_t guest_min(const struct dr_view_guest *g)
{
	/* Of what is pinned, nothing is ever taken. */
	return g->info.limits.pinned ? g->info.usage.size : g->info.limits.min;
}

static uint64_t guest_silent(const struct dr_view_guest *g)
{
	return g->balloon.state == DR_BALLOON_SILENT;
}

static uint64_t guest_idle(const struct dr_view_guest *g)
{
	return g->balloon.state == DR_BALLOON_IDLE;
}

/* A family each, a sample for each guest. */
static const struct guest_family {
	struct dr_family family;
	uint64_t (*value)(const struct dr_view_guest *g);
} guest_families[] = {
	{ { "denseram_guest_size_bytes", "gauge",
	    "RAM that the guest was configured with." }, dr_view_size },
	{ { "denseram_guest_min_bytes", "gauge",
	    "What the guest is never taken below." }, guest_min },
	{ { "denseram_guest_target_bytes", "gauge",
	    "Memory that the guest may have, by the last decision." },
	  dr_view_target },
	{ { "denseram_guest_resident_bytes", "gauge",
	    "Memory of the host that the guest has for itself." },
	  dr_view_resident },
	{ { "denseram_guest_active_bytes", "gauge",
	    "Memory that the guest uses, an estimate." }, dr_view_active },
	{ { "denseram_guest_shared_bytes", "gauge",
	    "RAM of the guest that is shared." }, dr_view_shared },
	{ { "denseram_guest_compressed_bytes", "gauge",
	    "RAM of the guest that is in the compressed pool, as it was." },
	  dr_view_compressed },
	{ { "denseram_guest_disk_bytes", "gauge",
	    "RAM of the guest that is in swap areas alone." }, dr_view_disk },
	{ { "denseram_guest_balloon_bytes", "gauge",
	    "RAM that the guest gave up through its balloon, as measured." },
	  dr_view_balloon },
	{ { "denseram_guest_balloon_silent", "gauge",
	    "1 if neither the daemon nor the VMM has reported for 10 s." },
	  guest_silent },
	{ { "denseram_guest_balloon_idle", "gauge",
	    "1 if the balloon is to change its size and does not." },
	  guest_idle },
};

/**
 * struct names - how guests are labelled
 * @name: each guest's name, escaped; as many as the view has
 * @id: and its id
 */
struct names {
	char **name;
	char (*id)[24];
};

static void write_guest_families(FILE *out, const struct dr_view *v,
				 const struct names *n)
{
	for (size_t f = 0; f < ARRAY_SIZE(guest_families); f++) {
		const struct guest_family *family = &guest_families[f];

		dr_family_begin(out, &family->family);
		for (size_t i = 0; i < v->nr_guests; i++)
			dr_sample(out, &family->family,
				  LABELS("guest", n->name[i], "id", n->id[i]),
				  family->value(&v->guests[i]));
	}
}

static void write_guest_events(FILE *out, const struct dr_view *v,
			       const struct names *n)
{
	static const struct dr_family family = {
		"denseram_guest_events_total", "counter",
		"Events of a guest since it is there.",
	};

	dr_family_begin(out, &family);
	for (size_t i = 0; i < v->nr_guests; i++)
		for (unsigned int e = 0; e < DR_NR_EVENTS; e++)
			dr_sample(out, &family,
				  LABELS("guest", n->name[i], "id", n->id[i],
					 "event", dr_event_name(e)),
				  v->guests[i].info.events[e]);
}

static void names_free(struct names *n, size_t nr)
{
	for (size_t i = 0; n->name && i < nr; i++)
		free(n->name[i]);
	free(n->name);
	free(n->id);
}

static int names_make(struct names *n, const struct dr_view *v)
{
	n->name = calloc(v->nr_guests + 1, sizeof(*n->name));
	n->id = calloc(v->nr_guests + 1, sizeof(*n->id));
	if (!n->name || !n->id)
		return -ENOMEM;
	for (size_t i = 0; i < v->nr_guests; i++) {
		n->name[i] = dr_text_escape(v->guests[i].info.name);
		if (!n->name[i])
			return -ENOMEM;
		snprintf(n->id[i], sizeof(n->id[i]), "%" PRIu64,
			 (uint64_t)v->guests[i].info.id);
	}
	return 0;
}

int metrics_write(FILE *out, const struct dr_version *version,
		  const struct dr_view *v)
{
	struct names names = { NULL };
	int err = names_make(&names, v);

	if (!err) {
		write_version(out, version);
		write_host(out, v);
		write_policy(out, &v->policy);
		write_admission(out, &v->admission);
		write_sharing(out, &v->share);
		write_paging(out, &v->swap);
		err = write_swap_areas(out, v);
		write_events(out, v);
		write_guest_families(out, v, &names);
		write_guest_events(out, v, &names);
	}
	names_free(&names, v->nr_guests);
	return err;
}
