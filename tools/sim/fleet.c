// SPDX-License-Identifier: GPL-2.0-only
/* Fleets of synthetic guests, and how their working sets change. */
#include "world.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define DAY		86400
#define HOUR		3600

/* Of a hundred guests, how many are of each kind. */
static const struct fleet {
	const char *name;
	u8 percent[SIM_NR_KINDS];
} fleets[] = {
	{ "idle", { [SIM_IDLE] = 80, [SIM_STEADY] = 10, [SIM_BURSTY] = 10 } },
	{ "diurnal", { [SIM_IDLE] = 10, [SIM_DIURNAL] = 90 } },
	{ "bursty", { [SIM_IDLE] = 20, [SIM_BURSTY] = 80 } },
	{ "mixed", { [SIM_IDLE] = 40, [SIM_STEADY] = 20, [SIM_DIURNAL] = 20,
		     [SIM_BURSTY] = 20 } },
};

u64 sim_random(struct sim_world *world, u64 end)
{
	u64 x = world->random;

	x ^= x >> 12;
	x ^= x << 25;
	x ^= x >> 27;
	world->random = x;
	return end ? (x * 0x2545f4914f6cdd1dULL >> 16) % end : 0;
}

static enum sim_kind pick_kind(struct sim_world *world,
			       const struct fleet *fleet)
{
	u64 left = sim_random(world, 100);

	for (int kind = 0; kind < SIM_NR_KINDS; kind++) {
		if (left < fleet->percent[kind])
			return kind;
		left -= fleet->percent[kind];
	}
	return SIM_IDLE;
}

static u64 percent_of(u64 size, u64 percent)
{
	return size / 100 * percent;
}

/* What a guest of a kind uses and caches, with chance in it. */
static void furnish(struct sim_world *world, struct sim_guest *guest)
{
	static const struct {
		u8 low, low_more, high, high_more;
	} kinds[SIM_NR_KINDS] = {
		[SIM_IDLE] = { 3, 7, 3, 7 },
		[SIM_STEADY] = { 40, 30, 40, 30 },
		[SIM_DIURNAL] = { 5, 10, 50, 40 },
		[SIM_BURSTY] = { 5, 15, 50, 40 },
	};
	u64 low = kinds[guest->kind].low +
		  sim_random(world, kinds[guest->kind].low_more + 1);
	u64 high = kinds[guest->kind].high +
		   sim_random(world, kinds[guest->kind].high_more + 1);

	guest->low = percent_of(guest->size, low < high ? low : high);
	guest->high = percent_of(guest->size, low < high ? high : low);
	guest->file = percent_of(guest->size, 40 + sim_random(world, 61));
	guest->phase = sim_random(world, 2 * HOUR);
	guest->used = guest->low;
}

/* Little at night, much in the middle of the day, by two straight lines. */
static u64 daily(const struct sim_guest *guest, u32 now)
{
	u32 time = (now + guest->phase) % DAY;
	u32 away = time > DAY / 2 ? time - DAY / 2 : DAY / 2 - time;
	u64 range = guest->high - guest->low;

	/* Work from six to six. */
	if (away >= DAY / 4)
		return guest->low;
	return guest->low + range * (DAY / 4 - away) / (DAY / 4);
}

/* Bursts of one to five minutes, on average one in half an hour. */
static u64 in_bursts(struct sim_world *world, struct sim_guest *guest)
{
	if (guest->burst)
		guest->burst--;
	else if (!sim_random(world, 1800))
		guest->burst = 60 + sim_random(world, 240);
	return guest->burst ? guest->high : guest->low;
}

void sim_live(struct sim_world *world, struct sim_guest *guest)
{
	switch (guest->kind) {
	case SIM_DIURNAL:
		guest->used = daily(guest, world->now + DAY / 4);
		break;
	case SIM_BURSTY:
		guest->used = in_bursts(world, guest);
		break;
	default:
		break;
	}
	/* Memory comes in whole pages. */
	guest->used &= ~(u64)(DR_PAGE_SIZE - 1);
}

int sim_fleet(struct sim_world *world, const struct sim_setup *setup)
{
	for (size_t i = 0; i < ARRAY_SIZE(fleets); i++) {
		if (strcmp(fleets[i].name, setup->fleet))
			continue;
		for (u32 j = 0; j < world->nr; j++) {
			struct sim_guest *guest = &world->guests[j];

			guest->kind = pick_kind(world, &fleets[i]);
			guest->size = setup->size;
			furnish(world, guest);
		}
		return 0;
	}
	return -EINVAL;
}
