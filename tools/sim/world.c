// SPDX-License-Identifier: GPL-2.0-only
#include "world.h"

#include <errno.h>
#include <stdlib.h>
#include <time.h>

static u64 smaller(u64 a, u64 b)
{
	return a < b ? a : b;
}

u64 sim_clock(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (u64)now.tv_sec * 1000000000 + (u64)now.tv_nsec;
}

u64 sim_resident(const struct sim_world *world)
{
	u64 sum = 0;

	for (u32 i = 0; i < world->nr; i++)
		sum += world->policy[i].in.resident;
	return sum;
}

u64 sim_used(const struct sim_world *world)
{
	u64 sum = 0;

	for (u32 i = 0; i < world->nr; i++)
		sum += world->guests[i].used;
	return sum;
}

double sim_lost(const struct sim_world *world)
{
	double sum = 0;

	for (u32 i = 0; i < world->nr; i++)
		sum += world->guests[i].lost;
	return world->nr && world->now ?
	       100 * sum / world->nr / world->now : 0;
}

double sim_lost_worst(const struct sim_world *world)
{
	double worst = 0;

	for (u32 i = 0; i < world->nr; i++) {
		if (world->guests[i].lost > worst)
			worst = world->guests[i].lost;
	}
	return world->now ? 100 * worst / world->now : 0;
}

static void enter(struct sim_world *world, u32 guest)
{
	struct sim_guest *g = &world->guests[guest];
	struct dr_policy_in *in = &world->policy[guest].in;

	dr_estimate_init(&g->estimate, 0);
	g->allowed = g->size;
	*in = (struct dr_policy_in){
		.id = guest,
		.size = g->size,
		.min = g->size / 8 / DR_PAGE_SIZE * DR_PAGE_SIZE,
		.shares = 1000,
		.active_high = DR_POLICY_ONE,
		.active = DR_POLICY_ONE,
		.flags = DR_POLICY_BALLOON,
	};
}

static int allocate(struct sim_world *world)
{
	world->guests = calloc(world->nr, sizeof(*world->guests));
	world->policy = calloc(world->nr, sizeof(*world->policy));
	world->decided = calloc(world->nr, sizeof(*world->decided));
	world->claims = calloc(world->nr, sizeof(*world->claims));
	return world->guests && world->policy && world->decided &&
	       world->claims ? 0 : -ENOMEM;
}

int sim_create(struct sim_world *world, const struct sim_setup *setup,
	       const struct sim_rule *rule)
{
	int err;

	*world = (struct sim_world){
		.nr = setup->nr,
		.random = setup->seed * 2 + 1,
		.rule = rule,
	};
	err = allocate(world);
	if (!err)
		err = sim_fleet(world, setup);
	if (err) {
		sim_destroy(world);
		return err;
	}
	for (u32 i = 0; i < world->nr; i++)
		enter(world, i);
	world->total = setup->total ? setup->total :
				      setup->nr * setup->size / 2;
	world->free = world->total - world->total / SIM_OWN;
	world->host = (struct dr_policy_host){
		.total = world->total,
		.free = world->free, .available = world->free,
		.tax = setup->tax,
		.band = DR_POLICY_BAND,
	};
	return 0;
}

void sim_destroy(struct sim_world *world)
{
	free(world->guests);
	free(world->policy);
	free(world->decided);
	free(world->claims);
	*world = (struct sim_world){ .nr = 0 };
}

void sim_guest_set(struct sim_world *world, u32 guest, u64 size, u64 used,
		   u64 file, u64 resident)
{
	struct sim_guest *g = &world->guests[guest];

	g->kind = SIM_TRACE;
	g->size = size;
	g->used = used;
	g->file = file;
	enter(world, guest);
	world->policy[guest].in.resident = resident;
	world->free -= smaller(world->free, resident);
}

/* Each guest in another second, so that the work is even. */
static void sample(struct sim_world *world, u32 guest)
{
	struct sim_guest *g = &world->guests[guest];
	struct dr_policy_in *in = &world->policy[guest].in;
	struct dr_sample s = { .pages = g->estimate.samples };
	struct dr_active active;
	u64 used = smaller(g->used, in->resident);

	if ((world->now + guest) % SIM_PERIOD || !in->resident)
		return;
	for (u32 i = 0; i < s.pages; i++)
		s.pages_back += sim_random(world, in->resident) < used;
	dr_estimate_period(&g->estimate, &s);
	dr_estimate_now(&g->estimate, NULL, &active);
	in->active = active.part;
	in->active_low = active.low;
	in->active_high = active.high;
	in->fresh = g->grown;
	g->grown = 0;
}

/* What the guest wants and does not have: first what it uses, then cache. */
static u64 wish(const struct sim_guest *g, const struct dr_policy_guest *p)
{
	u64 resident = p->in.resident, want = 0;

	if (g->used > resident)
		want = smaller(g->used - resident, SIM_TOUCH_RATE);
	else if (g->used + g->file > resident)
		want = smaller(g->used + g->file - resident, SIM_CACHE_RATE);
	return smaller(want, g->size - smaller(g->size, resident));
}

/* By how much the rule lets a guest grow. */
static u64 leave(const struct sim_world *world, u32 guest)
{
	const struct dr_policy_guest *p = &world->policy[guest];
	u64 may = world->rule->strict ? world->guests[guest].allowed :
					p->out.target;
	u64 enough = dr_level_enough(DR_LEVEL_SOFT, world->total);
	u64 more = may - smaller(may, p->in.resident);

	if (p->out.flags & DR_POLICY_WAIT)
		return 0;
	if (!world->rule->strict && world->free > enough)
		more += world->free - enough;
	return more;
}

static void grow(struct sim_world *world, u32 guest)
{
	struct sim_guest *g = &world->guests[guest];
	struct dr_policy_guest *p = &world->policy[guest];
	u64 want = smaller(wish(g, p), world->touch) &
		   ~(u64)(DR_PAGE_SIZE - 1);
	u64 get = smaller(want, leave(world, guest)) &
		  ~(u64)(DR_PAGE_SIZE - 1);

	if (get > world->free) {
		world->totals.short_seconds += g->used > p->in.resident;
		get = world->free & ~(u64)(DR_PAGE_SIZE - 1);
	}
	/* The only way to break a promise: to be refused what it covers. */
	if (get < want && p->in.resident + get < p->in.min)
		world->totals.min_broken++;
	p->in.resident += get;
	p->in.fresh += get;
	g->grown += get;
	world->free -= get;
	world->touch -= get;
	p->in.need = g->used > p->in.resident ?
		smaller(g->used - p->in.resident, SIM_TOUCH_RATE) : 0;
}

/* Work that a second lost because memory was missing. */
static void lose(struct sim_world *world, u32 guest)
{
	struct sim_guest *g = &world->guests[guest];
	const struct dr_policy_in *in = &world->policy[guest].in;
	double missing, cost;

	if (g->used <= in->resident)
		return;
	missing = (double)(g->used - in->resident) / g->used;
	cost = missing * SIM_PENALTY / (1 + missing * SIM_PENALTY);
	g->lost += cost;
	if (cost > g->worst)
		g->worst = cost;
}

void sim_step(struct sim_world *world)
{
	u64 large = 1 + world->total / SIM_LARGE;
	u64 start;

	world->touch = SIM_TOUCH_ALL * large;
	world->page = SIM_PAGE_ALL * large;
	for (u32 i = 0; i < world->nr; i++) {
		sim_live(world, &world->guests[i]);
		sample(world, i);
		grow(world, i);
		lose(world, i);
	}
	start = sim_clock();
	world->rule->decide(world);
	start = sim_clock() - start;
	world->totals.run_ns += start;
	if (start > world->totals.run_ns_most)
		world->totals.run_ns_most = start;
	world->totals.runs++;
	world->now++;
}
