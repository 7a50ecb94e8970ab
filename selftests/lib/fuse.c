// SPDX-License-Identifier: GPL-2.0-only
/*
 * See fuse.h. The root of the file system is the file itself, so there are no
 * names to look up.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <linux/fuse.h>

#include "../ktap.h"
#include "fuse.h"
#include "util.h"

#define PAGES_MAX	64
#define TRANSFER_MAX	(PAGES_MAX * PAGE)

/* What a request brings with it, behind its header. */
union args {
	struct fuse_init_in init;
	struct fuse_read_in read;
	struct fuse_write_in write;
	char bytes[TRANSFER_MAX + PAGE];
};

static struct {
	struct fuse_in_header head;
	union args args;
} request;

static char *bytes;

static void answer(struct fuse_file *f, int err, const void *data, size_t len)
{
	struct fuse_out_header head = {
		.len = sizeof(head) + (err ? 0 : len),
		.error = -err,
		.unique = request.head.unique,
	};
	struct iovec parts[] = {
		{ .iov_base = &head, .iov_len = sizeof(head) },
		{ .iov_base = (void *)data, .iov_len = err ? 0 : len },
	};

	/* One that was given up meanwhile wants no answer. */
	if (writev(f->dev, parts, 2) < 0 && errno != ENOENT)
		_exit(1);
}

static void answer_init(struct fuse_file *f)
{
	const struct fuse_init_out out = {
		.major = FUSE_KERNEL_VERSION,
		.minor = FUSE_KERNEL_MINOR_VERSION,
		.flags = FUSE_ASYNC_DIO | FUSE_BIG_WRITES | FUSE_MAX_PAGES,
		.max_background = 32,
		.congestion_threshold = 32,
		.max_write = TRANSFER_MAX,
		.max_pages = PAGES_MAX,
	};

	answer(f, 0, &out, sizeof(out));
}

static void answer_getattr(struct fuse_file *f)
{
	const struct fuse_attr_out out = {
		.attr_valid = 3600,
		.attr = {
			.ino = FUSE_ROOT_ID,
			.size = f->size,
			.blocks = f->size / 512,
			.mode = S_IFREG | 0600,
			.nlink = 1,
			.blksize = PAGE,
		},
	};

	answer(f, 0, &out, sizeof(out));
}

/* Does this transfer fail? Answers it if so. */
static bool fails(struct fuse_file *f, const int *err)
{
	int now = __atomic_load_n(err, __ATOMIC_SEQ_CST);

	if (!now)
		return false;
	__atomic_add_fetch(&f->ctl->refused, 1, __ATOMIC_SEQ_CST);
	answer(f, now, NULL, 0);
	return true;
}

static void answer_read(struct fuse_file *f)
{
	const struct fuse_read_in *in = &request.args.read;
	__u32 len = in->size;

	sleep_ms(__atomic_load_n(&f->ctl->read_ms, __ATOMIC_SEQ_CST));
	if (fails(f, &f->ctl->read_errno))
		return;
	if (__atomic_load_n(&f->ctl->half_reads, __ATOMIC_SEQ_CST))
		len /= 2;
	if (in->offset + in->size > f->size)
		answer(f, EINVAL, NULL, 0);
	else
		answer(f, 0, bytes + in->offset, len);
}

static void answer_write(struct fuse_file *f)
{
	const struct fuse_write_in *in = &request.args.write;
	const struct fuse_write_out out = { .size = in->size };

	sleep_ms(__atomic_load_n(&f->ctl->write_ms, __ATOMIC_SEQ_CST));
	if (fails(f, &f->ctl->write_errno))
		return;
	if (in->offset + in->size > f->size) {
		answer(f, EINVAL, NULL, 0);
		return;
	}
	if (!__atomic_load_n(&f->ctl->lose_writes, __ATOMIC_SEQ_CST))
		memcpy(bytes + in->offset, in + 1, in->size);
	__atomic_add_fetch(&f->ctl->written, 1, __ATOMIC_SEQ_CST);
	answer(f, 0, &out, sizeof(out));
}

static void serve_request(struct fuse_file *f)
{
	static const struct fuse_open_out opened;
	const struct fuse_lseek_out end = { .offset = f->size };

	switch (request.head.opcode) {
	case FUSE_INIT:
		answer_init(f);
		break;
	case FUSE_GETATTR:
		answer_getattr(f);
		break;
	case FUSE_OPEN:
		answer(f, 0, &opened, sizeof(opened));
		break;
	case FUSE_READ:
		answer_read(f);
		break;
	case FUSE_WRITE:
		answer_write(f);
		break;
	case FUSE_LSEEK:
		/* For the first hole: there is none. */
		answer(f, 0, &end, sizeof(end));
		break;
	case FUSE_FLUSH:
	case FUSE_RELEASE:
		answer(f, 0, NULL, 0);
		break;
	case FUSE_FORGET:
	case FUSE_INTERRUPT:
	case FUSE_BATCH_FORGET:
		break;
	default:
		answer(f, EOPNOTSUPP, NULL, 0);
	}
}

/* Until it is unmounted. */
static int serve(void *arg)
{
	struct fuse_file *f = arg;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	bytes = calloc(1, f->size);
	if (!bytes)
		return 1;
	for (;;) {
		if (read(f->dev, &request, sizeof(request)) > 0)
			serve_request(f);
		else if (errno == ENODEV)
			return 0;
		else if (errno != EINTR && errno != ENOENT)
			return 1;
	}
}

static struct fuse_ctl *make_ctl(void)
{
	struct fuse_ctl *ctl = mmap(NULL, sizeof(*ctl), PROT_READ | PROT_WRITE,
				    MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	ASSERT(ctl != MAP_FAILED);
	return ctl;
}

void fuse_start(struct fuse_file *f, const char *name, __u64 size)
{
	char options[128];
	struct stat st;
	int file;

	snprintf(f->path, sizeof(f->path), "/tmp/dr-fuse-%s", name);
	f->size = size;
	/* Without the module there is not even the device. */
	f->dev = system("modprobe -q fuse") ? -1 :
		 open("/dev/fuse", O_RDWR | O_CLOEXEC);
	if (f->dev < 0)
		ktap_skip("no FUSE in this kernel");
	/* One that a test before has left. */
	umount2(f->path, MNT_DETACH);
	file = open(f->path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
	ASSERT(file >= 0);
	close(file);
	snprintf(options, sizeof(options),
		 "fd=%d,rootmode=100600,user_id=0,group_id=0", f->dev);
	ASSERT_OK(mount("denseram-test", f->path, "fuse", MS_NOSUID | MS_NODEV,
			options));
	f->ctl = make_ctl();
	f->pid = spawn(serve, f);
	close(f->dev);
	/* The kernel knows nothing of the file before it has asked. */
	ASSERT_OK(stat(f->path, &st));
	CHECK_EQ(st.st_size, f->size);
}

void fuse_stop(struct fuse_file *f)
{
	CHECK_OK(umount(f->path));
	CHECK_EQ(join(f->pid), 0);
	CHECK_OK(unlink(f->path));
	munmap(f->ctl, sizeof(*f->ctl));
}
