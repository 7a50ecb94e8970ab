// SPDX-License-Identifier: GPL-2.0-only
/*
 * fill: write all memory once in given fractions of zero, shared and unique
 * pages, then go on checking it. idle: the same, and then touch nothing.
 */
#include "workload.h"

/* How pages that are no other guest's are named */
enum kind unique_kind(const struct options *opt)
{
	return opt->text ? KIND_TEXT : KIND_UNIQUE;
}

/*
 * Which pages are zero or shared depends on the page's number alone, so that
 * guests of different seeds have the same shared pages.
 */
enum kind fill_kind(const struct options *opt, uint32_t id)
{
	uint64_t draw = mix64(id + 0x5eedull) % 100;

	if (draw < opt->zero)
		return KIND_ZERO;
	return draw < opt->zero + opt->same ? KIND_SAME : unique_kind(opt);
}

static int fill_setup(struct worker *w)
{
	struct arena *a = &w->arena;
	size_t i;

	if (w->opt->zero + w->opt->same > 100) {
		report_error("zero + same exceed 100 percent");
		return -1;
	}
	for (i = 0; i < a->nr; i++) {
		uint32_t id = a->first_id + i;

		arena_write(w, i, (struct desc) {
			.id = id,
			.kind = fill_kind(w->opt, id),
		});
		w->ops++;
	}
	return 0;
}

/* For modes whose pages are all of one kind */
unsigned int fill_plain(struct worker *w, enum kind kind)
{
	struct arena *a = &w->arena;
	size_t i;

	for (i = 0; i < a->nr; i++)
		arena_write(w, i, (struct desc) {
			.id = a->first_id + i,
			.kind = kind,
		});
	return a->nr;
}

const struct mode mode_fill = {
	.name = "fill",
	.setup = fill_setup,
	.verify = 25,
};

const struct mode mode_idle = {
	.name = "idle",
	.setup = fill_setup,
	.verify = 0,
};
