// SPDX-License-Identifier: GPL-2.0-only
/* "key=value" words: the same from argv and from the kernel command line */
#include <errno.h>
#include <stdlib.h>
#include <stdio.h>
#include <string.h>

#include "workload.h"

struct key {
	const char *name;
	size_t offset;
	size_t text;		/* size of a text field, 0: a number */
	uint64_t max;
};

#define NUMBER(n, field, limit) \
	{ .name = n, .offset = offsetof(struct options, field), .max = limit }
#define TEXT(n, field) \
	{ .name = n, .offset = offsetof(struct options, field), \
	  .text = sizeof(((struct options *)0)->field) }

static const struct key keys[] = {
	TEXT("mode", mode),
	TEXT("disk", disk),
	TEXT("load", load),
	TEXT("echo", echo),
	TEXT("ip", ip),
	TEXT("root", root),
	NUMBER("seed", seed, UINT64_MAX),
	NUMBER("mem", mem_mib, 1u << 20),
	NUMBER("secs", secs, 1u << 30),
	NUMBER("threads", threads, 64),
	NUMBER("zero", zero, 100),
	NUMBER("same", same, 100),
	NUMBER("ws", ws_mib, 1u << 20),
	NUMBER("rate", rate, 1u << 30),
	NUMBER("write", write, 100),
	NUMBER("verify", verify, 100),
	NUMBER("value", value, UNIT_PAGE),
	NUMBER("chunk", chunk_kib, 1024),
	NUMBER("dseed", dseed, UINT64_MAX),
	NUMBER("hold", hold, 1),
	NUMBER("text", text, 1),
	NUMBER("timed", timed, 1),
	NUMBER("burst", burst_mib, 1u << 20),
	NUMBER("period", period, 1u << 30),
	NUMBER("duty", duty, 100),
	NUMBER("offset", offset, 1u << 30),
	NUMBER("age", age, 1),
	NUMBER("marks", marks, 1u << 30),
	NUMBER("corrupt", corrupt, 2),
};

void options_init(struct options *opt)
{
	*opt = (struct options) {
		.mode = "idle",
		.seed = 1,
		.mem_pct = 70,
		.secs = 10,
		.threads = 1,
		.write = 30,
		.verify = UINT64_MAX,
		.value = 1024,
		.chunk_kib = 64,
		.dseed = 1,
		.period = 60,
		.duty = 30,
		.disk = "/dev/vda",
	};
}

static int parse_number(struct options *opt, const struct key *key,
			const char *value)
{
	char *end;
	uint64_t n;

	errno = 0;
	n = strtoull(value, &end, 0);
	if (errno || end == value || n > key->max)
		return -1;
	if (!strcmp(key->name, "mem")) {
		opt->mem_pct = *end == '%' ? n : 0;
		if (opt->mem_pct > 100)
			return -1;
		end += *end == '%';
	}
	if (*end)
		return -1;
	*(uint64_t *)((char *)opt + key->offset) = n;
	return 0;
}

static int parse_value(struct options *opt, const struct key *key,
		       const char *value)
{
	if (!key->text)
		return parse_number(opt, key, value);
	if (strlen(value) >= key->text)
		return -1;
	strcpy((char *)opt + key->offset, value);
	return 0;
}

int options_parse(struct options *opt, const char *word, const char *prefix)
{
	size_t i, len;

	if (strncmp(word, prefix, strlen(prefix)))
		return 0;
	word += strlen(prefix);
	for (i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
		len = strlen(keys[i].name);
		if (!strncmp(word, keys[i].name, len) && word[len] == '=')
			return parse_value(opt, &keys[i], word + len + 1);
	}
	return -1;
}
