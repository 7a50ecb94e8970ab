/* SPDX-License-Identifier: GPL-2.0-only */
/* How the JSON of --json is put together. */
#ifndef DR_JSON_BUILD_H
#define DR_JSON_BUILD_H

#include "verbs.h"
#include "../lib/text.h"

#include <json-c/json.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

/* Raised when a key changes its meaning or goes; new keys do not raise it. */
#define SCHEMA		1

/*
 * json-c reports a lack of memory by NULL, and NULL is also its null: give up
 * at once, so that no half document is ever printed.
 */
static inline struct json_object *must(struct json_object *object)
{
	if (!object)
		exit(fail("out of memory"));
	return object;
}

static inline void add(struct json_object *object, const char *key,
		       struct json_object *value)
{
	if (json_object_object_add(object, key, must(value)))
		exit(fail("out of memory"));
}

static inline void append(struct json_object *array, struct json_object *value)
{
	if (json_object_array_add(array, must(value)))
		exit(fail("out of memory"));
}

static inline void add_number(struct json_object *object, const char *key,
			      uint64_t value)
{
	add(object, key, json_object_new_uint64(value));
}

static inline void add_text(struct json_object *object, const char *key,
			    const char *text)
{
	add(object, key, json_object_new_string(text));
}

static inline void add_name(struct json_object *object, const char *key,
			    const char *name)
{
	char *text = dr_text_escape(name);

	if (!text)
		exit(fail("out of memory"));
	add_text(object, key, text);
	free(text);
}

/* UTC to the millisecond, as ISO 8601 has it. */
static inline void add_time(struct json_object *object, const char *key,
			    const struct timespec *time)
{
	char text[32], whole[48];
	struct tm tm;

	gmtime_r(&time->tv_sec, &tm);
	strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%S", &tm);
	snprintf(whole, sizeof(whole), "%s.%03ldZ", text,
		 time->tv_nsec / 1000000);
	add_text(object, key, whole);
}

/* Print and free. */
static inline int print_with(struct json_object *object, int flags)
{
	const char *text;

	text = json_object_to_json_string_ext(object,
					      flags | JSON_C_TO_STRING_SPACED |
					      JSON_C_TO_STRING_NOSLASHESCAPE);
	if (!text)
		return fail("out of memory");
	puts(text);
	json_object_put(object);
	return EXIT_OK;
}

static inline int print(struct json_object *object)
{
	return print_with(object, JSON_C_TO_STRING_PRETTY);
}

/* One of many objects, on a line of its own. */
static inline int print_json_line(struct json_object *object)
{
	return print_with(object, 0);
}

static inline struct json_object *document(void)
{
	struct json_object *object = must(json_object_new_object());

	add_number(object, "schema", SCHEMA);
	return object;
}

#endif /* DR_JSON_BUILD_H */
