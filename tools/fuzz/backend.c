// SPDX-License-Identifier: GPL-2.0-only
/* What denseram-qemu makes of an -object. */
#include "fuzz.h"

#include "../lib/backend.h"

#include <ctype.h>
#include <json-c/json.h>

#define ALIGN	2097152UL

static char asked[32];

static bool on_denseram(const char *path)
{
	snprintf(asked, sizeof(asked), "%s", path);
	return !strncmp(path, "/run/denseram/", 14);
}

/* JSON to its end, with nothing behind it: else QEMU refuses it. */
static bool is_json(const char *text)
{
	struct json_tokener *tokener = json_tokener_new();
	struct json_object *json;
	size_t end;

	must(tokener);
	json = json_tokener_parse_ex(tokener, text, (int)strlen(text) + 1);
	end = json_tokener_get_parse_end(tokener);
	json_tokener_free(tokener);
	if (!json)
		return false;
	json_object_put(json);
	while (isspace((unsigned char)text[end]))
		end++;
	return !text[end];
}

static void check(const char *object, const char *aligned)
{
	char *again = NULL;

	must(!strncmp(asked, "/run/denseram/", 14));
	must(strstr(aligned, "align"));
	if (*object == '{')
		must(is_json(object) && is_json(aligned));
	else
		must(!strncmp(aligned, object, strlen(object)));
	/* What has been added is found: it is not a part of something else. */
	must(!dr_backend_align(aligned, ALIGN, on_denseram, &again));
	must(!again);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *object = fuzz_text(data, size), *aligned = NULL;

	asked[0] = '\0';
	must(!dr_backend_align(object, ALIGN, on_denseram, &aligned));
	if (aligned)
		check(object, aligned);
	free(aligned);
	free(object);
	return 0;
}
