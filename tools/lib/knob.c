// SPDX-License-Identifier: GPL-2.0-only
#include "knob.h"
#include "units.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define ARRAY_SIZE(a)	(sizeof(a) / sizeof(*(a)))

#define SWITCH(_file)	.file = _file, .kind = DR_KNOB_SWITCH, .max = 1

const struct dr_knob dr_knobs[] = {
	{
		.name = "sharing.enabled", SWITCH("sharing/enabled"),
		.meaning = "pages that guests have in common are looked for",
	}, {
		.name = "sharing.budget", .file = "sharing/budget",
		.kind = DR_KNOB_PERCENT, .min = 1, .max = 100,
		.meaning = "of a CPU for each scanner in routine passes",
	}, {
		.name = "sharing.budget_fast", .file = "sharing/budget_fast",
		.kind = DR_KNOB_PERCENT, .min = 1, .max = 100,
		.meaning = "the same for new memory, or a host in need",
	}, {
		.name = "sharing.interval", .file = "sharing/interval",
		.kind = DR_KNOB_TIME, .unit_us = 1000000, .min = 1, .max = 3600,
		.meaning = "between routine passes that find something",
	}, {
		.name = "sharing.rate_max", .file = "sharing/rate_max",
		.kind = DR_KNOB_NUMBER, .min = 100, .max = 10000000,
		.zero = "as many as the budget allows",
		.meaning = "pages a second that each scanner may hash",
	}, {
		.name = "sharing.block_gain", .file = "sharing/block_gain",
		.kind = DR_KNOB_PERCENT, .min = 1, .max = 100,
		.meaning = "of a 2 MiB block to be saved to break it up",
	}, {
		.name = "swap.compressor", .file = "swap/compressor",
		.kind = DR_KNOB_WORD,
		.meaning = "compresses what is paged out",
	}, {
		.name = "swap.pool_limit", .file = "swap/pool_limit",
		.kind = DR_KNOB_SIZE, .max = UINT64_MAX,
		.meaning = "host memory that the compressed pool may take",
	}, {
		.name = "swap.async", .file = "swap/async_us",
		.kind = DR_KNOB_TIME, .unit_us = 1, .max = 1000000,
		.zero = "never",
		.meaning = "reads this slow become asynchronous faults",
	}, {
		.name = "policy.enabled", SWITCH("policy/enabled"),
		.meaning = "guests are asked for memory before hard need",
	}, {
		.name = "policy.tax", .file = "policy/tax",
		.kind = DR_KNOB_PERCENT, .max = 99,
		.meaning = "tax on idle memory",
	}, {
		.name = "policy.stall_limit", .file = "policy/stall_limit",
		.kind = DR_KNOB_NUMBER, .max = 1000000, .zero = "never",
		.meaning = "stalls a second that make the level one worse",
	}, {
		.name = "wss.enabled", SWITCH("wss/enabled"),
		.meaning = "working sets are sampled",
	}, {
		.name = "wss.period", .file = "wss/period_ms",
		.kind = DR_KNOB_TIME, .unit_us = 1000, .min = 1000, .max = 60000,
		.meaning = "of sampling",
	}, {
		.name = "admission.strict", SWITCH("admission/strict"),
		.meaning = "swap space must back what is beyond min",
	},
};

const size_t dr_nr_knobs = ARRAY_SIZE(dr_knobs);

const struct dr_knob *dr_knob_find(const char *name)
{
	for (size_t i = 0; i < dr_nr_knobs; i++) {
		if (!strcmp(dr_knobs[i].name, name) ||
		    !strcmp(dr_knobs[i].file, name))
			return &dr_knobs[i];
	}
	return NULL;
}

bool dr_knob_matches(const struct dr_knob *knob, const char *name)
{
	size_t len = strcspn(knob->name, ".");

	return knob == dr_knob_find(name) ||
	       (strlen(name) == len && !memcmp(knob->name, name, len));
}

/* Units of time, the largest first. */
static const struct time_unit {
	const char *name;
	uint64_t us;
} time_units[] = {
	{ "h", 3600000000 }, { "min", 60000000 }, { "s", 1000000 },
	{ "ms", 1000 }, { "us", 1 },
};

/* Microseconds of one unit; 0 for what is none. */
static uint64_t time_unit_us(const char *name, uint64_t bare)
{
	if (!*name)
		return bare;
	for (size_t i = 0; i < ARRAY_SIZE(time_units); i++) {
		if (!strcmp(time_units[i].name, name))
			return time_units[i].us;
	}
	return 0;
}

/* A decimal number in two parts: @whole and @part / @scale. */
struct decimal {
	uint64_t whole;
	uint64_t part;
	uint64_t scale;
};

/* More than this of a fraction is below a microsecond even of an hour. */
#define FRACTION_DIGITS	9

/* Returns what follows the number, or NULL. */
static const char *read_decimal(const char *text, struct decimal *d)
{
	size_t len = strspn(text, "0123456789");
	char digits[DR_KNOB_TEXT];

	*d = (struct decimal){ .scale = 1 };
	if (len >= sizeof(digits))
		return NULL;
	memcpy(digits, text, len);
	digits[len] = '\0';
	if (dr_count_parse(digits, &d->whole))
		return NULL;
	text += len;
	if (*text != '.')
		return text;
	len = strspn(++text, "0123456789");
	if (!len || len > FRACTION_DIGITS)
		return NULL;
	for (size_t i = 0; i < len; i++) {
		d->part = d->part * 10 + (uint64_t)(text[i] - '0');
		d->scale *= 10;
	}
	return text + len;
}

static int parse_time(const struct dr_knob *knob, const char *text,
		      uint64_t *value)
{
	struct decimal d;
	const char *unit = read_decimal(text, &d);
	uint64_t us, unit_us = unit ? time_unit_us(unit, knob->unit_us) : 0;

	if (!unit_us)
		return -EINVAL;
	if (d.part * unit_us % d.scale)
		return -EINVAL;
	if (__builtin_mul_overflow(d.whole, unit_us, &us) ||
	    __builtin_add_overflow(us, d.part * unit_us / d.scale, &us))
		return -ERANGE;
	if (us % knob->unit_us)
		return -EINVAL;
	*value = us / knob->unit_us;
	return 0;
}

static int parse_percent(const char *text, uint64_t *value)
{
	size_t len = strlen(text);
	char digits[DR_KNOB_TEXT];

	if (len && text[len - 1] == '%')
		len--;
	if (len >= sizeof(digits))
		return -EINVAL;
	memcpy(digits, text, len);
	digits[len] = '\0';
	return dr_count_parse(digits, value);
}

static int parse_switch(const char *text, uint64_t *value)
{
	*value = !strcmp(text, "on") || !strcmp(text, "1");
	return *value || !strcmp(text, "off") || !strcmp(text, "0") ? 0 :
	       -EINVAL;
}

static int parse_kind(const struct dr_knob *knob, const char *text,
		      uint64_t *value)
{
	switch (knob->kind) {
	case DR_KNOB_SWITCH:
		return parse_switch(text, value);
	case DR_KNOB_NUMBER:
		return dr_count_parse(text, value);
	case DR_KNOB_PERCENT:
		return parse_percent(text, value);
	case DR_KNOB_TIME:
		return parse_time(knob, text, value);
	case DR_KNOB_SIZE:
		return dr_size_parse(text, value);
	default:
		return -EINVAL;
	}
}

int dr_knob_parse(const struct dr_knob *knob, const char *text,
		  uint64_t *value)
{
	int err = parse_kind(knob, text, value);

	if (err)
		return err;
	if (!*value && knob->zero)
		return 0;
	return *value < knob->min || *value > knob->max ? -ERANGE : 0;
}

static void format_time(const struct dr_knob *knob, uint64_t value, char *text)
{
	const struct time_unit *unit = time_units;
	uint64_t us = value * knob->unit_us;

	while (us % unit->us)
		unit++;
	/* "0s" rather than "0h". */
	if (!us)
		unit = &time_units[2];
	snprintf(text, DR_KNOB_TEXT, "%" PRIu64 "%s", us / unit->us, unit->name);
}

char *dr_knob_format(const struct dr_knob *knob, uint64_t value, char *text)
{
	switch (knob->kind) {
	case DR_KNOB_SWITCH:
		snprintf(text, DR_KNOB_TEXT, value ? "on" : "off");
		break;
	case DR_KNOB_TIME:
		format_time(knob, value, text);
		break;
	case DR_KNOB_SIZE:
		dr_size_exact(value, text);
		break;
	default:
		snprintf(text, DR_KNOB_TEXT, "%" PRIu64 "%s", value,
			 knob->kind == DR_KNOB_PERCENT ? "%" : "");
	}
	return text;
}

char *dr_knob_range(const struct dr_knob *knob, char *text)
{
	char min[DR_KNOB_TEXT], max[DR_KNOB_TEXT];
	const char *zero = knob->zero && knob->min ? "0 or " : "";

	if (knob->kind == DR_KNOB_SWITCH)
		snprintf(text, DR_KNOB_RANGE, "on or off");
	else if (knob->max == UINT64_MAX)
		snprintf(text, DR_KNOB_RANGE, "any size such as 512M or 1.5G");
	else
		snprintf(text, DR_KNOB_RANGE, "%s%s to %s", zero,
			 dr_knob_format(knob, knob->min, min),
			 dr_knob_format(knob, knob->max, max));
	return text;
}

bool dr_knob_word(const char *text, size_t nr, char *word, bool *chosen)
{
	size_t len;

	for (;; text += len) {
		text += strspn(text, " \n");
		len = strcspn(text, " \n");
		if (!len)
			return false;
		if (!nr--)
			break;
	}
	*chosen = len > 2 && text[0] == '[' && text[len - 1] == ']';
	if (*chosen) {
		text++;
		len -= 2;
	}
	snprintf(word, DR_KNOB_TEXT, "%.*s", (int)len, text);
	return true;
}
