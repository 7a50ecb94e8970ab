/* SPDX-License-Identifier: GPL-2.0-only */
/* A stream of JSON values from somebody who is not trusted. */
#ifndef DRD_STREAM_H
#define DRD_STREAM_H

#include <stddef.h>

#include <json-c/json.h>

#define STREAM_VALUE_MAX	(1u << 20)	/* bytes of one value */
#define STREAM_DEPTH_MAX	24

/**
 * struct stream - what has been read of a stream
 * @tokener: json-c's state
 * @pending: bytes of the value that is not complete
 */
struct stream {
	struct json_tokener *tokener;
	size_t pending;
};

/* Returns 0 or -ENOMEM. */
int stream_init(struct stream *s);
void stream_exit(struct stream *s);

/* Forget what is incomplete: another peer comes. */
void stream_reset(struct stream *s);

/**
 * stream_feed - read more bytes
 * @s: the stream
 * @bytes: any bytes
 * @nr: how many
 * @take: called with each complete value, which it must not keep; stops the
 *	reading by returning a negative errno
 * @data: for @take
 *
 * Returns 0, what @take said, -EPROTO for what is no JSON or nested too deeply,
 * -EMSGSIZE for a value that does not end. After an error only stream_reset()
 * helps.
 */
int stream_feed(struct stream *s, const char *bytes, size_t nr,
		int (*take)(void *data, struct json_object *value), void *data);

#endif /* DRD_STREAM_H */
