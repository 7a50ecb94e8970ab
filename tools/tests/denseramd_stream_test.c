// SPDX-License-Identifier: GPL-2.0-only
#include "test.h"
#include "../denseramd/stream.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct taken {
	int nr;
	char last[256];
	int refuse;
};

static int take(void *data, struct json_object *value)
{
	struct taken *t = data;

	t->nr++;
	snprintf(t->last, sizeof(t->last), "%s",
		 json_object_to_json_string_ext(value, JSON_C_TO_STRING_PLAIN));
	return t->refuse;
}

static int feed(struct stream *s, const char *text, struct taken *t)
{
	return stream_feed(s, text, strlen(text), take, t);
}

static void values_come_out(void **state)
{
	static const char text[] =
		"{\"QMP\": {\"version\": {}}}\r\n{\"return\": {}, \"id\": 1}\r\n"
		"{\"event\":\"STOP\"}";
	struct taken t = { 0 };
	struct stream s;

	(void)state;
	assert_int_equal(stream_init(&s), 0);
	assert_int_equal(feed(&s, text, &t), 0);
	assert_int_equal(t.nr, 3);
	assert_string_equal(t.last, "{\"event\":\"STOP\"}");
	stream_exit(&s);
}

/* However the bytes arrive, the same values come out. */
static void pieces_do_not_matter(void **state)
{
	static const char text[] =
		"{\"a\":\"\\u00e4\\n\",\"b\":[1,-2,3.5e1,true,null]}\n"
		"{\"return\":18446744073709551615}\n";

	(void)state;
	for (size_t cut = 0; cut < sizeof(text); cut++) {
		struct taken t = { 0 };
		struct stream s;

		assert_int_equal(stream_init(&s), 0);
		assert_int_equal(stream_feed(&s, text, cut, take, &t), 0);
		for (size_t i = cut; i < sizeof(text) - 1; i++)
			assert_int_equal(stream_feed(&s, text + i, 1, take, &t),
					 0);
		assert_int_equal(t.nr, 2);
		assert_string_equal(t.last, "{\"return\":18446744073709551615}");
		stream_exit(&s);
	}
}

static void refuse(const char *text, int err)
{
	struct taken t = { 0 };
	struct stream s;

	assert_int_equal(stream_init(&s), 0);
	assert_int_equal(feed(&s, text, &t), err);
	/* After a reset it is as good as new. */
	stream_reset(&s);
	assert_int_equal(feed(&s, "{\"x\":1}", &t), 0);
	assert_string_equal(t.last, "{\"x\":1}");
	stream_exit(&s);
}

static void no_json(void **state)
{
	char deep[4 * STREAM_DEPTH_MAX];

	(void)state;
	refuse("HTTP/1.1 200 OK\r\n", -EPROTO);
	refuse("{\"a\" 1}", -EPROTO);
	refuse("]", -EPROTO);
	memset(deep, '[', sizeof(deep) - 1);
	deep[sizeof(deep) - 1] = '\0';
	refuse(deep, -EPROTO);
}

/* Neither a string, nor a list, nor blanks may go on for ever. */
static void without_end(void **state)
{
	static const char *const starts[] = { "{\"a\":\"", "[", "{" };
	static const char *const more[] = { "xxxxxxxxxxxxxxxx", "1,", "   \n" };

	(void)state;
	for (int i = 0; i < 3; i++) {
		struct taken t = { 0 };
		struct stream s;
		size_t fed = 0;
		int err;

		assert_int_equal(stream_init(&s), 0);
		err = feed(&s, starts[i], &t);
		while (!err && fed < 4 * STREAM_VALUE_MAX) {
			err = feed(&s, more[i], &t);
			fed += strlen(more[i]);
		}
		assert_int_equal(err, -EMSGSIZE);
		assert_true(fed < STREAM_VALUE_MAX + 64);
		stream_exit(&s);
	}
}

static void whoever_takes_may_stop(void **state)
{
	struct taken t = { .refuse = -EBADMSG };
	struct stream s;

	(void)state;
	assert_int_equal(stream_init(&s), 0);
	assert_int_equal(feed(&s, "{}{}{}", &t), -EBADMSG);
	assert_int_equal(t.nr, 1);
	stream_exit(&s);
}

/* Damaged messages: an error or a value, never a crash (the sanitizers look) */
static void damaged(void **state)
{
	static const char good[] =
		"{\"timestamp\": {\"seconds\": 1}, \"event\": \"BALLOON_CHANGE\"}\n"
		"{\"data\": {\"actual\": 944766976, \"x\": [1, 2.5e3, null]}}\n"
		"{\"return\": [{\"type\": \"child<virtio-balloon-pci>\"}]}\n";
	unsigned int seed = 7;

	(void)state;
	for (int round = 0; round < 20000; round++) {
		char text[sizeof(good)];
		struct taken t = { 0 };
		struct stream s;
		size_t cut = (size_t)rand_r(&seed) % sizeof(good);

		memcpy(text, good, sizeof(good));
		for (int i = rand_r(&seed) % 4; i >= 0; i--)
			text[(size_t)rand_r(&seed) % sizeof(text)] =
				(char)rand_r(&seed);
		assert_int_equal(stream_init(&s), 0);
		if (!stream_feed(&s, text, cut, take, &t))
			stream_feed(&s, text + cut, sizeof(text) - cut, take,
				    &t);
		stream_exit(&s);
	}
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(values_come_out),
		cmocka_unit_test(pieces_do_not_matter),
		cmocka_unit_test(no_json),
		cmocka_unit_test(without_end),
		cmocka_unit_test(whoever_takes_may_stop),
		cmocka_unit_test(damaged),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
