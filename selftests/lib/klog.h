/* SPDX-License-Identifier: GPL-2.0-only */
/* What the kernel says in its log. */
#ifndef SELFTESTS_KLOG_H
#define SELFTESTS_KLOG_H

/* The end of the log as it is now, a descriptor; skips the test without one. */
int klog_mark(void);
/*
 * How many of the lines since then have @text in them. @fd is at the end of
 * the log again afterwards.
 */
unsigned int klog_has(int fd, const char *text);

#endif /* SELFTESTS_KLOG_H */
