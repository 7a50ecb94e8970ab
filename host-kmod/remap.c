// SPDX-License-Identifier: GPL-2.0-only
/**
 * DOC: Mapping a collapsed block
 *
 * Where 4 KiB pages have been mapped there is a page table, and the core maps
 * a block as one entry only where there is none. Zapping leaves an empty table
 * behind, and no exported function frees it; only unmapping the range from the
 * address space does. So the 2 MiB are mapped over by themselves: vm_mmap() of
 * the same file, offset and address with MAP_FIXED, on behalf of the process.
 * That is one critical section of its mmap_lock, so no access in between finds
 * the range unmapped.
 *
 * It must not replace anything but that mapping, though the process may have
 * mapped something else there a moment ago. vm_mmap() takes mmap_lock itself,
 * so a check before the call would prove nothing. But under the lock, and
 * before anything is unmapped, it asks the file for an address, and there the
 * mapping is looked at: same file, same offset, covering all the 2 MiB, no
 * memory policy (it would be lost), no flag that cannot be carried over. If
 * not, the call ends there. What madvise(2) has set is set again by the file's
 * mmap operation, so that the core joins the pieces to one VMA again.
 *
 * From there on only a failing allocation of some bytes could leave a hole,
 * and the kernel lets no such allocation of a kernel thread fail: it would
 * reclaim, and kill, for it.
 *
 * All of this is done by one worker at a time. The file operations know its
 * calls by the task.
 */
#include <linux/delay.h>
#include <linux/file.h>
#include <linux/kthread.h>
#include <linux/mm.h>
#include <linux/mman.h>
#include <linux/sched/mm.h>
#include <linux/workqueue.h>

#include "gmem.h"
#include "remap.h"
#include "trace.h"

/* Flags that vm_mmap() gives the mapping by itself. */
#define DR_VM_INHERENT	(VM_READ | VM_WRITE | VM_EXEC | VM_MAYREAD |	\
			 VM_MAYWRITE | VM_MAYEXEC | VM_SHARED |		\
			 VM_MAYSHARE | VM_NORESERVE | VM_SOFTDIRTY)

/* Flags set by madvise(2), to be set again. */
#define DR_VM_CARRIED	(VM_HUGEPAGE | VM_DONTCOPY | VM_DONTDUMP |	\
			 VM_RAND_READ | VM_SEQ_READ)

/* How often mmap_lock is looked at, and how long to wait in between. */
#define LOCK_TRIES	20
#define LOCK_PAUSE_MS	5

/* More mappings of one file than a VMM and its helpers have. */
#define DR_MAX_TARGETS	8

/**
 * struct target - one mapping of a span
 * @mm: its address space, with a user
 * @file: the file it was made from, with a reference
 * @addr: where the span begins
 * @flags: of the mapping, at a look that may be outdated
 */
struct target {
	struct mm_struct *mm;
	struct file *file;
	unsigned long addr;
	unsigned long flags;
};

/**
 * struct remap - one span to be mapped anew wherever it is mapped
 * @work: on the ordered workqueue
 * @gm: the file
 * @start: page offset of the span
 * @err: first error
 */
struct remap {
	struct work_struct work;
	struct dr_gmem *gm;
	pgoff_t start;
	int err;
};

/**
 * struct remap_call - the vm_mmap() under way
 * @task: who makes it; NULL when nobody does
 * @carry: flags that the new mapping is to have as well
 *
 * There is one. Written by the worker, read by its own calls of the file
 * operations; other tasks see only that they are not the task.
 */
static struct remap_call {
	struct task_struct *task;
	unsigned long carry;
} call;

static struct workqueue_struct *remap_wq;

static bool flags_fit(unsigned long flags)
{
	return flags & VM_WRITE &&
	       !(flags & ~(DR_VM_INHERENT | DR_VM_CARRIED));
}

static bool has_policy(const struct vm_area_struct *vma)
{
#ifdef CONFIG_NUMA
	return vma->vm_policy;
#else
	return false;
#endif
}

/* May the 2 MiB at @addr be mapped over, being @pgoff of @file? */
static bool vma_fits(const struct vm_area_struct *vma, struct file *file,
		     unsigned long addr, pgoff_t pgoff)
{
	return vma->vm_file == file && vma->vm_start <= addr &&
	       vma->vm_end >= addr + DR_BLOCK_SIZE &&
	       vma->vm_pgoff + ((addr - vma->vm_start) >> PAGE_SHIFT) ==
			pgoff &&
	       flags_fit(vma->vm_flags) && !has_policy(vma) &&
	       !vma->vm_mm->def_flags;
}

/**
 * dr_remap_unmapped_area() - the file's get_unmapped_area operation
 * @file: the file
 * @addr: address asked for
 * @len: bytes
 * @pgoff: page offset in the file
 * @flags: MAP_*
 *
 * For the worker's calls this is the check; others get what suits blocks.
 *
 * Context: mmap_lock is held for writing.
 * Return: the address, or an error: -EAGAIN when there is another mapping by
 * now.
 */
unsigned long dr_remap_unmapped_area(struct file *file, unsigned long addr,
				     unsigned long len, unsigned long pgoff,
				     unsigned long flags)
{
	struct vm_area_struct *vma;

	if (READ_ONCE(call.task) != current)
		return thp_get_unmapped_area(file, addr, len, pgoff, flags);
	mmap_assert_write_locked(current->mm);
	vma = find_vma(current->mm, addr);
	if (!vma || !vma_fits(vma, file, addr, pgoff))
		return -EAGAIN;
	call.carry = vma->vm_flags & DR_VM_CARRIED;
	return addr;
}

/**
 * dr_remap_mmap() - part of the file's mmap operation
 * @map: the new mapping
 */
void dr_remap_mmap(struct dr_mapping *map)
{
	if (READ_ONCE(call.task) == current)
		dr_mapping_set_flags(map, call.carry);
}

static unsigned long prot_of(unsigned long flags)
{
	return (flags & VM_READ ? PROT_READ : 0) |
	       (flags & VM_WRITE ? PROT_WRITE : 0) |
	       (flags & VM_EXEC ? PROT_EXEC : 0);
}

/*
 * vm_mmap() waits for mmap_lock as long as it takes, and a process can hold it for
 * ever: by a fault on a file of a FUSE server that does not answer, say. Do not
 * even begin to wait for such a one.
 */
static bool lock_comes(struct mm_struct *mm)
{
	int tries;

	for (tries = 0; tries < LOCK_TRIES; tries++) {
		if (!rwsem_is_locked(&mm->mmap_lock))
			return true;
		msleep(LOCK_PAUSE_MS);
	}
	return false;
}

static int map_over(const struct target *t, pgoff_t start)
{
	unsigned long flags = MAP_SHARED | MAP_FIXED, addr;

	if (!lock_comes(t->mm))
		return -EBUSY;
	if (t->flags & VM_NORESERVE)
		flags |= MAP_NORESERVE;
	kthread_use_mm(t->mm);
	WRITE_ONCE(call.task, current);
	addr = vm_mmap(t->file, t->addr, DR_BLOCK_SIZE, prot_of(t->flags),
		       flags, (u64)start << PAGE_SHIFT);
	WRITE_ONCE(call.task, NULL);
	kthread_unuse_mm(t->mm);
	return IS_ERR_VALUE(addr) ? (int)addr : 0;
}

/* Where the span begins in a mapping, if that can have a large entry for it. */
static unsigned long place_in(const struct vm_area_struct *vma, pgoff_t start)
{
	unsigned long addr;

	if (start < vma->vm_pgoff)
		return 0;
	addr = vma->vm_start + ((start - vma->vm_pgoff) << PAGE_SHIFT);
	return addr & (DR_BLOCK_SIZE - 1) || addr >= vma->vm_end ||
	       vma->vm_end - addr < DR_BLOCK_SIZE ? 0 : addr;
}

/* Note a mapping of the span, if it is one that can be mapped over. */
static bool note_target(struct target *t, struct vm_area_struct *vma,
			pgoff_t start)
{
	unsigned long addr = place_in(vma, start);

	if (!addr || !vma_fits(vma, vma->vm_file, addr, start) ||
	    !mmget_not_zero(vma->vm_mm))
		return false;
	t->mm = vma->vm_mm;
	t->file = get_file(vma->vm_file);
	t->addr = addr;
	t->flags = vma->vm_flags;
	return true;
}

/* While i_mmap_rwsem is held a mapping keeps its file and the mm struct. */
static unsigned int find_targets(struct remap *r, struct target *targets)
{
	struct address_space *mapping = r->gm->inode->i_mapping;
	struct rb_node *node;
	unsigned int nr = 0;

	i_mmap_lock_read(mapping);
	for (node = rb_first_cached(&mapping->i_mmap);
	     node && nr < DR_MAX_TARGETS; node = rb_next(node))
		nr += note_target(&targets[nr],
				  rb_entry(node, struct vm_area_struct,
					   shared.rb), r->start);
	i_mmap_unlock_read(mapping);
	return nr;
}

static void remap_work(struct work_struct *work)
{
	struct remap *r = container_of(work, struct remap, work);
	struct target targets[DR_MAX_TARGETS];
	unsigned int i, nr = find_targets(r, targets);
	int err;

	for (i = 0; i < nr; i++) {
		err = map_over(&targets[i], r->start);
		if (!r->err)
			r->err = err;
		fput(targets[i].file);
		mmput(targets[i].mm);
	}
}

/**
 * dr_remap_span() - have a span mapped by large entries where it can be
 * @gm: the file, kept by the caller
 * @start: page offset of the span, backed by a block
 *
 * Mappings that do not allow it stay as they are: they work, by 4 KiB entries.
 *
 * Context: may sleep; no lock of the file is held, nor any mmap_lock.
 * Return: 0, or the first error; for information.
 */
int dr_remap_span(struct dr_gmem *gm, pgoff_t start)
{
	struct remap r = { .gm = gm, .start = start };

	INIT_WORK_ONSTACK(&r.work, remap_work);
	queue_work(remap_wq, &r.work);
	flush_work(&r.work);
	destroy_work_on_stack(&r.work);
	trace_dr_remap(gm, start, r.err);
	return r.err;
}

/**
 * dr_remap_works() - could dr_remap_span() do its work in all mappings?
 * @gm: the file
 * @start: page offset of a span
 *
 * A hint: mappings come and go. Those that have no large entry do not count, nor
 * those that are only read, where it matters less.
 *
 * Context: may sleep; takes i_mmap_rwsem.
 * Return: could it?
 */
bool dr_remap_works(struct dr_gmem *gm, pgoff_t start)
{
	struct address_space *mapping = gm->inode->i_mapping;
	struct vm_area_struct *vma;
	unsigned int nr = 0;
	struct rb_node *node;
	unsigned long addr;
	bool works = true;

	i_mmap_lock_read(mapping);
	for (node = rb_first_cached(&mapping->i_mmap); node && works;
	     node = rb_next(node)) {
		vma = rb_entry(node, struct vm_area_struct, shared.rb);
		addr = place_in(vma, start);
		works = nr++ < DR_MAX_TARGETS &&
			(!addr || !(vma->vm_flags & VM_WRITE) ||
			 vma_fits(vma, vma->vm_file, addr, start));
	}
	i_mmap_unlock_read(mapping);
	return works;
}

int dr_remap_init(void)
{
	/* Ordered: there is one struct call. */
	remap_wq = alloc_ordered_workqueue("denseram_remap", 0);
	return remap_wq ? 0 : -ENOMEM;
}

void dr_remap_exit(void)
{
	destroy_workqueue(remap_wq);
}
