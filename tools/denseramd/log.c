// SPDX-License-Identifier: GPL-2.0-only
#include "daemon.h"

#include "../lib/text.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

int log_level = LOG_INFO;
bool log_plain = true;

void say(int severity, const char *fmt, ...)
{
	char text[512];
	va_list args;

	if (severity > log_level)
		return;
	va_start(args, fmt);
	vsnprintf(text, sizeof(text), fmt, args);
	va_end(args);
	if (log_plain)
		fprintf(stderr, "denseramd: %s\n", text);
	else
		fprintf(stderr, "<%d>%s\n", severity, text);
}

const char *quoted(const char *text)
{
	static _Thread_local char buffers[4][160];
	static _Thread_local unsigned int turn;
	char *buffer = buffers[turn++ % 4];
	char *safe = dr_text_escape(text);

	snprintf(buffer, sizeof(buffers[0]), "%s", safe ? safe : "?");
	free(safe);
	return buffer;
}

uint64_t now_us(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000000 + (uint64_t)t.tv_nsec / 1000;
}

uint64_t now_ms(void)
{
	return now_us() / 1000;
}
