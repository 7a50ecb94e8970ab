// SPDX-License-Identifier: GPL-2.0-only
/* Random options of mounts. See fuzz.h. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/vfs.h>

#include "fuzz.h"
#include "gmem.h"

static const char *const words[] = {
	"size=", "size=1m", "size=50%", "size=0", "mode=", "mode=0700",
	"mode=01777", "uid=", "uid=0", "uid=1000", "gid=", "gid=0", "huge=",
	"huge=always", "huge=never", "share=", "share=off", "share=guest",
	"share=domain", "share=all", "source=x", "ro", "rw", "sync", "bogus",
	",", ",,", "=", ",size=64k", ",huge=never", ",share=off", ",mode=755",
};

static const char *mount_point(const struct fuzz *f)
{
	static __thread char path[32];

	snprintf(path, sizeof(path), "/mnt/m%u", f->nr);
	mkdir(path, 0755);
	return path;
}

static int touch(const char *dir)
{
	char path[64];
	int ret, fd;

	snprintf(path, sizeof(path), "%s/ram", dir);
	fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	if (fd < 0)
		return -1;
	ret = ftruncate(fd, BLOCK);
	if (!ret)
		ret = pwrite(fd, "x", 1, PAGE) == 1 ? 0 : -1;
	close(fd);
	unlink(path);
	return ret;
}

/* What was mounted is used, changed or not, and goes. */
static void use_mount(struct fuzz *f, const char *dir)
{
	static const int errnos[] = { EINVAL, ENOMEM, EBUSY, 0 };
	static const int refusals[] = { ENOSPC, EROFS, EINVAL, EFBIG, 0 };
	char text[FUZZ_TEXT];
	struct statfs fs;

	CHECK_OK(statfs(dir, &fs));
	CHECK_EQ(fs.f_type, DR_SUPER_MAGIC);
	fuzz_note(f, "a file of a mount", touch(dir), refusals);
	if (fuzz_chance(&f->rng, 50)) {
		fuzz_text(&f->rng, words, ARRAY_SIZE(words), text);
		fuzz_note(f, "remount", mount(NULL, dir, NULL, MS_REMOUNT, text),
			  errnos);
	}
	CHECK_OK(umount(dir));
}

static void mount_by_text(struct fuzz *f, const char *dir)
{
	static const int errnos[] = { EINVAL, ENOMEM, 0 };
	char text[FUZZ_TEXT];

	fuzz_text(&f->rng, words, ARRAY_SIZE(words), text);
	if (!fuzz_note(f, "mount", gm_mount(dir, text), errnos))
		use_mount(f, dir);
}

static long configure(int fd, unsigned int command, const char *key,
		      const void *value, int aux)
{
	return syscall(SYS_fsconfig, fd, command, key, value, aux);
}

/* A parameter in any form that there is, fit or not. */
static void give_parameter(struct fuzz *f, int fd)
{
	char text[FUZZ_TEXT], key[32];
	const char *word = words[rng_below(&f->rng, ARRAY_SIZE(words))];
	const char *equals = strchr(word, '=');
	unsigned int command = rng_below(&f->rng, 9);
	int aux = (int)rng_below(&f->rng, 100) - 1;

	/* Creating has its time. */
	if (command == FSCONFIG_CMD_CREATE)
		command = FSCONFIG_SET_STRING;
	snprintf(key, sizeof(key), "%.*s",
		 (int)(equals ? equals - word : (long)strlen(word)), word);
	fuzz_text(&f->rng, words, ARRAY_SIZE(words), text);
	if (equals && equals[1] && fuzz_chance(&f->rng, 60))
		strcpy(text, equals + 1);
	if (fuzz_chance(&f->rng, 80))
		command = FSCONFIG_SET_STRING;
	if (command == FSCONFIG_SET_STRING)
		fuzz_note(f, "fsconfig", configure(fd, command, key, text, 0),
			  NULL);
	else
		fuzz_note(f, "fsconfig", configure(fd, command, key,
						   aux % 2 ? text : NULL, aux),
			  NULL);
}

static void mount_by_parts(struct fuzz *f, const char *dir)
{
	int fd = (int)syscall(SYS_fsopen, "denseram", 0), mnt;

	ASSERT(fd >= 0);
	for (int nr = (int)rng_below(&f->rng, 5); nr; nr--)
		give_parameter(f, fd);
	if (!fuzz_note(f, "create", configure(fd, FSCONFIG_CMD_CREATE, NULL,
					      NULL, 0), NULL)) {
		mnt = (int)syscall(SYS_fsmount, fd, 0, 0);
		if (!fuzz_note(f, "fsmount", mnt, NULL) &&
		    CHECK_OK(syscall(SYS_move_mount, mnt, "", AT_FDCWD, dir,
				     4 /* MOVE_MOUNT_F_EMPTY_PATH */))) {
			close(mnt);
			use_mount(f, dir);
		}
	}
	close(fd);
}

void fuzz_mount(struct fuzz *f)
{
	if (fuzz_chance(&f->rng, 30))
		mount_by_parts(f, mount_point(f));
	else
		mount_by_text(f, mount_point(f));
}
