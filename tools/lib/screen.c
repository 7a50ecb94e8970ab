// SPDX-License-Identifier: GPL-2.0-only
#include "screen.h"
#include "text.h"
#include "units.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* "Guests 3.25G [" and "]". */
#define BAR_AROUND	15

#define BAR_MOST	400

void dr_screen_init(struct dr_screen *screen, size_t cols)
{
	*screen = (struct dr_screen){ .cols = cols };
}

void dr_screen_free(struct dr_screen *screen)
{
	free(screen->lines);
	screen->lines = NULL;
	screen->nr = 0;
	screen->room = 0;
}

void dr_screen_clear(struct dr_screen *screen)
{
	screen->nr = 0;
}

/* The next line, or NULL without memory. */
static struct dr_line *new_line(struct dr_screen *screen)
{
	if (screen->nr == screen->room) {
		size_t room = screen->room ? screen->room * 2 : 64;
		void *lines = reallocarray(screen->lines, room,
					   sizeof(*screen->lines));

		if (!lines) {
			screen->failed = 1;
			return NULL;
		}
		screen->lines = lines;
		screen->room = room;
	}
	return &screen->lines[screen->nr++];
}

void dr_screen_add(struct dr_screen *screen, enum dr_line_kind kind,
		   const char *fmt, ...)
{
	struct dr_line *line = new_line(screen);
	va_list args;

	if (!line)
		return;
	line->kind = kind;
	va_start(args, fmt);
	vsnprintf(line->text, sizeof(line->text), fmt, args);
	va_end(args);
	dr_text_cut(line->text, screen->cols);
}

/* Where a part ends: rounded from the left, so that all rounding adds up. */
static size_t bar_end(uint64_t sum, uint64_t total, size_t width)
{
	unsigned __int128 scaled = sum;

	if (!total)
		return 0;
	if (sum >= total)
		return width;
	return (size_t)((scaled * width + total / 2) / total);
}

static void add_legend(struct dr_screen *screen, const struct dr_part *parts,
		       size_t nr)
{
	char text[DR_LINE_TEXT] = "", size[DR_SIZE_TEXT];
	size_t len = 0;

	for (size_t i = 0; i < nr && len < sizeof(text); i++)
		len += (size_t)snprintf(text + len, sizeof(text) - len,
					"%s%c %s %s", i ? " " : "",
					parts[i].letter, parts[i].label,
					dr_size_short(parts[i].bytes, size));
	dr_screen_add(screen, DR_LINE_LEGEND, "%s", text);
}

void dr_screen_bar(struct dr_screen *screen, const char *label, uint64_t total,
		   const struct dr_part *parts, size_t nr)
{
	size_t width = screen->cols > BAR_AROUND ? screen->cols - BAR_AROUND : 0;
	char bar[BAR_MOST + 1], size[DR_SIZE_TEXT];
	uint64_t sum = 0;
	size_t at = 0;

	width = width < BAR_MOST ? width : BAR_MOST;
	memset(bar, ' ', width);
	bar[width] = '\0';
	for (size_t i = 0; i < nr; i++) {
		size_t end;

		sum += parts[i].bytes;
		end = bar_end(sum, total, width);
		memset(bar + at, parts[i].letter, end - at);
		at = end;
	}
	dr_screen_add(screen, DR_LINE_BAR, "%-6s %5s [%s]", label,
		      dr_size_short(total, size), bar);
	add_legend(screen, parts, nr);
}
