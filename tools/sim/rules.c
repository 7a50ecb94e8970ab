// SPDX-License-Identifier: GPL-2.0-only
/*
 * Who decides: our policy, and two others written from what their own sources
 * and documents say they do (Proxmox VE 8's AutoBalloon, oVirt's MOM).
 */
#include "world.h"

static u64 smaller(u64 a, u64 b)
{
	return a < b ? a : b;
}

/* Take memory from a guest; what its balloon can do in a second. */
static u64 take(struct sim_world *world, u32 guest, u64 bytes)
{
	struct dr_policy_in *in = &world->policy[guest].in;

	bytes = smaller(bytes, in->resident) & ~(u64)(DR_PAGE_SIZE - 1);
	in->resident -= bytes;
	world->free += bytes;
	return bytes;
}

static void count_turn(struct sim_world *world, u32 guest, u64 was, u64 is)
{
	struct sim_guest *g = &world->guests[guest];
	int direction = (is > was) - (is < was);

	if (!direction || !was)
		return;
	world->totals.moves++;
	if (g->direction && direction != g->direction) {
		g->turns++;
		world->totals.turns++;
	}
	g->direction = direction;
}

static void follow(struct sim_world *world, u32 guest)
{
	struct dr_policy_guest *p = &world->policy[guest];
	u64 balloon = smaller(p->out.balloon, SIM_BALLOON_RATE);
	u64 page = take(world, guest, smaller(p->out.page, world->page));

	world->page -= page;
	world->totals.paged += page;
	world->totals.ballooned += take(world, guest, balloon);
	count_turn(world, guest, p->in.target, p->out.target);
}

/*
 * in stays as the policy saw it until the step is recorded: what the next run
 * remembers is taken over when it begins.
 */
static void decide_denseram(struct sim_world *world)
{
	for (u32 i = 0; i < world->nr; i++) {
		struct dr_policy_guest *p = &world->policy[i];

		p->in.target = p->out.target;
		p->in.was_active = p->out.active;
		p->in.swap = p->in.resident;
	}
	world->host.free = world->free;
	world->host.available = world->free;
	world->host.level = dr_level_of(world->free, world->total,
					world->host.level);
	dr_policy_run(&world->host, world->policy, world->claims, world->nr,
		      &world->result);
	for (u32 i = 0; i < world->nr; i++)
		world->decided[i] = world->policy[i];
	for (u32 i = 0; i < world->nr; i++)
		follow(world, i);
}

const struct sim_rule sim_denseram = {
	.name = "denseram",
	.decide = decide_denseram,
};

/* Balloons follow what a rule allows, as fast as they can. */
static void squeeze(struct sim_world *world)
{
	for (u32 i = 0; i < world->nr; i++) {
		u64 resident = world->policy[i].in.resident;
		u64 allowed = world->guests[i].allowed;

		if (resident > allowed)
			world->totals.ballooned +=
				take(world, i, smaller(resident - allowed,
						       SIM_BALLOON_RATE));
	}
}

static void allow(struct sim_world *world, u32 guest, u64 bytes)
{
	struct sim_guest *g = &world->guests[guest];
	u64 was = g->allowed;

	bytes = smaller(bytes, g->size);
	if (bytes < world->policy[guest].in.min)
		bytes = world->policy[guest].in.min;
	g->allowed = bytes & ~(u64)(DR_PAGE_SIZE - 1);
	count_turn(world, guest, was, g->allowed);
	world->policy[guest].out.target = g->allowed;
}

#define ROUND		10
#define PVE_STEP	(100 * SIM_MIB)
#define PVE_DEAD	(10 * SIM_MIB)

/* From where it is towards where it is to be, by at most a step. */
static void allow_step(struct sim_world *world, u32 guest, u64 wanted)
{
	u64 now = world->guests[guest].allowed;

	if (wanted > now + PVE_STEP)
		wanted = now + PVE_STEP;
	if (wanted + PVE_STEP < now)
		wanted = now - PVE_STEP;
	allow(world, guest, wanted);
}

/*
 * Every 10 s bring the host to 80 % used: what guests have beyond their min,
 * and what is missing from or beyond that goal, is divided by shares; no guest
 * moves by more than 100 MiB a round. A goal nearer than 10 MiB counts as
 * reached.
 */
static void decide_proxmox(struct sim_world *world)
{
	s64 goal = (s64)(world->total / 100 * 80) -
		   (s64)(world->total - world->free);
	u64 shares = 0;
	s64 pool = goal;

	if (!(world->now % ROUND) &&
	    (goal > (s64)PVE_DEAD || goal < -(s64)PVE_DEAD)) {
		for (u32 i = 0; i < world->nr; i++) {
			u64 min = world->policy[i].in.min;
			u64 has = world->guests[i].allowed;

			shares += world->policy[i].in.shares;
			pool += has > min ? has - min : 0;
		}
		if (pool < 0)
			pool = 0;
		for (u32 i = 0; i < world->nr; i++) {
			const struct dr_policy_in *in = &world->policy[i].in;

			allow_step(world, i, in->min + (u64)((double)pool *
						in->shares / shares));
		}
	}
	squeeze(world);
}

const struct sim_rule sim_proxmox = {
	.name = "proxmox",
	.decide = decide_proxmox,
	.strict = true,
};

/*
 * Every 10 s. Less than 20 % of the host free: each guest shrinks towards what
 * it uses and, of 20 % of what it has, as much as the host has left of its own
 * 20 %; below 5 % free even into what it uses; by at most 5 % a round, and not
 * for less than a quarter of a percent. Else each grows by 5 %, or to what it
 * uses and 20 % if that is more. What it uses is its working set here, which is
 * kind to the rule: its guests report page cache as used.
 */
static void mom_guest(struct sim_world *world, u32 guest, double free)
{
	const struct sim_guest *g = &world->guests[guest];
	double now = g->allowed, wanted;

	if (free >= 0.20) {
		wanted = now * 1.05;
		if (wanted < g->used + 0.20 * now)
			wanted = g->used + 0.20 * now;
		allow(world, guest, (u64)wanted);
		return;
	}
	wanted = g->used + 0.20 * now * (free / 0.20);
	if (free < 0.05)
		wanted = g->used + (free - 0.05) * now;
	if (wanted < now * 0.95)
		wanted = now * 0.95;
	if (now - wanted >= now * 0.0025)
		allow(world, guest, (u64)wanted);
}

static void decide_mom(struct sim_world *world)
{
	double free = (double)world->free / world->total;

	if (!(world->now % ROUND)) {
		for (u32 i = 0; i < world->nr; i++)
			mom_guest(world, i, free);
	}
	squeeze(world);
}

const struct sim_rule sim_mom = {
	.name = "mom",
	.decide = decide_mom,
	.strict = true,
};
