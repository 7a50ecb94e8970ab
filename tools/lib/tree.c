// SPDX-License-Identifier: GPL-2.0-only
#include "tree.h"
#include "units.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#define PATH_LEN	4096
#define FIRST_READ	4096

static int format_path(char *path, const char *fmt, va_list args)
{
	int len = vsnprintf(path, PATH_LEN, fmt, args);

	return len < 0 || len >= PATH_LEN ? -ENAMETOOLONG : 0;
}

/* In a function whose last named argument is @fmt. */
#define path_of(path, fmt)						\
({									\
	va_list args;							\
	int ret;							\
									\
	va_start(args, fmt);						\
	ret = format_path(path, fmt, args);				\
	va_end(args);							\
	ret;								\
})

int dr_tree_open(struct dr_tree *tree, const char *root)
{
	tree->fd = -1;
	if (!root)
		return 0;
	tree->fd = open(root, O_PATH | O_DIRECTORY | O_CLOEXEC);
	return tree->fd < 0 ? -errno : 0;
}

void dr_tree_close(struct dr_tree *tree)
{
	if (tree->fd >= 0)
		close(tree->fd);
	tree->fd = -1;
}

/* Files of this machine have links that openat2() would not follow: /proc/1/exe. */
static int open_path(const struct dr_tree *tree, const char *path, int flags)
{
	struct open_how how = {
		.flags = (unsigned int)flags | O_CLOEXEC,
		.resolve = RESOLVE_IN_ROOT,
	};
	int fd;

	if (dr_tree_live(tree))
		fd = open(path, flags | O_CLOEXEC);
	else
		fd = (int)syscall(SYS_openat2, tree->fd, path, &how,
				  sizeof(how));
	return fd < 0 ? -errno : fd;
}

static int stat_path(const struct dr_tree *tree, const char *path,
		     struct stat *st)
{
	int err, fd = open_path(tree, path, O_PATH);

	if (fd < 0)
		return fd;
	err = fstat(fd, st) ? -errno : 0;
	close(fd);
	return err;
}

/* A FIFO or a device in a bundle would block, or do who knows what. */
static int open_file(const struct dr_tree *tree, const char *path)
{
	struct stat st;
	int err;

	if (!dr_tree_live(tree)) {
		err = stat_path(tree, path, &st);
		if (err)
			return err;
		if (!S_ISREG(st.st_mode))
			return -EINVAL;
	}
	return open_path(tree, path, O_RDONLY | O_NONBLOCK | O_NOCTTY);
}

int dr_tree_file(const struct dr_tree *tree, const char *fmt, ...)
{
	char path[PATH_LEN];
	int err = path_of(path, fmt);

	return err ? err : open_file(tree, path);
}

/* The size of a file of /proc is not known before its end. */
static int read_all(int fd, char **text, size_t *len)
{
	size_t size = 0, room = FIRST_READ;
	char *buf = malloc(room + 1);
	ssize_t done = buf ? 1 : -1;
	int err = buf ? 0 : -ENOMEM;

	while (!err && (done = read(fd, buf + size, room - size)) > 0) {
		char *more;

		size += (size_t)done;
		if (size < room)
			continue;
		room *= 2;
		if (room > DR_TREE_MAX) {
			err = -EFBIG;
			break;
		}
		more = realloc(buf, room + 1);
		if (more)
			buf = more;
		else
			err = -ENOMEM;
	}
	if (!err && done < 0)
		err = -errno;
	if (err) {
		free(buf);
		return err;
	}
	buf[size] = '\0';
	*text = buf;
	*len = size;
	return 0;
}

int dr_tree_text(const struct dr_tree *tree, char **text, size_t *len,
		 const char *fmt, ...)
{
	char path[PATH_LEN];
	size_t unused;
	int fd, err = path_of(path, fmt);

	if (err)
		return err;
	fd = open_file(tree, path);
	if (fd < 0)
		return fd;
	err = read_all(fd, text, len ? len : &unused);
	close(fd);
	return err;
}

static int read_line(const struct dr_tree *tree, const char *path, char *line)
{
	int fd = open_file(tree, path);
	ssize_t len;

	if (fd < 0)
		return fd;
	len = read(fd, line, DR_TREE_LINE - 1);
	if (len < 0) {
		len = -errno;
		close(fd);
		return (int)len;
	}
	close(fd);
	line[len] = '\0';
	line[strcspn(line, "\n")] = '\0';
	return 0;
}

int dr_tree_line(const struct dr_tree *tree, char *line, const char *fmt, ...)
{
	char path[PATH_LEN];
	int err = path_of(path, fmt);

	return err ? err : read_line(tree, path, line);
}

int dr_tree_number(const struct dr_tree *tree, uint64_t *value,
		   const char *fmt, ...)
{
	char path[PATH_LEN], line[DR_TREE_LINE];
	int err = path_of(path, fmt);

	if (!err)
		err = read_line(tree, path, line);
	return err ? err : dr_count_parse(line, value);
}

int dr_tree_stat(const struct dr_tree *tree, struct stat *st,
		 const char *fmt, ...)
{
	char path[PATH_LEN];
	int err = path_of(path, fmt);

	return err ? err : stat_path(tree, path, st);
}

bool dr_tree_has(const struct dr_tree *tree, const char *fmt, ...)
{
	char path[PATH_LEN];
	struct stat st;
	int err = path_of(path, fmt);

	return !err && !stat_path(tree, path, &st);
}

static int read_link(const struct dr_tree *tree, const char *path,
		     char *target, size_t size)
{
	int fd = open_path(tree, path, O_PATH | O_NOFOLLOW);
	ssize_t len;

	if (fd < 0)
		return fd;
	len = readlinkat(fd, "", target, size - 1);
	if (len < 0)
		len = -errno;
	else
		target[len] = '\0';
	close(fd);
	return len < 0 ? (int)len : 0;
}

int dr_tree_link(const struct dr_tree *tree, char *target, size_t size,
		 const char *fmt, ...)
{
	char path[PATH_LEN];
	int err = path_of(path, fmt);

	return err ? err : read_link(tree, path, target, size);
}

static int open_dir(const struct dr_tree *tree, const char *path, DIR **dir)
{
	int err, fd = open_path(tree, path, O_RDONLY | O_DIRECTORY);

	if (fd < 0)
		return fd;
	*dir = fdopendir(fd);
	if (*dir)
		return 0;
	err = -errno;
	close(fd);
	return err;
}

int dr_tree_dir(const struct dr_tree *tree, DIR **dir, const char *fmt, ...)
{
	char path[PATH_LEN];
	int err = path_of(path, fmt);

	return err ? err : open_dir(tree, path, dir);
}

const char *dr_tree_next(DIR *dir)
{
	struct dirent *entry;

	do {
		entry = readdir(dir);
	} while (entry && (!strcmp(entry->d_name, ".") ||
			   !strcmp(entry->d_name, "..")));
	return entry ? entry->d_name : NULL;
}
