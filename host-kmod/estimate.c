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
 * average), it counts as it is. At first, and after a rise, an average is the plain
 * mean of the periods there are, lest the one that knew least counts for long.
 *
 * Blocks. One touch anywhere in 2 MiB brings a block back, so a block that came
 * back says "one page or more", and counting it whole overstates by up to 512
 * times. Unmapping a page of it alone is no way out: the core drops the whole
 * mapping. So some of the blocks are looked into: for a period they are mapped
 * page by page, and each page that is touched is seen. The mean of these tells
 * how much of a block in use is in use, whatever the pattern, and the spread
 * among them how well that is known. It is a sample in two stages: many blocks
 * tell how many are in use, few tell how much of each. Where no block can be
 * looked into, those that came back count whole, and the lower end of the interval
 * says how little it may be.
 *
 * Each page that is seen this way costs the guest a fault, so there are few such
 * looks as long as all stays as it was, and those of the last periods count
 * together. No block is looked into again before all others were, so of a small
 * guest all blocks are known after some periods, and nothing of them is left to
 * chance (sampling without replacement; Cochran, Sampling Techniques, 2.6). When all
 * is not as it was, because another part of the guest came back, the blocks are
 * used differently on average, or one of four differs by half a block from what it was
 * itself (which a few looks prove, where the average would take many), most of what was
 * known is forgotten, and the next period looks into many.
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

/* What is remembered of blocks is in this unit. */
#define LOOK		256ULL

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

/**
 * struct dense - the part of a block in use that is itself in use
 * @looks: blocks looked into, in 1/%LOOK
 * @mean: pages touched in each, on average, in 1/512 of a page
 * @spread: the square of the deviation from that, in pages
 * @rest: part of the blocks in use that were not looked into, in 1/65536
 */
struct dense {
	u64 looks;
	u64 mean;
	u64 spread;
	u64 rest;
};

/* However many were: what they use changes, and some were looked into long ago. */
#define REST_LEAST	(ONE / 16)

static struct dense dense_from(u64 looks, u64 touched, u64 squares)
{
	struct dense d = { .looks = looks, .rest = ONE };
	u64 square;

	if (!looks)
		return d;
	d.mean = touched * DR_BLOCK_PAGES / looks;
	square = d.mean * d.mean / DR_BLOCK_PAGES / DR_BLOCK_PAGES;
	if (squares / looks > square)
		d.spread = squares / looks - square;
	return d;
}

/*
 * The deviation of the mean, in 1/512 of a page. To the spread that was seen comes
 * what a few more blocks might have added to it, for even a guest of many kinds of
 * blocks may have shown but one so far.
 */
static u64 deviation(const struct dense *d)
{
	u64 seen = square_root(d->spread * LOOK / d->looks * d->rest / ONE);
	u64 unseen = DR_BLOCK_PAGES * LOOK / (4 * (d->looks + 2 * LOOK));

	return (seen + unseen) * DR_BLOCK_PAGES;
}

/* Of the blocks in use, those that @looks have not been into. */
static u64 rest_after(u64 looks, const struct dr_sample *sample)
{
	u64 in_use, known;

	if (!sample->held || !sample->blocks_back)
		return ONE;
	in_use = (u64)sample->held * sample->blocks_back / sample->blocks + 1;
	known = looks * ONE / LOOK / in_use;
	return known < ONE - REST_LEAST ? ONE - known : REST_LEAST;
}

/* What this period and earlier ones saw in blocks. */
static struct dense dense_of(const struct dr_estimate *estimate,
			     const struct dr_sample *sample)
{
	u64 looks = estimate->seen + sample->looks * LOOK;
	struct dense d = dense_from(looks,
				    estimate->touched + sample->touched * LOOK,
				    estimate->squares + sample->squares * LOOK);

	d.rest = rest_after(looks, sample);
	return d;
}

/* A number of pages, in 1/512 of one, as part of a block. */
static u64 part_of_block(u64 pages)
{
	u64 part = pages * ONE / DR_BLOCK_PAGES / DR_BLOCK_PAGES;

	return part < ONE ? part : ONE;
}

/* The density that this makes, with its interval of 95 %. */
static u64 density(const struct dense *d, struct ends *ends)
{
	u64 mean = part_of_block(d->mean), half;

	ends->low = ONE / DR_BLOCK_PAGES;
	ends->high = ONE;
	if (!d->looks)
		return ONE;
	half = part_of_block(deviation(d)) * Z / ONE;
	if (mean > half + ends->low)
		ends->low = mean - half;
	if (mean + half < ONE)
		ends->high = mean + half;
	if (mean < ends->low)
		ends->low = mean;
	return mean;
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

/* The fraction and the interval of one period by itself. */
static u64 look(const struct dr_sample *sample, const struct dense *dense,
		struct ends *ends)
{
	struct ends within;
	u64 point = density(dense, &within);
	u64 nr = samples_of(sample);

	ends->low = interval(part_of(sample, within.low), nr).low;
	ends->high = interval(part_of(sample, within.high), nr).high;
	return part_of(sample, point);
}

/*
 * What is known of blocks in use adds to what is known of their number, so it is to
 * be known to half of what is wanted; where but a part of all is in use it counts by
 * that part.
 */
static bool well_known(const struct dr_estimate *estimate, const struct dense *d,
		       const struct dr_sample *sample)
{
	u64 half = part_of_block(deviation(d)) * Z / ONE;

	return half * sample->blocks_back / sample->blocks * 2 <= estimate->want;
}

/*
 * How many blocks to look into, @touched pages in all, about. Where enough is known,
 * some looks are to see whether it stays so.
 */
static u32 looks_for(const struct dense *d, const struct dr_sample *sample, u64 touched)
{
	u64 each, nr;

	each = d->mean * sample->blocks_back / sample->blocks / DR_BLOCK_PAGES;
	nr = touched / (each ? each : 1);
	if (nr < DR_LOOKS_LEAST)
		nr = DR_LOOKS_LEAST;
	return nr < DR_LOOKS_MOST ? nr : DR_LOOKS_MOST;
}

static u32 next_looks(const struct dr_estimate *estimate, const struct dense *d,
		      const struct dr_sample *sample, bool doubted)
{
	if (!sample->blocks_back)
		return DR_LOOKS_LEAST;
	if (!d->looks)
		return DR_LOOKS_MOST;
	if (doubted)
		return looks_for(d, sample, DR_LOOKS_CHANGED);
	if (well_known(estimate, d, sample))
		return looks_for(d, sample, DR_LOOKS_CALM);
	return looks_for(d, sample, DR_LOOKS_TOUCHED);
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
		.looks = DR_LOOKS_MOST,
	};
}

/* Samples that cannot be: more came back than were sent, say. Cut them. */
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
	if (s.looks > DR_LOOKS_MOST)
		s.looks = DR_LOOKS_MOST;
	if (s.touched > s.looks * DR_BLOCK_PAGES)
		s.touched = s.looks * DR_BLOCK_PAGES;
	if (s.squares > s.touched * DR_BLOCK_PAGES)
		s.squares = s.touched * DR_BLOCK_PAGES;
	return s;
}

/* A step from one average towards a value. */
static u32 towards(u32 from, u64 to, u32 gain)
{
	if (to >= from)
		return from + (to - from + gain - 1) / gain;
	return from - (from - to) / gain;
}

/*
 * An average of @nr periods, with one more. As long as there are few, all count the
 * same, or the first, which knows least, would count for long. But where it is plain
 * that less is in use, it is believed late.
 */
static u32 mean_of(u32 average, u64 part, const struct ends *ends, u32 nr, u32 gain)
{
	if (nr < gain && average <= ends->high)
		gain = nr + 1;
	return towards(average, part, gain);
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

/* Did another part of the guest come back than the last time? */
static bool part_changed(const struct dr_estimate *estimate, u64 part, u64 nr)
{
	struct ends ends = interval(part, nr);
	u64 below = part > ends.low ? part - ends.low : 0;
	u64 above = ends.high > part ? ends.high - part : 0;

	return estimate->last + 2 * below < part ||
	       estimate->last > part + 2 * above;
}

/* Are blocks that came back used otherwise than was known? */
static bool density_changed(const struct dr_estimate *estimate,
			    const struct dr_sample *sample)
{
	struct dense known = dense_from(estimate->seen, estimate->touched,
					estimate->squares);
	struct dense now = dense_from(sample->looks * LOOK,
				      sample->touched * LOOK,
				      sample->squares * LOOK);
	u64 apart = now.mean > known.mean ? now.mean - known.mean :
					    known.mean - now.mean;

	if (!known.looks || !now.looks)
		return false;
	if (now.spread < known.spread)
		now.spread = known.spread;
	return apart > 2 * deviation(&now) + deviation(&known);
}

/* Are some blocks used otherwise than each of them was the last time? */
static bool blocks_changed(const struct dr_sample *sample)
{
	return sample->changed * 4 > sample->looks;
}

static void scale(struct dr_estimate *estimate, u64 by, u64 of)
{
	estimate->seen = estimate->seen * by / of;
	estimate->touched = estimate->touched * by / of;
	estimate->squares = estimate->squares * by / of;
}

/* Of what was seen in blocks remember so many, at most. */
static void forget(struct dr_estimate *estimate, u64 looks)
{
	if (estimate->seen > looks * LOOK)
		scale(estimate, looks * LOOK, estimate->seen);
}

static void keep(struct dr_estimate *estimate, const struct dr_sample *sample)
{
	estimate->seen += sample->looks * LOOK;
	estimate->touched += sample->touched * LOOK;
	estimate->squares += sample->squares * LOOK;
	forget(estimate, DR_LOOKS_KEPT);
}

/* Forget what does not hold any more: true if that is so much that all is to be seen. */
static bool doubt(struct dr_estimate *estimate, const struct dr_sample *s, u64 whole)
{
	bool density = density_changed(estimate, s);
	bool part = estimate->periods && part_changed(estimate, whole, samples_of(s));

	if (density)
		forget(estimate, 1);
	else if (part || blocks_changed(s))
		forget(estimate, DR_LOOKS_DOUBTED);
	return density || part;
}

/* What the period tells, and what the next one is to look for. */
static u64 learn(struct dr_estimate *estimate, const struct dr_sample *s,
		 struct ends *ends)
{
	u64 whole = part_of(s, ONE), part;
	bool changed = doubt(estimate, s, whole);
	struct dense dense = dense_of(estimate, s);

	part = look(s, &dense, ends);
	keep(estimate, s);
	estimate->last = whole;
	estimate->looks = changed ? DR_LOOKS_MOST :
				    next_looks(estimate, &dense, s, blocks_changed(s));
	estimate->samples = samples_for(estimate, ends);
	return part;
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
	part = learn(estimate, &s, &ends);
	if (!estimate->periods) {
		estimate->slow = part;
		estimate->fast = part;
	} else {
		risen = has_risen(estimate, part, samples_of(&s));
		estimate->slow = mean_of(estimate->slow, part, &ends,
					 estimate->periods, GAIN_SLOW);
		estimate->since = risen ? 0 : estimate->since;
		estimate->fast = mean_of(estimate->fast, part, &ends,
					 estimate->since, GAIN_FAST);
	}
	if (estimate->since < GAIN_FAST)
		estimate->since++;
	estimate->above = ends.high > part ? ends.high - part : 0;
	estimate->below = part > ends.low ? part - ends.low : 0;
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
		struct dense dense = dense_of(estimate, &s);
		struct ends ends;
		u64 now = look(&s, &dense, &ends);

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
 * dr_estimate_forgot() - has much been forgotten of what was seen in blocks?
 * @estimate: of the guest
 * @looks: so many blocks in use were looked into, no block twice
 *
 * Return: less than half of it is remembered: then any block may be looked into
 * again.
 */
bool dr_estimate_forgot(const struct dr_estimate *estimate, u32 looks)
{
	return estimate->seen < looks * LOOK / 2;
}

/**
 * dr_sample_look() - a block has been looked into
 * @sample: counts it
 * @touched: pages of it that were touched, 1 to %DR_BLOCK_PAGES; none: it was not
 *	in use, and tells nothing of those that are
 * @before: what this returned of the same block the last time, 0 for none
 *
 * Return: for the next time.
 */
u16 dr_sample_look(struct dr_sample *sample, u32 touched, u16 before)
{
	u16 now = touched + 1;
	u16 apart = now > before ? now - before : before - now;

	if (!touched)
		return now;
	sample->looks++;
	sample->touched += touched;
	sample->squares += touched * touched;
	if (before && apart > DR_BLOCK_PAGES / 2)
		sample->changed++;
	return now;
}
