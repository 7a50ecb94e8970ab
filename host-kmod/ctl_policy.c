// SPDX-License-Identifier: GPL-2.0-only
/* The calls of /dev/denseram about the policy. */
#include <linux/mm.h>
#include <linux/uaccess.h>

#include "ctl_policy.h"
#include "denseram.h"
#include "steer.h"

/* Room for more guests is not used. */
#define RUN_GUESTS_MAX	65536

int dr_ctl_policy_status(void *arg)
{
	struct dr_policy_status *s = arg;

	if (s->flags)
		return -EINVAL;
	dr_steer_fill(s);
	return 0;
}

/*
 * By way of a copy: to write to the caller's memory may mean to wait for the
 * policy, which must not wait for it.
 */
int dr_ctl_policy_run(void *arg)
{
	struct dr_policy_run *run = arg;
	void __user *user = u64_to_user_ptr(run->guests);
	struct dr_policy_numbers *copy = NULL;
	int nr, err = 0;

	if (run->flags)
		return -EINVAL;
	run->count = min(run->count, RUN_GUESTS_MAX);
	if (run->count) {
		copy = kvcalloc(run->count, sizeof(*copy), GFP_KERNEL);
		if (!copy)
			return -ENOMEM;
	}
	nr = dr_steer_copy(run, copy);
	if (copy_to_user(user, copy, nr * sizeof(*copy)))
		err = -EFAULT;
	kvfree(copy);
	return err;
}
