/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _DR_CTL_POLICY_H
#define _DR_CTL_POLICY_H

/* Calls of /dev/denseram, for the table in ctl.c. */
int dr_ctl_policy_status(void *arg);
int dr_ctl_policy_run(void *arg);

#endif /* _DR_CTL_POLICY_H */
