/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _DR_CTL_BALLOON_H
#define _DR_CTL_BALLOON_H

/* Calls of /dev/denseram about balloons; their structure is in kernel memory. */
int dr_ctl_balloon(void *arg);
int dr_ctl_balloon_set(void *arg);
int dr_ctl_balloon_report(void *arg);

#endif /* _DR_CTL_BALLOON_H */
