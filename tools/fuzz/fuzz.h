/* SPDX-License-Identifier: GPL-2.0-only */
/* What the targets of libFuzzer share. */
#ifndef DR_FUZZ_H
#define DR_FUZZ_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerInitialize(int *argc, char ***argv);

/* A property that has to hold whatever the input is. */
#define must(cond)							\
	do {								\
		if (!(cond))						\
			fuzz_broken(__FILE__, __LINE__, #cond);		\
	} while (0)

void fuzz_broken(const char *file, int line, const char *what)
	__attribute__((noreturn));

/* An input that is being used up; zeros at its end. */
struct input {
	const uint8_t *data;
	size_t left;
};

uint8_t take_byte(struct input *in);
/* Mostly a number that means something: small, whole pages, at a border. */
uint64_t take_number(struct input *in);

/* A copy of its own, ended by zero, so that a byte too many is found; to be freed. */
char *fuzz_text(const uint8_t *data, size_t size);

/* The next line of a text that is cut up, or NULL. */
char *fuzz_line(char **text);

/* A file with these bytes: its path, good until the next one. */
const char *fuzz_file(const void *data, size_t size);

#endif /* DR_FUZZ_H */
