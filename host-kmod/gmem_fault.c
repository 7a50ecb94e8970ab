// SPDX-License-Identifier: GPL-2.0-only
/*
 * Page faults on guest memory. All the work is in resolve.c; this says what a
 * mapping allows and translates the outcome.
 */
#include <linux/mm.h>
#include <linux/pagemap.h>
#include <linux/sched.h>

#include "gmem.h"
#include "gmem_fault.h"
#include "grab.h"
#include "guest.h"
#include "hold.h"
#include "resolve.h"
#include "spots.h"
#include "swap.h"
#include "trace.h"

/*
 * A block is mapped as one entry only when address and offset are congruent
 * and the mapping covers the whole range.
 */
static bool vma_fits_block(struct vm_area_struct *vma, pgoff_t index)
{
	pgoff_t start = index & ~DR_SPAN_MASK;
	unsigned long skew = (vma->vm_start >> PAGE_SHIFT) - vma->vm_pgoff;

	return !(skew & DR_SPAN_MASK) && start >= vma->vm_pgoff &&
	       start + DR_SPAN_PAGES <= vma->vm_pgoff + vma_pages(vma) &&
	       !(vma->vm_flags & VM_NOHUGEPAGE);
}

static struct dr_place place_of(const struct vm_fault *vmf)
{
	return (struct dr_place){
		.vma = vmf->vma,
		.addr = vmf->address,
		.compact = vmf->vma->vm_flags & VM_HUGEPAGE,
	};
}

static vm_fault_t fault_error(struct dr_gmem *gm, int err)
{
	if (err == -ENOMEM) {
		dr_count(gm->guest, DR_EV_FAULT_OOM);
		return VM_FAULT_OOM;
	}
	dr_count(gm->guest, DR_EV_FAULT_SIGBUS);
	/*
	 * Lost bytes: the signal says so, and a VMM can tell its guest. The
	 * core must not be the one to find a page that has failed: it would
	 * take it out of a page cache that we do not have.
	 */
	return err == -EIO ? VM_FAULT_HWPOISON : VM_FAULT_SIGBUS;
}

static void count_fault(struct dr_gmem *gm, const struct dr_resolve *r)
{
	dr_count(gm->guest, DR_EV_FAULT);
	if (folio_test_large(page_folio(r->page)))
		dr_count(gm->guest, DR_EV_FAULT_BLOCK);
	else if (!r->own)
		dr_count(gm->guest, DR_EV_FAULT_ZERO);
	if (r->soft)
		dr_count(gm->guest, DR_EV_FAULT_SOFT);
	else
		dr_hold_note(gm);
}

/* KVM's worker for asynchronous page faults: see fetch.c. */
static bool is_async_worker(const struct vm_fault *vmf)
{
	return vmf->flags & FAULT_FLAG_WRITE && vmf->flags & FAULT_FLAG_REMOTE &&
	       current->flags & PF_WQ_WORKER;
}

/* A page is being read, or has been read for somebody: neither is an error. */
static bool fault_waits(struct dr_gmem *gm, int err, vm_fault_t *ret)
{
	if (err == -EALREADY) {
		*ret = VM_FAULT_SIGBUS;
		return true;
	}
	if (err != -EBUSY)
		return false;
	dr_count(gm->guest, DR_EV_FAULT_ASYNC);
	*ret = VM_FAULT_RETRY;
	return true;
}

static vm_fault_t gmem_fault(struct vm_fault *vmf)
{
	struct vm_area_struct *vma = vmf->vma;
	struct dr_gmem *gm = dr_gmem_of(file_inode(vma->vm_file));
	struct dr_resolve r = {
		.gm = gm,
		.index = vmf->pgoff,
		.write = vmf->flags & FAULT_FLAG_WRITE,
		.block_ok = vma->vm_flags & VM_WRITE &&
			    vma_fits_block(vma, vmf->pgoff),
		.nowait = vmf->flags & FAULT_FLAG_RETRY_NOWAIT &&
			  !dr_swap_waits(),
		.async = is_async_worker(vmf),
		.place = place_of(vmf),
	};
	vm_fault_t ret;
	int err;

	if (dr_hold_wanted(gm, vmf->pgoff, r.write)) {
		ret = dr_hold_fault(vmf, gm->guest);
		if (ret)
			return ret;
	}
	err = dr_resolve(&r);
	trace_dr_fault(gm, vmf->pgoff, r.write, err);
	if (fault_waits(gm, err, &ret))
		return ret;
	if (err)
		return fault_error(gm, err);
	count_fault(gm, &r);
	if (unlikely(r.probed))
		dr_spots_touch(gm, r.probed, vmf->pgoff);
	/*
	 * A page of the file's own needs no write notification: map it
	 * writable at once instead of taking a second fault.
	 */
	if (r.writable && vma->vm_flags & VM_WRITE)
		vmf->flags |= FAULT_FLAG_WRITE;
	vmf->page = r.page;
	return VM_FAULT_LOCKED;
}

/*
 * Called with the page that was mapped read-only, or that gmem_fault() has
 * just returned for a write. Either it is still the file's own, and stays
 * locked until it is writable, or the next fault finds the one that is.
 */
static vm_fault_t gmem_page_mkwrite(struct vm_fault *vmf)
{
	struct vm_area_struct *vma = vmf->vma;
	struct dr_gmem *gm = dr_gmem_of(file_inode(vma->vm_file));
	struct dr_resolve r = {
		.gm = gm,
		.index = vmf->pgoff,
		.write = true,
		.block_ok = vma_fits_block(vma, vmf->pgoff),
		.held = vmf->page,
		.place = place_of(vmf),
	};
	int err;

	dr_count(gm->guest, DR_EV_MKWRITE);
	/* Nobody can wait here, under a lock of the core's: but in a new fault. */
	if (dr_hold_wanted(gm, vmf->pgoff, true)) {
		dr_gmem_unmap(gm, vmf->pgoff, 1);
		return VM_FAULT_NOPAGE;
	}
	err = dr_resolve(&r);
	if (err)
		return fault_error(gm, err);
	if (!r.soft)
		dr_hold_note(gm);
	if (r.page == vmf->page) {
		/* The caller has a reference, too. */
		put_page(r.page);
		return VM_FAULT_LOCKED;
	}
	unlock_page(r.page);
	put_page(r.page);
	return VM_FAULT_NOPAGE;
}

/*
 * Maps nothing around the fault. It has to be there: without it the core takes
 * mmap_lock for each fault instead of the lock of the VMA alone.
 */
static vm_fault_t gmem_map_pages(struct vm_fault *vmf, pgoff_t start,
				 pgoff_t end)
{
	return 0;
}

const struct vm_operations_struct dr_gmem_vm_ops = {
	.fault = gmem_fault,
	.map_pages = gmem_map_pages,
	.page_mkwrite = gmem_page_mkwrite,
};
