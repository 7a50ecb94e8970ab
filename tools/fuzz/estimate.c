// SPDX-License-Identifier: GPL-2.0-only
/* The estimate of what a guest uses, from any samples. */
#include "fuzz.h"

#include "estimate.h"

static struct dr_sample take_sample(struct input *in)
{
	struct dr_sample s = {
		.pages = (u32)take_number(in),
		.pages_back = (u32)take_number(in),
		.blocks = (u32)take_number(in),
		.blocks_back = (u32)take_number(in),
	};
	uint8_t looks = take_byte(in);
	uint16_t before = 0;

	s.held = s.pages;
	if (looks & 0x80) {
		s.looks = (u32)take_number(in);
		s.touched = (u32)take_number(in);
		s.squares = (u32)take_number(in);
		s.changed = (u32)take_number(in);
		return s;
	}
	for (looks &= 0x3f; looks; looks--)
		before = dr_sample_look(&s, take_byte(in) * 3u % (DR_BLOCK_PAGES + 1),
					before);
	return s;
}

static void check(const struct dr_estimate *e, const struct dr_sample *running)
{
	struct dr_active active;

	dr_estimate_now(e, running, &active);
	must(active.low <= active.part && active.part <= active.high);
	must(active.high <= DR_ESTIMATE_ONE);
	must(e->slow <= DR_ESTIMATE_ONE && e->fast <= DR_ESTIMATE_ONE);
	must(e->samples >= DR_ESTIMATE_LEAST && e->samples <= DR_ESTIMATE_MOST);
	must(e->looks >= DR_LOOKS_LEAST && e->looks <= DR_LOOKS_MOST);
	must(e->seen <= DR_LOOKS_KEPT * 256ULL);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct input in = { data, size };
	struct dr_estimate estimate;
	struct dr_sample sample;

	dr_estimate_init(&estimate, (u32)take_number(&in));
	check(&estimate, NULL);
	while (in.left) {
		sample = take_sample(&in);
		check(&estimate, &sample);
		dr_estimate_period(&estimate, &sample);
		check(&estimate, NULL);
	}
	return 0;
}
