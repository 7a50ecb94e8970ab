// SPDX-License-Identifier: GPL-2.0-only
#include "estimate.h"

/**
 * DOC: Working-set estimate
 *
 * A guest does not say what it uses, and a module cannot read the accessed bits
 * of nested page tables. So unmap a few pages picked at random, and count which
 * come back by a fault within a period: n samples of which t are touched make
 * an active fraction of t / n, whatever the size of the guest. (ESX: n = 100 in
 * 30 s, which is right to within 10 % of the guest's memory 19 times out of
 * 20.)
 *
 * How many. Each period ends with a 95 % interval (Wilson's, which is also
 * right where t is 0 or n). The next n is what the wanted width takes at the
 * fraction found, at most twice and at least half of the last: an idle guest
 * and a fully active one need few.
 *
 * Averages. A fast one and a slow one, and the fast one as it would be with the
 * period that is still running; the largest counts. So more activity is seen
 * soon and less is believed late: taking from an active guest hurts at once,
 * leaving memory with an idle one hurts only when somebody needs it. When the
 * running period alone proves a rise (twice its interval is above the fast
 * average), it counts as it is.
 *
 * Blocks. One touch anywhere in 2 MiB brings a block back, so a block that came
 * back says "one page or more", and counting it whole overstates by up to 512
 * times. Unmapping a page of it alone is no way out: the core drops the whole
 * mapping. But the fault tells which page was touched, a draw from the pages
 * that are in use. Unmap the block again and draw again: of two draws from N
 * pages in equal use, one pair in N is the same page twice. The pairs of all
 * blocks together give the mean number of pages in use in a block that is in
 * use, as a birthday problem. Pages in unequal use make pairs more likely, so
 * that it understates rather than overstates. Too few pairs to tell N from 512
 * leave the block counted whole, and the lower end of the interval says how
 * little it may be.
 *
 * The interval around the answer is that of the last period, which is wider
 * than the average's own.
 */

/* 1.96 and its square in 1/65536: 95 % of a normal distribution. */
#define Z		128451ULL
#define Z_SQUARED	251763ULL

#define ONE		((u64)DR_ESTIMATE_ONE)

/* Part of the way that an average goes to a new value: one in so many. */
#define GAIN_FAST	4
#define GAIN_SLOW	8

/* Ends of an interval, in 1/65536. */
struct ends {
	u64 low;
	u64 high;
};

/* The largest number whose square is not above @value. */
static u64 square_root(u64 value)
{
	u64 root = 0, bit = 1ULL << 62;

	while (bit > value)
		bit >>= 2;
	for (; bit; bit >>= 2) {
		if (value >= root + bit) {
			value -= root + bit;
			root = (root >> 1) + bit;
		} else {
			root >>= 1;
		}
	}
	return root;
}

/* Wilson's interval of a fraction @part that @nr samples gave. */
static struct ends interval(u64 part, u64 nr)
{
	u64 below = (nr << 16) + Z_SQUARED;
	u64 center = ((part * nr + Z_SQUARED / 2) << 16) / below;
	u64 spread = part * (ONE - part) * nr + Z_SQUARED * ONE / 4;
	u64 half = Z * square_root(spread) / below;

	return (struct ends){
		.low = center > half ? center - half : 0,
		.high = center + half < ONE ? center + half : ONE,
	};
}

/*
 * May so many of the pairs be of one page, though all 512 are in even use? One
 * in 512 would be, with a spread of its root: up to 2.5 times that is chance. It
 * takes that much, because who is wrong here counts a block in full use by a
 * half of itself, and believes so for some periods. In 1/256, for where blocks are
 * few it is a matter of single pairs.
 */
static bool may_be_whole(u64 pairs, u64 same)
{
	u64 even = (pairs << 8) / DR_PROBE_PAGES;

	return same << 8 <= even + 5 * square_root(even << 8) / 2 + 256;
}

/*
 * The part of a block in use that is itself in use, from pairs of which @same
 * hit one page twice. The number of these has a spread of its root. What cannot
 * be told from an even use of all pages counts as whole.
 */
static u64 density(u64 pairs, u64 same, struct ends *ends)
{
	u64 root = 2 * square_root(same);
	u64 fewest = same > root ? same - root : 0;
	u64 most = same + root + 4;

	ends->low = pairs * ONE / most / DR_PROBE_PAGES;
	if (ends->low > ONE)
		ends->low = ONE;
	if (ends->low < ONE / DR_PROBE_PAGES)
		ends->low = ONE / DR_PROBE_PAGES;
	ends->high = ONE;
	if (fewest && pairs / fewest < DR_PROBE_PAGES)
		ends->high = pairs * ONE / fewest / DR_PROBE_PAGES;
	if (ends->high < ends->low)
		ends->high = ends->low;
	if (may_be_whole(pairs, same))
		return ONE;
	if (pairs / same >= DR_PROBE_PAGES)
		return ONE;
	return pairs * ONE / same / DR_PROBE_PAGES;
}

static u64 samples_of(const struct dr_sample *sample)
{
	return (u64)sample->pages + sample->blocks;
}

/* The fraction a period found, blocks counted with a density. */
static u64 part_of(const struct dr_sample *sample, u64 dense)
{
	u64 nr = samples_of(sample);
	u64 back = sample->pages_back * ONE + sample->blocks_back * dense;
	u64 part = nr ? back / nr : 0;

	return part < ONE ? part : ONE;
}

/* Pairs of this period and the earlier ones, whole ones. */
static u64 pairs_with(u64 kept, u32 fresh)
{
	return kept / 8 + fresh;
}

/* The fraction and the interval of one period by itself. */
static u64 look(const struct dr_estimate *estimate,
		const struct dr_sample *sample, struct ends *ends)
{
	struct ends dense;
	u64 point = density(pairs_with(estimate->pairs, sample->pairs),
			    pairs_with(estimate->same, sample->same), &dense);
	u64 nr = samples_of(sample);

	ends->low = interval(part_of(sample, dense.low), nr).low;
	ends->high = interval(part_of(sample, dense.high), nr).high;
	return part_of(sample, point);
}

/* How many samples make an interval as narrow as wanted. */
static u32 samples_for(const struct dr_estimate *estimate,
		       const struct ends *ends)
{
	u64 half = ONE / 2, part = half, nr;

	/* The most uncertain fraction that the interval allows. */
	if (ends->high < half)
		part = ends->high;
	if (ends->low > half)
		part = ends->low;
	nr = Z_SQUARED * (part * (ONE - part) / ONE) /
	     ((u64)estimate->want * estimate->want) + 1;
	if (nr > 2 * (u64)estimate->samples)
		nr = 2 * (u64)estimate->samples;
	if (nr < estimate->samples / 2)
		nr = estimate->samples / 2;
	if (nr < DR_ESTIMATE_LEAST)
		nr = DR_ESTIMATE_LEAST;
	return nr < DR_ESTIMATE_MOST ? nr : DR_ESTIMATE_MOST;
}

/**
 * dr_estimate_init() - begin with a guest
 * @estimate: nothing is known of it: all of it counts as possibly active
 * @want: half the width of the interval wanted; 0 for DR_ESTIMATE_WANT
 */
void dr_estimate_init(struct dr_estimate *estimate, u32 want)
{
	*estimate = (struct dr_estimate){
		.want = want ? want : DR_ESTIMATE_WANT,
		.samples = 2 * DR_ESTIMATE_LEAST,
	};
}

/* Samples that cannot be: more came back than were sent. Cut them. */
static struct dr_sample sane(const struct dr_sample *sample)
{
	struct dr_sample s = *sample;

	if (s.pages > DR_ESTIMATE_MOST * 8)
		s.pages = DR_ESTIMATE_MOST * 8;
	if (s.blocks > DR_ESTIMATE_MOST * 8)
		s.blocks = DR_ESTIMATE_MOST * 8;
	if (s.pages_back > s.pages)
		s.pages_back = s.pages;
	if (s.blocks_back > s.blocks)
		s.blocks_back = s.blocks;
	if (s.same > s.pairs)
		s.same = s.pairs;
	return s;
}

/* A step from one average towards a value; @gain is a power of two. */
static u32 towards(u32 from, u64 to, u32 gain)
{
	if (to >= from)
		return from + (to - from + gain - 1) / gain;
	return from - (from - to) / gain;
}

/*
 * Does one period of @nr samples prove a rise? By twice its interval: by once,
 * chance alone would prove one in forty periods. What is not known of blocks was
 * not known before either, and is left out: a guest of few blocks would have to
 * wait for the average otherwise.
 */
static bool has_risen(const struct dr_estimate *estimate, u64 part, u64 nr)
{
	u64 low = interval(part, nr).low;
	u64 margin = part > low ? part - low : 0;

	return part > estimate->fast + 2 * margin;
}

/**
 * dr_estimate_period() - a period is over
 * @estimate: learns from it
 * @sample: what was counted; without a sample it says nothing, and changes
 *	nothing
 *
 * Context: One caller at a time for a guest.
 */
void dr_estimate_period(struct dr_estimate *estimate,
			const struct dr_sample *sample)
{
	struct dr_sample s = sane(sample);
	struct ends ends;
	bool risen;
	u64 part;

	if (!samples_of(&s))
		return;
	part = look(estimate, &s, &ends);
	if (!estimate->periods) {
		estimate->slow = part;
		estimate->fast = part;
	} else {
		risen = has_risen(estimate, part, samples_of(&s));
		estimate->slow = towards(estimate->slow, part, GAIN_SLOW);
		estimate->fast = risen ? part :
				 towards(estimate->fast, part, GAIN_FAST);
	}
	estimate->above = ends.high > part ? ends.high - part : 0;
	estimate->below = part > ends.low ? part - ends.low : 0;
	estimate->pairs += s.pairs * 8ULL - estimate->pairs / 8;
	estimate->same += s.same * 8ULL - estimate->same / 8;
	estimate->samples = samples_for(estimate, &ends);
	if (estimate->periods < U32_MAX)
		estimate->periods++;
}

/**
 * dr_estimate_now() - the answer at this moment
 * @estimate: of the guest
 * @sample: the period that is running, as far as it is; NULL for none
 * @active: out: the answer
 *
 * What has not come back yet still may, so a running period can only raise it.
 *
 * Context: Any; needs @estimate and @sample to stand still.
 */
void dr_estimate_now(const struct dr_estimate *estimate,
		     const struct dr_sample *sample, struct dr_active *active)
{
	u64 part = estimate->slow > estimate->fast ? estimate->slow :
						     estimate->fast;

	if (!estimate->periods) {
		*active = (struct dr_active){
			.part = DR_ESTIMATE_ONE, .high = DR_ESTIMATE_ONE,
		};
		return;
	}
	if (sample && samples_of(sample)) {
		struct dr_sample s = sane(sample);
		struct ends ends;
		u64 now = look(estimate, &s, &ends);

		if (!has_risen(estimate, now, samples_of(&s)))
			now = towards(estimate->fast, now, GAIN_FAST);
		if (now > part)
			part = now;
	}
	active->part = part;
	active->low = part > estimate->below ? part - estimate->below : 0;
	active->high = part + estimate->above < ONE ? part + estimate->above :
						      ONE;
}

/**
 * dr_probe_draw() - a block came back
 * @probe: its touches so far in this period, zeroed at the start
 * @sample: counts the pairs
 * @page: the page of the block that was touched, 0 to DR_PROBE_PAGES - 1
 *
 * Return: is another draw of this block of use?
 */
bool dr_probe_draw(struct dr_probe *probe, struct dr_sample *sample, u16 page)
{
	u32 i;

	if (probe->nr >= DR_PROBE_DRAWS)
		return false;
	for (i = 0; i < probe->nr; i++) {
		sample->pairs++;
		sample->same += probe->page[i] == page;
	}
	probe->page[probe->nr++] = page;
	return probe->nr < DR_PROBE_DRAWS;
}
