// SPDX-License-Identifier: GPL-2.0-only
#include "http.h"

#include <microhttpd.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#define ARRAY_SIZE(a)	(sizeof(a) / sizeof(*(a)))

/*
 * Who listens beyond loopback may be asked by anybody: so many may ask at a
 * time, the others wait to be accepted; a silent one is sent away after so many
 * seconds; and a request takes no more memory than this. A host of 1000 guests
 * makes 5 MiB of text, which the slowest of readers keeps for as long as it
 * reads.
 */
#define CONNECTIONS_MAX	32U
#define SILENT_SECS	10U
#define REQUEST_MAX	((size_t)16384)

#define TYPE_METRICS	"text/plain; version=0.0.4; charset=utf-8"
#define TYPE_HTML	"text/html; charset=utf-8"
#define TYPE_TEXT	"text/plain; charset=utf-8"

#define METHODS		"GET, HEAD"

/**
 * struct reply - an answer
 * @status: of HTTP
 * @type: of its body
 * @body: its body, to be freed if @owned
 * @len: of the body
 * @owned: the body goes to the library
 */
struct reply {
	unsigned int status;
	const char *type;
	char *body;
	size_t len;
	bool owned;
};

static void say(struct reply *reply, unsigned int status, const char *type,
		const char *text)
{
	reply->status = status;
	reply->type = type;
	reply->body = (char *)(uintptr_t)text;
	reply->len = strlen(text);
	reply->owned = false;
}

static void give_metrics(struct reply *reply, struct scrapes *scrapes)
{
	char *text = scrape(scrapes, &reply->len);

	if (!text) {
		say(reply, MHD_HTTP_INTERNAL_SERVER_ERROR, TYPE_TEXT,
		    "out of memory\n");
		return;
	}
	reply->status = MHD_HTTP_OK;
	reply->type = TYPE_METRICS;
	reply->body = text;
	reply->owned = true;
}

static void give_page(struct reply *reply, struct scrapes *scrapes)
{
	(void)scrapes;
	say(reply, MHD_HTTP_OK, TYPE_HTML,
	    "<!DOCTYPE html>\n"
	    "<html lang=\"en\"><head><title>denseram exporter</title></head>\n"
	    "<body><h1>denseram exporter " DR_TOOLS_VERSION "</h1>\n"
	    "<p><a href=\"/metrics\">Metrics</a> of the memory of this host and its guests.</p>\n"
	    "</body></html>\n");
}

static const struct page {
	const char *path;
	void (*give)(struct reply *reply, struct scrapes *scrapes);
} pages[] = {
	{ "/", give_page },
	{ "/metrics", give_metrics },
};

static const struct page *find_page(const char *path)
{
	for (size_t i = 0; i < ARRAY_SIZE(pages); i++)
		if (!strcmp(path, pages[i].path))
			return &pages[i];
	return NULL;
}

/* HEAD is answered as GET; the library leaves the body out. */
static bool may_be_asked(const char *method)
{
	return !strcmp(method, MHD_HTTP_METHOD_GET) ||
	       !strcmp(method, MHD_HTTP_METHOD_HEAD);
}

static enum MHD_Result send_reply(struct MHD_Connection *connection,
				  const struct reply *reply)
{
	struct MHD_Response *response;
	enum MHD_Result done = MHD_YES;

	response = MHD_create_response_from_buffer(reply->len, reply->body,
						   reply->owned ?
						   MHD_RESPMEM_MUST_FREE :
						   MHD_RESPMEM_PERSISTENT);
	if (!response) {
		if (reply->owned)
			free(reply->body);
		return MHD_NO;
	}
	done &= MHD_add_response_header(response, MHD_HTTP_HEADER_CONTENT_TYPE,
					reply->type);
	done &= MHD_add_response_header(response, MHD_HTTP_HEADER_CACHE_CONTROL,
					"no-store");
	if (reply->status == MHD_HTTP_METHOD_NOT_ALLOWED)
		done &= MHD_add_response_header(response, MHD_HTTP_HEADER_ALLOW,
						METHODS);
	done &= MHD_queue_response(connection, reply->status, response);
	MHD_destroy_response(response);
	return done;
}

static enum MHD_Result refuse(struct MHD_Connection *connection,
			      unsigned int status, const char *text)
{
	struct reply reply;

	say(&reply, status, TYPE_TEXT, text);
	return send_reply(connection, &reply);
}

/*
 * Called when the headers are there, for each part of a body, and at the end.
 * What is refused is refused at once, before its body comes, which ends the
 * connection. An answer then would do so as well: it is given at the end.
 */
static enum MHD_Result answer(void *arg, struct MHD_Connection *connection,
			      const char *path, const char *method,
			      const char *version, const char *body,
			      size_t *body_len, void **request)
{
	const struct page *page = find_page(path);
	struct scrapes *scrapes = arg;
	struct reply reply;

	(void)version;
	(void)body;
	if (!page)
		return refuse(connection, MHD_HTTP_NOT_FOUND,
			      "not found; there is /metrics\n");
	if (!may_be_asked(method))
		return refuse(connection, MHD_HTTP_METHOD_NOT_ALLOWED,
			      "not allowed; there is GET\n");
	if (!*request) {
		*request = connection;
		return MHD_YES;
	}
	if (*body_len) {
		*body_len = 0;
		return MHD_YES;
	}
	page->give(&reply, scrapes);
	return send_reply(connection, &reply);
}

struct MHD_Daemon *http_start(int listener, struct scrapes *scrapes)
{
	return MHD_start_daemon(MHD_USE_INTERNAL_POLLING_THREAD | MHD_USE_EPOLL,
				0, NULL, NULL, answer, scrapes,
				MHD_OPTION_LISTEN_SOCKET, listener,
				MHD_OPTION_CONNECTION_LIMIT, CONNECTIONS_MAX,
				MHD_OPTION_CONNECTION_TIMEOUT, SILENT_SECS,
				MHD_OPTION_CONNECTION_MEMORY_LIMIT, REQUEST_MAX,
				MHD_OPTION_END);
}

void http_stop(struct MHD_Daemon *server)
{
	MHD_stop_daemon(server);
}
