// SPDX-License-Identifier: GPL-2.0-only
#include "stream.h"

#include <errno.h>
#include <limits.h>

int stream_init(struct stream *s)
{
	s->pending = 0;
	s->tokener = json_tokener_new_ex(STREAM_DEPTH_MAX);
	return s->tokener ? 0 : -ENOMEM;
}

void stream_exit(struct stream *s)
{
	if (s->tokener)
		json_tokener_free(s->tokener);
	s->tokener = NULL;
}

void stream_reset(struct stream *s)
{
	json_tokener_reset(s->tokener);
	s->pending = 0;
}

/* One value at most: how many bytes it took is in the tokener. */
static int feed_value(struct stream *s, const char *bytes, size_t nr,
		      struct json_object **value)
{
	enum json_tokener_error err;

	*value = json_tokener_parse_ex(s->tokener, bytes, (int)nr);
	err = json_tokener_get_error(s->tokener);
	if (err == json_tokener_continue) {
		s->pending += nr;
		return s->pending > STREAM_VALUE_MAX ? -EMSGSIZE : 0;
	}
	if (err != json_tokener_success)
		return -EPROTO;
	s->pending = 0;
	return 1;
}

int stream_feed(struct stream *s, const char *bytes, size_t nr,
		int (*take)(void *data, struct json_object *value), void *data)
{
	while (nr) {
		size_t some = nr < INT_MAX / 2 ? nr : INT_MAX / 2;
		struct json_object *value;
		size_t used;
		int err = feed_value(s, bytes, some, &value);

		if (err < 0)
			return err;
		used = err ? json_tokener_get_parse_end(s->tokener) : some;
		bytes += used;
		nr -= used;
		if (!err)
			continue;
		err = take(data, value);
		json_object_put(value);
		if (err)
			return err;
	}
	return 0;
}
