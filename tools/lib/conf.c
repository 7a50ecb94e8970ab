// SPDX-License-Identifier: GPL-2.0-only
#include "conf.h"

#include "units.h"

#include <ctype.h>
#include <errno.h>
#include <fnmatch.h>
#include <stdio.h>
#include <string.h>

#define ARRAY_SIZE(a)	(sizeof(a) / sizeof(*(a)))
#define KEYS	"qmp, qmp-shared, way, libvirt, libvirt-pids, poll, rescan, timeout, repeat or overhead"

void conf_defaults(struct conf *conf)
{
	static const struct conf_socket sockets[] = {
		{ "/run/denseramd/vmm/*", false },
		{ "/run/denseramd/vmm-shared/*", true },
		/* Proxmox VE uses its own sockets, for moments. */
		{ "/run/qemu-server/*.qmp", true },
	};

	memset(conf, 0, sizeof(*conf));
	memcpy(conf->sockets, sockets, sizeof(sockets));
	conf->nr_sockets = ARRAY_SIZE(sockets);
	strcpy(conf->libvirt_pids, "/run/libvirt/qemu");
	conf->poll_s = 2;
	conf->rescan_s = 1;
	conf->timeout_s = 10;
	conf->repeat_s = 30;
}

/* Copy @len bytes of text; false when they do not fit. */
static bool copy_text(char *to, const char *text, size_t len)
{
	if (!len || len >= CONF_TEXT)
		return false;
	memcpy(to, text, len);
	to[len] = '\0';
	return true;
}

static const char *take_socket(struct conf *conf, const char *value,
			       bool shared)
{
	struct conf_socket *s = &conf->sockets[conf->nr_sockets];

	if (conf->nr_sockets == CONF_MAX)
		return "too many patterns";
	if (*value != '/')
		return "a pattern of sockets begins with /";
	if (!copy_text(s->pattern, value, strlen(value)))
		return "too long";
	s->shared = shared;
	conf->nr_sockets++;
	return NULL;
}

static const char *take_qmp(struct conf *conf, const char *value)
{
	return take_socket(conf, value, false);
}

static const char *take_qmp_shared(struct conf *conf, const char *value)
{
	return take_socket(conf, value, true);
}

/* "PATTERN WAY" */
static const char *take_way(struct conf *conf, const char *value)
{
	static const char *const names[NR_WAYS] = {
		[WAY_NONE] = "none",
		[WAY_QMP] = "qmp",
		[WAY_LIBVIRT] = "libvirt",
		[WAY_ANY] = "any",
	};
	struct conf_way *w = &conf->ways[conf->nr_ways];
	size_t len = strcspn(value, " \t");
	const char *word = value + len + strspn(value + len, " \t");

	if (conf->nr_ways == CONF_MAX)
		return "too many patterns";
	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		if (strcmp(word, names[i]))
			continue;
		if (!copy_text(w->pattern, value, len))
			return "too long";
		w->way = (enum way)i;
		conf->nr_ways++;
		return NULL;
	}
	return "expected a pattern of names, then any, qmp, libvirt or none";
}

/*
 * Only what is on this host: a VMM elsewhere has no process here, and a way
 * over the network would need what the daemon has given up.
 */
static const char *take_libvirt(struct conf *conf, const char *value)
{
	if (strcmp(value, "off") && strncmp(value, "qemu:///", 8) &&
	    strncmp(value, "qemu+unix:///", 13))
		return "expected off, or a URI of this host as qemu:///system";
	return copy_text(conf->libvirt, value, strlen(value)) ? NULL :
								"too long";
}

static const char *take_libvirt_pids(struct conf *conf, const char *value)
{
	if (*value != '/')
		return "a directory begins with /";
	return copy_text(conf->libvirt_pids, value, strlen(value)) ?
	       NULL : "too long";
}

static const char *take_overhead(struct conf *conf, const char *value)
{
	static const char *const names[NR_OVERHEADS] = {
		[OVERHEAD_SHORT] = "short",
		[OVERHEAD_ALWAYS] = "always",
		[OVERHEAD_KEEP] = "keep",
	};

	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		if (strcmp(value, names[i]))
			continue;
		conf->overhead = (enum overhead_mode)i;
		return NULL;
	}
	return "expected short, always or keep";
}

/**
 * struct number - a setting that is a number of seconds
 * @name: its key
 * @offset: of the unsigned int in struct conf
 * @min: least value
 * @max: greatest
 */
static const struct number {
	const char *name;
	size_t offset;
	unsigned int min;
	unsigned int max;
} numbers[] = {
	{ "poll", offsetof(struct conf, poll_s), 1, 8 },
	{ "rescan", offsetof(struct conf, rescan_s), 1, 3600 },
	{ "timeout", offsetof(struct conf, timeout_s), 1, 600 },
	{ "repeat", offsetof(struct conf, repeat_s), 0, 86400 },
};

static const char *take_number(struct conf *conf, const struct number *number,
			       const char *value)
{
	uint64_t seconds;

	if (dr_count_parse(value, &seconds) || seconds < number->min ||
	    seconds > number->max)
		return "not a number of seconds in the range of this key";
	*(unsigned int *)((char *)conf + number->offset) =
		(unsigned int)seconds;
	return NULL;
}

static const struct key {
	const char *name;
	const char *(*take)(struct conf *conf, const char *value);
} keys[] = {
	{ "qmp", take_qmp },
	{ "qmp-shared", take_qmp_shared },
	{ "way", take_way },
	{ "libvirt", take_libvirt },
	{ "libvirt-pids", take_libvirt_pids },
	{ "overhead", take_overhead },
};

static bool is_key(const char *line, size_t len, const char *name)
{
	return strlen(name) == len && !memcmp(line, name, len);
}

static const char *take(struct conf *conf, const char *key, size_t len,
			const char *value)
{
	for (size_t i = 0; i < ARRAY_SIZE(keys); i++) {
		if (is_key(key, len, keys[i].name))
			return keys[i].take(conf, value);
	}
	for (size_t i = 0; i < ARRAY_SIZE(numbers); i++) {
		if (is_key(key, len, numbers[i].name))
			return take_number(conf, &numbers[i], value);
	}
	return "unknown key: use " KEYS;
}

const char *conf_line(struct conf *conf, const char *line)
{
	char value[CONF_TEXT * 2];
	const char *equals;
	size_t len;

	line += strspn(line, " \t");
	if (!*line || *line == '#')
		return NULL;
	equals = strchr(line, '=');
	if (!equals || equals == line)
		return "expected KEY = VALUE";
	len = (size_t)(equals - line);
	while (len && isspace((unsigned char)line[len - 1]))
		len--;
	equals += 1 + strspn(equals + 1, " \t");
	if (strlen(equals) >= sizeof(value))
		return "too long";
	strcpy(value, equals);
	for (size_t end = strlen(value);
	     end && isspace((unsigned char)value[end - 1]);)
		value[--end] = '\0';
	return *value ? take(conf, line, len, value) : "no value";
}

enum way conf_way(const struct conf *conf, const char *name)
{
	for (size_t i = 0; i < conf->nr_ways; i++) {
		if (!fnmatch(conf->ways[i].pattern, name, 0))
			return conf->ways[i].way;
	}
	return WAY_ANY;
}

bool conf_may(const struct conf *conf, const char *name, enum way way)
{
	enum way allowed = conf_way(conf, name);

	return allowed == way || allowed == WAY_ANY;
}

int conf_load(struct conf *conf, const char *path, bool optional)
{
	char line[2 * CONF_TEXT + 64];
	unsigned int nr = 0;
	int err = 0;
	FILE *file;

	conf_defaults(conf);
	file = fopen(path, "re");
	if (!file) {
		if (optional && errno == ENOENT)
			return 0;
		fprintf(stderr, "denseramd: %s: %s\n", path, strerror(errno));
		return -1;
	}
	while (fgets(line, sizeof(line), file)) {
		size_t len = strcspn(line, "\n");
		const char *why = "too long";

		nr++;
		if (line[len] || feof(file)) {
			line[len] = '\0';
			why = conf_line(conf, line);
		}
		if (!why)
			continue;
		fprintf(stderr, "denseramd: %s:%u: %s\n", path, nr, why);
		err = -1;
	}
	fclose(file);
	return err;
}
