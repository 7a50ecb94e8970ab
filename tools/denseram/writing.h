/* SPDX-License-Identifier: GPL-2.0-only */
/* A write that takes long, is shown, and may be interrupted. */
#ifndef DENSERAM_WRITING_H
#define DENSERAM_WRITING_H

#include <signal.h>
#include <stdbool.h>
#include <stdint.h>

/* Hold back the signals that would end it in the middle; found by looking. */
void writing_hold_signals(sigset_t *held, sigset_t *before);
bool writing_asked_to_end(const sigset_t *held);

/* On a terminal: "N % DONE", over and over. */
void writing_show(uint64_t now, uint64_t size, const char *done);

#endif /* DENSERAM_WRITING_H */
