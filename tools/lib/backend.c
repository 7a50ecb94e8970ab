// SPDX-License-Identifier: GPL-2.0-only
#include "backend.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <json-c/json.h>

/* What of a backend matters here; as long as a path may be. */
struct backend {
	char type[64];
	char path[PATH_MAX];
	bool has_align;
};

/* @text into @field; what is too long is nothing we could know. */
static void keep(char *field, size_t size, const char *text)
{
	if (strlen(text) < size)
		strcpy(field, text);
}

/* A value up to its comma; two commas are one that belongs to it. */
static const char *read_value(const char *text, char *value, size_t size)
{
	size_t len = 0;

	for (; *text && (*text != ',' || *++text == ','); text++) {
		if (len + 1 < size)
			value[len++] = *text;
	}
	value[len] = '\0';
	return text;
}

static void learn(struct backend *b, const char *key, const char *value)
{
	if (!strcmp(key, "qom-type"))
		keep(b->type, sizeof(b->type), value);
	else if (!strcmp(key, "mem-path"))
		keep(b->path, sizeof(b->path), value);
	else if (!strcmp(key, "align"))
		b->has_align = true;
}

/* memory-backend-file,id=ram,...: the first word may do without its key */
static void read_words(const char *text, struct backend *b)
{
	char word[PATH_MAX + 16];
	bool first = true;

	while (*text) {
		char *equals;

		text = read_value(text, word, sizeof(word));
		equals = strchr(word, '=');
		if (equals) {
			*equals = '\0';
			learn(b, word, equals + 1);
		} else if (first) {
			learn(b, "qom-type", word);
		}
		first = false;
	}
}

static void read_json(struct json_object *json, struct backend *b)
{
	json_object_object_foreach(json, key, value) {
		const char *text = json_object_get_string(value);

		learn(b, key, text ? text : "");
	}
}

static bool lacks_align(const struct backend *b,
			bool (*wants)(const char *path))
{
	return !strcmp(b->type, "memory-backend-file") && !b->has_align &&
		*b->path && wants(b->path);
}

/* A comma that stands for itself at the end: the next word can follow at once. */
static bool ends_in_comma(const char *object)
{
	size_t len = strlen(object), nr = 0;

	while (nr < len && object[len - 1 - nr] == ',')
		nr++;
	return nr % 2;
}

static int align_words(const char *object, unsigned long align,
		       bool (*wants)(const char *path), char **aligned)
{
	struct backend b = { 0 };

	read_words(object, &b);
	if (!lacks_align(&b, wants))
		return 0;
	if (asprintf(aligned, "%s%salign=%lu", object,
		     ends_in_comma(object) ? "" : ",", align) >= 0)
		return 0;
	*aligned = NULL;
	return -ENOMEM;
}

static int align_json(struct json_object *json, unsigned long align,
		      bool (*wants)(const char *path), char **aligned)
{
	struct backend b = { 0 };
	const char *text;

	if (!json_object_is_type(json, json_type_object))
		return 0;
	read_json(json, &b);
	if (!lacks_align(&b, wants))
		return 0;
	if (json_object_object_add(json, "align",
				   json_object_new_uint64(align)))
		return -ENOMEM;
	text = json_object_to_json_string_ext(json, JSON_C_TO_STRING_PLAIN |
					      JSON_C_TO_STRING_NOSLASHESCAPE);
	*aligned = text ? strdup(text) : NULL;
	return *aligned ? 0 : -ENOMEM;
}

/* NULL for what is not JSON to its end. */
static struct json_object *parse(const char *text)
{
	struct json_tokener *tokener = json_tokener_new();
	struct json_object *json;
	const char *rest;

	if (!tokener)
		return NULL;
	json = json_tokener_parse_ex(tokener, text, (int)strlen(text));
	rest = text + json_tokener_get_parse_end(tokener);
	json_tokener_free(tokener);
	if (rest[strspn(rest, " \t\r\n")]) {
		json_object_put(json);
		return NULL;
	}
	return json;
}

int dr_backend_align(const char *object, unsigned long align,
		     bool (*wants)(const char *path), char **aligned)
{
	struct json_object *json;
	int err;

	*aligned = NULL;
	if (*object != '{')
		return align_words(object, align, wants, aligned);
	json = parse(object);
	if (!json)
		return 0;
	err = align_json(json, align, wants, aligned);
	json_object_put(json);
	return err;
}
