/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Guest-RAM files for tests: each test gets a fresh directory (= guest), and
 * the harness checks after it that the guest is gone and the module's totals
 * still add up.
 *
 * DR_DIR names the mount to test on, /run/denseram by default. It may be a
 * tmpfs: tests of what only denseram does skip themselves then, so that the
 * tests can be tried where the module is not.
 */
#ifndef SELFTESTS_GMEM_H
#define SELFTESTS_GMEM_H

#include <fcntl.h>
#include <stdbool.h>
#include <stddef.h>
#include <unistd.h>
#include <sys/mman.h>
#include <linux/denseram.h>

#include "../ktap.h"
#include "util.h"

#ifndef FALLOC_FL_KEEP_SIZE
#define FALLOC_FL_KEEP_SIZE	0x01
#endif
#ifndef FALLOC_FL_PUNCH_HOLE
#define FALLOC_FL_PUNCH_HOLE	0x02
#endif
#define PUNCH	(FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE)

#define SYSFS	"/sys/kernel/denseram"
#define DEBUGFS	"/sys/kernel/debug/denseram"
#define DEVICE	"/dev/denseram"

extern const char *gm_root;	/* the mount */
extern char gm_dir[256];	/* the test's directory in it */
extern char gm_name[128];	/* the test's guest */

bool gm_is_denseram(void);
/* Skip the test when the file system is another one. */
void gm_need_denseram(void);
/* Skip the test unless blocks are on (huge=always and host memory for them). */
void gm_need_blocks(void);

/* A path in the test's directory; in a static buffer of its own each time. */
const char *gm_path(const char *name);
/* Create or open a file of @size bytes there; never fails (aborts the test). */
int gm_create(const char *name, __u64 size);
/* Map shared at an address congruent to @offset mod 2 MiB, plus @skew. */
void *gm_map_skew(int fd, size_t len, __u64 offset, int prot, size_t skew);
void *gm_map(int fd, size_t len);
void gm_punch(int fd, __u64 offset, __u64 len);
void gm_pwrite_pattern(int fd, size_t len, __u64 offset, __u64 key);
/* Index of the first wrong byte read from the file, or -1. */
ssize_t gm_pread_bad(int fd, size_t len, __u64 offset, __u64 key);
ssize_t gm_pread_nonzero(int fd, size_t len, __u64 offset);

/* The guest's figures by ioctl; the test's own guest when @name is NULL. */
int gm_device(int flags);
int gm_info(const char *name, struct dr_guest_info *info);
struct dr_usage gm_usage(void);
struct dr_usage gm_total(void);
__u64 gm_event(enum dr_event event);
__u64 gm_id(void);
struct dr_guest_trim gm_trim(__u32 flags);
/* sysfs attribute of a guest; aborts the test when unreadable. */
__u64 gm_attr(const char *name, const char *attr);
const char *gm_attr_path(const char *name, const char *attr);
bool gm_guest_exists(const char *name);
/* Wait a moment for it to go; false when it stays. */
bool gm_guest_gone(const char *name);
/* The debugfs recount, a failed check if it finds anything. */
void gm_check_recount(void);

/* Keep the scanner from looking at the test's guest: a look is a pin. */
void gm_no_scan(void);
/* Have all blocks of the test's guest broken up, or made again; may skip. */
int gm_order_fd(const char *order);
void gm_evacuate(void);
void gm_collapse(void);

/* Mount denseram elsewhere; returns what mount(2) returns. */
int gm_mount(const char *dir, const char *options);
/* A private mount namespace with a scratch tmpfs on /mnt. */
void gm_private_mounts(void);

#endif /* SELFTESTS_GMEM_H */
