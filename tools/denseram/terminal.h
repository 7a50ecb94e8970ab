/* SPDX-License-Identifier: GPL-2.0-only */
/* A screen on a terminal: the only code that knows ncurses. */
#ifndef DR_TERMINAL_H
#define DR_TERMINAL_H

#include "../lib/screen.h"

/* Returned by terminal_key() when no key was pressed, or the size changed. */
#define TERMINAL_NO_KEY	(-1)

/* Take over the terminal. Returns 0, or -ENOTTY where there is none. */
int terminal_begin(void);
void terminal_end(void);

void terminal_size(size_t *rows, size_t *cols);
void terminal_show(const struct dr_screen *screen);

/* A character or enum dr_top_key, or %TERMINAL_NO_KEY after @ms. */
int terminal_key(int ms);

#endif /* DR_TERMINAL_H */
