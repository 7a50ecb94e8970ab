// SPDX-License-Identifier: GPL-2.0-only
/*
 * Paging as a whole: start, stop, figures.
 */
#include "area.h"
#include "cluster.h"
#include "comp.h"
#include "io.h"
#include "pager.h"
#include "pool.h"
#include "swap.h"

/**
 * dr_swap_fill() - describe paging on this host
 * @s: filled in, but for what is summed up over the guests
 */
void dr_swap_fill(struct dr_swap_status *s)
{
	dr_pool_fill(s);
	dr_areas_fill(s);
	dr_pager_fill(s);
}

/**
 * dr_swap_room() - how much more can be paged out
 *
 * The pool's part is what it may grow by: how small pages get there is not
 * known before.
 *
 * Context: may sleep.
 * Return: bytes.
 */
u64 dr_swap_room(void)
{
	return dr_pool_room() + dr_areas_room();
}

int dr_swap_init(void)
{
	int err = dr_comp_init();

	if (err)
		return err;
	err = dr_pool_init();
	if (err)
		goto exit_comp;
	err = dr_io_init();
	if (err)
		goto exit_pool;
	err = dr_cluster_init();
	if (err)
		goto exit_io;
	err = dr_pager_init();
	if (err)
		goto exit_cluster;
	return 0;

exit_cluster:
	dr_cluster_exit();
exit_io:
	dr_io_exit();
exit_pool:
	dr_pool_exit();
exit_comp:
	dr_comp_exit();
	return err;
}

void dr_swap_exit(void)
{
	dr_pager_exit();
	dr_cluster_exit();
	dr_areas_exit();
	dr_io_exit();
	dr_pool_exit();
	dr_comp_exit();
}
