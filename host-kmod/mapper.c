// SPDX-License-Identifier: GPL-2.0-only
/*
 * Who maps a guest's memory, read off the mappings themselves when somebody
 * asks: there is no state to keep in step with fork, split and exit. (Counting
 * in vm_ops would also cost merges: the core does not merge away a VMA with a
 * close hook.)
 */
#include <linux/memcontrol.h>
#include <linux/mmu_notifier.h>
#include <linux/rbtree.h>
#include <linux/sched.h>

#include "gmem.h"
#include "guest.h"
#include "mapper.h"

/* The process behind an address space, as the caller sees it. */
static pid_t mm_pid(struct mm_struct *mm)
{
	pid_t pid = 0;
#ifdef CONFIG_MEMCG
	struct task_struct *task;

	rcu_read_lock();
	task = rcu_dereference(mm->owner);
	if (task)
		pid = task_tgid_vnr(task);
	rcu_read_unlock();
#endif
	return pid;
}

static void add_vma(struct dr_mappers *m, const struct vm_area_struct *vma)
{
	unsigned long skew = (vma->vm_start >> PAGE_SHIFT) - vma->vm_pgoff;
	bool kvm = mm_has_notifiers(vma->vm_mm);

	if (!m->pid || (kvm && !m->kvm))
		m->pid = mm_pid(vma->vm_mm);
	m->kvm |= kvm;
	m->unaligned |= skew & DR_SPAN_MASK;
}

/* The tree is by offset, but any walk of it meets every mapping once. */
static void add_file(struct dr_mappers *m, struct dr_gmem *gm)
{
	struct address_space *mapping = gm->inode->i_mapping;
	struct rb_node *node;

	i_mmap_lock_read(mapping);
	for (node = rb_first_cached(&mapping->i_mmap); node;
	     node = rb_next(node))
		add_vma(m, rb_entry(node, struct vm_area_struct, shared.rb));
	i_mmap_unlock_read(mapping);
}

/**
 * dr_guest_mappers() - find out who maps a guest's memory
 * @guest: the guest
 * @m: filled in
 *
 * Context: may sleep; takes the guest's lock, then i_mmap_rwsem.
 */
void dr_guest_mappers(struct dr_guest *guest, struct dr_mappers *m)
{
	struct dr_gmem *gm;

	memset(m, 0, sizeof(*m));
	mutex_lock(&guest->lock);
	list_for_each_entry(gm, &guest->files, node)
		add_file(m, gm);
	mutex_unlock(&guest->lock);
}

/* The address space that maps a file, one with a KVM VM before others. */
static struct mm_struct *first_mm(struct address_space *mapping)
{
	struct mm_struct *mm = NULL;
	struct rb_node *node;

	i_mmap_assert_locked(mapping);
	for (node = rb_first_cached(&mapping->i_mmap);
	     node && !(mm && mm_has_notifiers(mm)); node = rb_next(node)) {
		struct vm_area_struct *vma =
			rb_entry(node, struct vm_area_struct, shared.rb);

		if (!mm || mm_has_notifiers(vma->vm_mm))
			mm = vma->vm_mm;
	}
	return mm;
}

/**
 * dr_mapper_home() - who pays for memory that a file needs, whoever asks for it
 * @gm: the file, kept by the caller
 *
 * The memory cgroup of the process that maps the file; of a file that nobody
 * maps, the one of who made it.
 *
 * Context: may sleep; takes i_mmap_rwsem.
 * Return: the home, for dr_home_put(), on any node.
 */
struct dr_home dr_mapper_home(struct dr_gmem *gm)
{
	struct address_space *mapping = gm->inode->i_mapping;
	struct dr_home home = { .node = NUMA_NO_NODE };
	struct mm_struct *mm;

	i_mmap_lock_read(mapping);
	mm = first_mm(mapping);
	if (mm)
		home.memcg = get_mem_cgroup_from_mm(mm);
	i_mmap_unlock_read(mapping);
	return mm ? home : dr_home_of(page_folio(dr_gmem_zero_page(gm)));
}
