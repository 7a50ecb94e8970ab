/* SPDX-License-Identifier: GPL-2.0-only */
/* Lines of a screen, before any terminal is asked. Pure. */
#ifndef DR_SCREEN_H
#define DR_SCREEN_H

#include <stddef.h>
#include <stdint.h>

#define DR_LINE_TEXT	512	/* bytes of a line */

/* How a line looks. */
enum dr_line_kind {
	DR_LINE_PLAIN,
	DR_LINE_TITLE,
	DR_LINE_BAR,	/* letters in brackets have a colour each */
	DR_LINE_LEGEND,	/* and stand for what follows them */
	DR_LINE_HEAD,
	DR_LINE_MARKED,
	DR_LINE_ALERT,
};

struct dr_line {
	enum dr_line_kind kind;
	char text[DR_LINE_TEXT];
};

/**
 * struct dr_screen - lines from the top
 * @cols: columns a line may take; what is beyond is cut
 * @lines: they; @nr of them, room for @room
 * @failed: memory was missing for one
 */
struct dr_screen {
	size_t cols;
	struct dr_line *lines;
	size_t nr;
	size_t room;
	int failed;
};

/**
 * struct dr_part - a part of a bar
 * @letter: what it is drawn with
 * @label: what it is, a word
 * @bytes: how much
 */
struct dr_part {
	char letter;
	const char *label;
	uint64_t bytes;
};

void dr_screen_init(struct dr_screen *screen, size_t cols);
void dr_screen_free(struct dr_screen *screen);

/* Forget the lines. */
void dr_screen_clear(struct dr_screen *screen);

/**
 * dr_screen_add - a line at the end
 * @screen: the screen
 * @kind: how it looks
 * @fmt: as for printf(3); what it makes is UTF-8 without control characters
 */
__attribute__((format(printf, 3, 4)))
void dr_screen_add(struct dr_screen *screen, enum dr_line_kind kind,
		   const char *fmt, ...);

/**
 * dr_screen_bar - two lines: a bar and its legend
 * @screen: the screen
 * @label: of the bar, six letters at most
 * @total: bytes that the whole bar stands for
 * @parts: from the left, @nr of them; where they are more than @total the last
 *	ones are cut
 */
void dr_screen_bar(struct dr_screen *screen, const char *label, uint64_t total,
		   const struct dr_part *parts, size_t nr);

#endif /* DR_SCREEN_H */
