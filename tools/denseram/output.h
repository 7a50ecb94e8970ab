/* SPDX-License-Identifier: GPL-2.0-only */
/* What the verbs print: print.c for people, json.c for programs. */
#ifndef DR_OUTPUT_H
#define DR_OUTPUT_H

#include <stdbool.h>
#include <stddef.h>

#include <linux/denseram.h>

#include "../lib/balloon.h"
#include "../lib/sharing.h"

struct dr_view;
struct json_object;

/**
 * struct host - all that "denseram status" reports
 * @version: of the module
 * @status: of the host
 * @share: of sharing; only when @has_share, the module being new enough
 * @swap: of paging; only when @has_swap, likewise
 * @admission: what is promised; only when @has_admission, likewise
 * @guests: by id; @nr_guests of them
 * @balloons: of all guests together; only when @has_balloons, likewise
 */
struct host {
	struct dr_version version;
	struct dr_status status;
	struct dr_share_status share;
	bool has_share;
	struct dr_swap_status swap;
	bool has_swap;
	struct dr_admission_status admission;
	bool has_admission;
	struct dr_guest_info *guests;
	size_t nr_guests;
	struct dr_balloon_sum balloons;
	bool has_balloons;
};

/**
 * struct family - who shares with whom
 * @guests: by id; @nr of them
 * @sharing: counted, guests by their place in @guests
 * @sample: one shared page in 2^@sample was looked at
 */
struct family {
	struct dr_guest_info *guests;
	size_t nr;
	struct dr_sharing *sharing;
	unsigned int sample;
};

/* Bytes that a number of sampled pages stands for. */
uint64_t family_bytes(const struct family *family, uint64_t pages);

/**
 * struct warning - something an administrator can do better
 * @code: stable name
 * @remedy: what to do
 * @applies: whether this guest has it
 * @say: what is wrong with it, a sentence without the guest's name
 */
struct warning {
	const char *code;
	const char *remedy;
	bool (*applies)(const struct dr_guest_info *guest);
	void (*say)(const struct dr_guest_info *guest, char *text, size_t len);
};

extern const struct warning warnings[];
extern const size_t nr_warnings;

/* Each returns the exit status. */
int print_status(const struct host *host);
int print_guest_table(const struct dr_guest_info *guests, size_t nr);
/* @swap, @balloon: NULL when the module is older than paging, balloons. */
int print_guest(const struct dr_guest_info *guest,
		const struct dr_guest_swap *swap,
		const struct dr_balloon_info *balloon);
int print_balloon_table(const struct dr_guest_info *guests,
			const struct dr_balloon_info *balloons, size_t nr);
int print_family(const struct family *family);
int print_areas(const struct dr_swap_area *areas, size_t nr);

int print_status_json(const struct host *host);
int print_guests_json(const struct dr_guest_info *guests, size_t nr);
int print_guest_json(const struct dr_guest_info *guest,
		     const struct dr_guest_swap *swap,
		     const struct dr_balloon_info *balloon);
int print_balloons_json(const struct dr_guest_info *guests,
			const struct dr_balloon_info *balloons, size_t nr);
int print_family_json(const struct family *family);
int print_trim_json(const struct dr_guest_info *guest,
		    const struct dr_guest_trim *trim);
int print_areas_json(const struct dr_swap_area *areas, size_t nr);
int print_version_json(const struct dr_version *version);
void print_view_json(const struct dr_view *view,
		     const struct dr_version *version);

/* Paragraphs of the above. */
void print_host_sharing(const struct dr_share_status *share,
			const __u64 *events);
void print_guest_sharing(const struct dr_guest_info *guest);
void print_host_balloons(const struct dr_balloon_sum *sum);
void print_guest_balloon(const struct dr_balloon_info *balloon);
struct json_object *balloon_json(const struct dr_balloon_info *balloon);
struct json_object *balloon_sum_json(const struct dr_balloon_sum *sum);

void print_host_paging(const struct dr_swap_status *swap, const __u64 *events);
void print_guest_paging(const struct dr_guest_swap *swap,
			const __u64 *events);

/* Bytes of zero pages the scanner gave back, from the counters. */
uint64_t zero_given_back(const __u64 *events);
uint64_t share_saved(const struct dr_share_status *share);

#endif /* DR_OUTPUT_H */
