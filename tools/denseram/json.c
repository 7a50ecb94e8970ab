// SPDX-License-Identifier: GPL-2.0-only
/* The JSON of --json, as denseram(8) documents it. */
#include "json_build.h"
#include "output.h"
#include "verbs.h"
#include "../lib/account.h"
#include "../lib/args.h"
#include "../lib/words.h"

#include <json-c/json.h>

static struct json_object *usage_json(const struct dr_usage *usage)
{
	struct json_object *object = must(json_object_new_object());
	struct json_object *where = must(json_object_new_object());
	uint64_t bytes[DR_NR_PLACES];

	add_number(object, "size", usage->size);
	add_number(object, "resident", usage->resident);
	add_number(object, "saved", usage->saved);
	add_number(object, "metadata", usage->metadata);
	add_number(object, "nr_blocks", usage->blocks);
	add_number(object, "nr_pages", usage->pages);
	add_number(object, "nr_shared", usage->shared);
	add_number(object, "nr_swapped", usage->swapped);
	add_number(object, "nr_holes", usage->holes);
	dr_account(usage, bytes);
	for (int i = 0; i < DR_NR_PLACES; i++)
		add_number(where, dr_place_text[i].key, bytes[i]);
	add(object, "where", where);
	return object;
}

static struct json_object *events_json(const __u64 *events)
{
	struct json_object *object = must(json_object_new_object());

	for (unsigned int i = 0; i < DR_NR_EVENTS; i++)
		add_number(object, dr_event_name(i), events[i]);
	return object;
}

static struct json_object *limits_json(const struct dr_guest_limits *limits)
{
	struct json_object *object = must(json_object_new_object());

	add_number(object, "min", limits->min);
	add_number(object, "max", limits->max);
	add_number(object, "limit", limits->limit);
	add_number(object, "shares", limits->shares);
	add(object, "pinned", json_object_new_boolean(limits->pinned == 1));
	return object;
}

static struct json_object *guest_sharing_json(const struct dr_guest_info *guest)
{
	struct json_object *object = must(json_object_new_object());
	bool scanned = guest->state & DR_GUEST_SCANNED;

	add_text(object, "mode", dr_share_mode_name(guest->share));
	add(object, "scanned", json_object_new_boolean(scanned));
	add_number(object, "shared", guest->usage.shared * DR_PAGE_SIZE);
	add_number(object, "saved", guest->usage.saved);
	add_number(object, "zero_given_back", zero_given_back(guest->events));
	add_number(object, "volatile_visits",
		   guest->events[DR_EV_SCAN_VOLATILE]);
	return object;
}

/* Counts of faults by the microseconds they were done within. */
static struct json_object *latency_json(const __u64 *latency)
{
	struct json_object *array = must(json_object_new_array());

	for (unsigned int i = 0; i < DR_LATENCY_BUCKETS; i++)
		append(array, json_object_new_uint64(latency[i]));
	return array;
}

static void add_tiers(struct json_object *object, const struct dr_tiers *tiers)
{
	add_number(object, "same", tiers->same * DR_PAGE_SIZE);
	add_number(object, "pool", tiers->pool * DR_PAGE_SIZE);
	add_number(object, "pool_bytes", tiers->pool_bytes);
	add_number(object, "disk", tiers->disk * DR_PAGE_SIZE);
	add_number(object, "clean", tiers->clean * DR_PAGE_SIZE);
}

static struct json_object *guest_swap_json(const struct dr_guest_swap *swap)
{
	struct json_object *object = must(json_object_new_object());

	add_tiers(object, &swap->tiers);
	add(object, "latency", latency_json(swap->latency));
	return object;
}

static struct json_object *host_swap_json(const struct dr_swap_status *swap)
{
	struct json_object *object = must(json_object_new_object());

	add_text(object, "stop", dr_swap_stop_name(swap->stop));
	add_text(object, "compressor", swap->compressor);
	add_number(object, "pool_limit", swap->pool_limit);
	add_number(object, "pool_memory", swap->pool_memory);
	add_number(object, "cpu_ns", swap->cpu_ns);
	add_number(object, "nr_areas", swap->nr_areas);
	add_number(object, "areas_size", swap->areas_size);
	add_number(object, "areas_used", swap->areas_used);
	add_tiers(object, &swap->tiers);
	add(object, "latency", latency_json(swap->latency));
	return object;
}

static struct json_object *guest_json(const struct dr_guest_info *guest)
{
	struct json_object *object = must(json_object_new_object());
	bool kvm = guest->state & DR_GUEST_KVM;
	bool migrating = guest->state & DR_GUEST_MIGRATING;
	bool unaligned = guest->state & DR_GUEST_UNALIGNED;
	bool parking = guest->state & DR_GUEST_PARKING;

	add_number(object, "id", guest->id);
	add_name(object, "name", guest->name);
	add_number(object, "uid", guest->uid);
	add(object, "vmm_pid", json_object_new_int64(guest->vmm_pid));
	add_number(object, "nr_files", guest->nr_files);
	add_number(object, "nr_regions", guest->nr_regions);
	add_text(object, "run_state", dr_run_state_name(guest->run_state));
	add(object, "kvm", json_object_new_boolean(kvm));
	add(object, "migrating", json_object_new_boolean(migrating));
	add(object, "unaligned", json_object_new_boolean(unaligned));
	add(object, "parking", json_object_new_boolean(parking));
	add(object, "limits", limits_json(&guest->limits));
	add(object, "usage", usage_json(&guest->usage));
	add(object, "sharing", guest_sharing_json(guest));
	add(object, "events", events_json(guest->events));
	return object;
}

static struct json_object *guests_json(const struct dr_guest_info *guests,
				       size_t nr)
{
	struct json_object *array = must(json_object_new_array());

	for (size_t i = 0; i < nr; i++)
		append(array, guest_json(&guests[i]));
	return array;
}

static struct json_object *version_json(const struct dr_version *version)
{
	struct json_object *object = must(json_object_new_object());

	add_text(object, "release", version->release);
	add_number(object, "abi", version->abi);
	return object;
}

static struct json_object *warning_json(const struct warning *warning,
					const struct dr_guest_info *guest)
{
	struct json_object *object = must(json_object_new_object());
	char text[256];

	warning->say(guest, text, sizeof(text));
	add_text(object, "code", warning->code);
	add_number(object, "guest_id", guest->id);
	add_name(object, "guest", guest->name);
	add_text(object, "message", text);
	add_text(object, "remedy", warning->remedy);
	return object;
}

static struct json_object *warnings_json(const struct host *host)
{
	struct json_object *array = must(json_object_new_array());

	for (size_t i = 0; i < host->nr_guests; i++) {
		for (size_t j = 0; j < nr_warnings; j++) {
			if (warnings[j].applies(&host->guests[i]))
				append(array, warning_json(&warnings[j],
							   &host->guests[i]));
		}
	}
	return array;
}

static struct json_object *host_sharing_json(const struct host *host)
{
	const struct dr_share_status *share = &host->share;
	const __u64 *events = host->status.events;
	struct json_object *object = must(json_object_new_object());
	bool enabled = share->enabled;

	add(object, "enabled", json_object_new_boolean(enabled));
	add_number(object, "nr_scanners", share->nr_scanners);
	add_text(object, "level", dr_level_word(share->level));
	add_number(object, "shared", share->shared);
	add_number(object, "kept", share->kept);
	add_number(object, "saved", share_saved(share));
	add_number(object, "zero_given_back", zero_given_back(events));
	add_number(object, "volatile_visits", events[DR_EV_SCAN_VOLATILE]);
	add_number(object, "scan_rate", share->scan_rate);
	add_number(object, "cpu_ns", share->cpu_ns);
	add_number(object, "passes", share->passes);
	add_number(object, "table_bytes", share->table_bytes);
	add_number(object, "table_slots", share->table_slots);
	add_number(object, "table_shares", share->table_shares);
	add_number(object, "table_hints", share->table_hints);
	return object;
}

static struct json_object *
admission_json(const struct dr_admission_status *s)
{
	struct json_object *object = must(json_object_new_object());

	add(object, "strict", json_object_new_boolean(s->strict == 1));
	add_number(object, "promised", s->promised);
	add_number(object, "room", s->room);
	add_number(object, "swap", s->swap);
	add_number(object, "swap_promised", s->swap_promised);
	add_number(object, "refused", s->refused);
	return object;
}

int print_status_json(const struct host *host)
{
	struct json_object *memory = must(json_object_new_object());
	struct json_object *object = document();

	add(object, "module", version_json(&host->version));
	add_number(memory, "total", host->status.host_total);
	add_number(memory, "available", host->status.host_available);
	add(object, "host", memory);
	add_number(object, "nr_mounts", host->status.nr_mounts);
	add_number(object, "nr_guests", host->status.nr_guests);
	add(object, "usage", usage_json(&host->status.usage));
	if (host->has_admission)
		add(object, "admission", admission_json(&host->admission));
	if (host->has_share)
		add(object, "sharing", host_sharing_json(host));
	if (host->has_swap)
		add(object, "swap", host_swap_json(&host->swap));
	if (host->has_balloons)
		add(object, "balloons", balloon_sum_json(&host->balloons));
	add(object, "events", events_json(host->status.events));
	add(object, "guests", guests_json(host->guests, host->nr_guests));
	add(object, "warnings", warnings_json(host));
	return print(object);
}

int print_guests_json(const struct dr_guest_info *guests, size_t nr)
{
	struct json_object *object = document();

	add(object, "guests", guests_json(guests, nr));
	return print(object);
}

int print_guest_json(const struct dr_guest_info *guest,
		     const struct dr_guest_swap *swap,
		     const struct dr_balloon_info *balloon)
{
	struct json_object *object = document(), *about = guest_json(guest);

	if (swap)
		add(about, "swap", guest_swap_json(swap));
	if (balloon)
		add(about, "balloon", balloon_json(balloon));
	add(object, "guest", about);
	return print(object);
}

static struct json_object *member_json(const struct family *family, size_t i)
{
	struct json_object *object = must(json_object_new_object());
	const struct dr_sharing *sharing = family->sharing;
	uint64_t uses = dr_sharing_uses(sharing, i);
	uint64_t within = dr_sharing_pair(sharing, i, i);

	add_number(object, "id", family->guests[i].id);
	add_name(object, "name", family->guests[i].name);
	add_text(object, "mode", dr_share_mode_name(family->guests[i].share));
	add_number(object, "shared", family_bytes(family, uses));
	add_number(object, "within", family_bytes(family, within));
	return object;
}

/* Most pairs of many guests have nothing in common: they are left out. */
static void append_pair(struct json_object *array, const struct family *family,
			size_t a, size_t b)
{
	uint64_t pages = dr_sharing_pair(family->sharing, a, b);
	struct json_object *object;

	if (!pages)
		return;
	object = must(json_object_new_object());
	add_number(object, "a", family->guests[a].id);
	add_number(object, "b", family->guests[b].id);
	add_number(object, "common", family_bytes(family, pages));
	append(array, object);
}

int print_family_json(const struct family *family)
{
	struct json_object *members = must(json_object_new_array());
	struct json_object *pairs = must(json_object_new_array());
	struct json_object *object = document();

	for (size_t a = 0; a < family->nr; a++) {
		append(members, member_json(family, a));
		for (size_t b = a + 1; b < family->nr; b++)
			append_pair(pairs, family, a, b);
	}
	add_number(object, "sample", family->sample);
	add(object, "guests", members);
	add(object, "pairs", pairs);
	return print(object);
}

int print_trim_json(const struct dr_guest_info *guest,
		    const struct dr_guest_trim *trim)
{
	struct json_object *result = must(json_object_new_object());
	struct json_object *object = document();

	add_number(result, "scanned", trim->scanned);
	add_number(result, "freed", trim->freed);
	add_number(result, "busy", trim->busy);
	add_number(object, "id", guest->id);
	add_name(object, "name", guest->name);
	add(object, "trim", result);
	return print(object);
}

static struct json_object *area_json(const struct dr_swap_area *area)
{
	struct json_object *object = must(json_object_new_object());
	bool bdev = area->state & DR_SWAP_AREA_BDEV;

	add_number(object, "id", area->id);
	add_name(object, "path", area->path);
	add(object, "device", json_object_new_boolean(bdev));
	add_text(object, "state", dr_area_state_name(area));
	add(object, "prio", json_object_new_int64(area->prio));
	add_number(object, "size", area->size);
	add_number(object, "used", area->used);
	add_number(object, "bad", area->bad);
	add_number(object, "read_errors", area->read_errors);
	add_number(object, "write_errors", area->write_errors);
	add_number(object, "sum_errors", area->sum_errors);
	return object;
}

int print_areas_json(const struct dr_swap_area *areas, size_t nr)
{
	struct json_object *array = must(json_object_new_array());
	struct json_object *object = document();

	for (size_t i = 0; i < nr; i++)
		append(array, area_json(&areas[i]));
	add(object, "areas", array);
	return print(object);
}

int print_version_json(const struct dr_version *version)
{
	struct json_object *tools = must(json_object_new_object());
	struct json_object *object = document();

	add_text(tools, "release", DR_TOOLS_VERSION);
	add_number(tools, "abi", DR_ABI_VERSION);
	add(object, "tools", tools);
	add(object, "module", version_json(version));
	return print(object);
}
