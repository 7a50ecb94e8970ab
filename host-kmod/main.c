// SPDX-License-Identifier: GPL-2.0-only
/*
 * denseram - memory overcommit for KVM hosts: the host module.
 */
#include <linux/module.h>

#include "dedup.h"
#include "denseram.h"
#include "hollow.h"
#include "remap.h"
#include "reserve.h"
#include "steer.h"
#include "swap.h"
#include "wss.h"

static int __init dr_init(void)
{
	int err;

	err = dr_reserve_init();
	if (err)
		return err;
	err = dr_remap_init();
	if (err)
		goto exit_reserve;
	err = dr_hollow_init();
	if (err)
		goto exit_remap;
	err = dr_dedup_init();
	if (err)
		goto exit_hollow;
	err = dr_swap_init();
	if (err)
		goto exit_dedup;
	err = dr_wss_init();
	if (err)
		goto exit_swap;
	err = dr_steer_init();
	if (err)
		goto exit_wss;
	err = dr_sysfs_init();
	if (err)
		goto exit_steer;
	err = dr_ctl_init();
	if (err)
		goto exit_sysfs;
	dr_debugfs_init();
	/* Last: from here on there are users. */
	err = dr_fs_init();
	if (err)
		goto exit_debugfs;
	pr_info("version %s\n", DR_VERSION);
	return 0;

exit_debugfs:
	dr_debugfs_exit();
	dr_ctl_exit();
exit_sysfs:
	dr_sysfs_exit();
exit_steer:
	dr_steer_exit();
exit_wss:
	dr_wss_exit();
exit_swap:
	dr_swap_exit();
exit_dedup:
	dr_dedup_exit();
exit_hollow:
	dr_hollow_exit();
exit_remap:
	dr_remap_exit();
exit_reserve:
	dr_reserve_exit();
	return err;
}

static void __exit dr_exit(void)
{
	dr_fs_exit();
	dr_debugfs_exit();
	dr_ctl_exit();
	dr_sysfs_exit();
	dr_steer_exit();
	dr_wss_exit();
	dr_swap_exit();
	dr_dedup_exit();
	dr_hollow_exit();
	dr_remap_exit();
	dr_reserve_exit();
}

module_init(dr_init);
module_exit(dr_exit);

MODULE_DESCRIPTION("Memory overcommit for KVM hosts");
MODULE_LICENSE("GPL");
MODULE_VERSION(DR_VERSION);
