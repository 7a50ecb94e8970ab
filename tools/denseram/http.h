/* SPDX-License-Identifier: GPL-2.0-only */
/* The exporter's HTTP server: the only code that knows libmicrohttpd. */
#ifndef DR_HTTP_H
#define DR_HTTP_H

#include "scrape.h"

struct MHD_Daemon;

/**
 * http_start - serve until http_stop()
 * @listener: a socket that listens; becomes the server's
 * @scrapes: used by the server's thread alone
 *
 * There is one thread, with the signal mask and capabilities of the caller.
 *
 * Returns NULL when it cannot be started.
 */
struct MHD_Daemon *http_start(int listener, struct scrapes *scrapes);
void http_stop(struct MHD_Daemon *server);

#endif /* DR_HTTP_H */
