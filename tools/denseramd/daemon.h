/* SPDX-License-Identifier: GPL-2.0-only */
/* What all of denseramd shares: time, and lines for the log. */
#ifndef DRD_DAEMON_H
#define DRD_DAEMON_H

#include <stdbool.h>
#include <stdint.h>

/* Severities as systemd's journal reads them. */
enum {
	LOG_ERROR = 3,
	LOG_WARNING = 4,
	LOG_INFO = 6,
	LOG_DEBUG = 7,
};

/* One line on standard error, unless it is above the level of main(). */
__attribute__((format(printf, 2, 3)))
void say(int severity, const char *fmt, ...);

/* A text from outside, fit for a log; in one of a few buffers of the thread. */
const char *quoted(const char *text);

/* The monotonic clock. */
uint64_t now_ms(void);
uint64_t now_us(void);

extern int log_level;
extern bool log_plain;

#endif /* DRD_DAEMON_H */
