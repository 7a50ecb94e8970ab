// SPDX-License-Identifier: GPL-2.0-only
/* A stream of JSON: however it is cut, the same comes out. */
#include "fuzz.h"

#include "../denseramd/stream.h"

/**
 * struct heard - what came out of a stream
 * @text: all values, one after the other
 * @len: of it
 * @nr: values
 */
struct heard {
	char *text;
	size_t len;
	size_t nr;
};

static int take(void *data, struct json_object *value)
{
	struct heard *h = data;
	const char *text = json_object_to_json_string(value);
	size_t len = strlen(text);

	h->text = realloc(h->text, h->len + len);
	must(h->text);
	memcpy(h->text + h->len, text, len);
	h->len += len;
	h->nr++;
	return 0;
}

static int feed(struct heard *h, const uint8_t *data, size_t size, size_t step)
{
	struct stream s;
	int err = 0;

	must(!stream_init(&s));
	for (size_t at = 0; !err && at < size; at += step)
		err = stream_feed(&s, (const char *)data + at,
				  size - at < step ? size - at : step, take, h);
	/* A number ends where something else begins. */
	if (!err)
		err = stream_feed(&s, "\n", 1, take, h);
	must(s.pending <= STREAM_VALUE_MAX || err);
	stream_reset(&s);
	stream_exit(&s);
	return err;
}

/*
 * What json-c takes in another way when it comes in pieces: comments, for which it
 * looks behind a value before it lets go of it, and numbers that are none, as "0-2"
 * and "2-". No VMM has either; nothing is to break, but no more can be said.
 */
static bool is_odd(const uint8_t *data, size_t size)
{
	for (size_t i = 0; i < size; i++) {
		if (data[i] == '/')
			return true;
		if (i && data[i - 1] >= '+' && data[i - 1] <= '9' &&
		    data[i - 1] != ',' && data[i] && strchr("+-.eE", data[i]))
			return true;
	}
	return false;
}

/* What is wrong may be seen sooner in the one or in the other. */
static void check(const struct heard *a, const struct heard *b, bool failed)
{
	size_t len = a->len < b->len ? a->len : b->len;

	must(!len || !memcmp(a->text, b->text, len));
	must(failed || (a->nr == b->nr && a->len == b->len));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct heard whole = { .nr = 0 }, parts = { .nr = 0 };
	int err, err_parts;

	if (!size)
		return 0;
	err = feed(&whole, data + 1, size - 1, size);
	err_parts = feed(&parts, data + 1, size - 1, data[0] % 16 + 1);
	if (!is_odd(data + 1, size - 1))
		check(&whole, &parts, err || err_parts);
	free(whole.text);
	free(parts.text);
	return 0;
}
