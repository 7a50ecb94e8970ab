/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Files of this machine, or of another one that is laid out below a directory:
 * a support bundle, or what a test made up. Only ever read.
 */
#ifndef DR_TREE_H
#define DR_TREE_H

#include <dirent.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/stat.h>

/* No file that is read as a whole may be larger: of /proc none is. */
#define DR_TREE_MAX	(32U << 20)

/* Room for a line as dr_tree_line() reads it. */
#define DR_TREE_LINE	256

/**
 * struct dr_tree - where the files are
 * @fd: the directory, -1 for this machine
 *
 * Nothing below a directory leads out of it: its symbolic links begin at the
 * directory, too, and what is neither file nor directory is not opened.
 */
struct dr_tree {
	int fd;
};

static inline bool dr_tree_live(const struct dr_tree *tree)
{
	return tree->fd < 0;
}

/**
 * dr_tree_open - get at the files
 * @tree: to be closed by dr_tree_close()
 * @root: the directory, NULL for this machine
 *
 * Returns 0 or a negative errno.
 */
int dr_tree_open(struct dr_tree *tree, const char *root);
void dr_tree_close(struct dr_tree *tree);

/*
 * All take a path from "/" on, in the manner of printf(3), and return a negative
 * errno when they fail.
 */

/* A descriptor to read from. */
__attribute__((format(printf, 2, 3)))
int dr_tree_file(const struct dr_tree *tree, const char *fmt, ...);

/* All of a file, ended by a zero byte; to be freed. @len may be NULL. */
__attribute__((format(printf, 4, 5)))
int dr_tree_text(const struct dr_tree *tree, char **text, size_t *len,
		 const char *fmt, ...);

/* The first line, without its end, cut to %DR_TREE_LINE - 1 bytes. */
__attribute__((format(printf, 3, 4)))
int dr_tree_line(const struct dr_tree *tree, char *line, const char *fmt, ...);

/* A file that holds one decimal number. */
__attribute__((format(printf, 3, 4)))
int dr_tree_number(const struct dr_tree *tree, uint64_t *value,
		   const char *fmt, ...);

/* As stat(2): of what a symbolic link stands for. */
__attribute__((format(printf, 3, 4)))
int dr_tree_stat(const struct dr_tree *tree, struct stat *st,
		 const char *fmt, ...);

__attribute__((format(printf, 2, 3)))
bool dr_tree_has(const struct dr_tree *tree, const char *fmt, ...);

/* Where a symbolic link leads; @size bytes of room. */
__attribute__((format(printf, 4, 5)))
int dr_tree_link(const struct dr_tree *tree, char *target, size_t size,
		 const char *fmt, ...);

/* The next name that is neither "." nor ".."; NULL at the end. */
const char *dr_tree_next(DIR *dir);

/* A directory, to be closed by closedir(3). */
__attribute__((format(printf, 3, 4)))
int dr_tree_dir(const struct dr_tree *tree, DIR **dir, const char *fmt, ...);

#endif /* DR_TREE_H */
