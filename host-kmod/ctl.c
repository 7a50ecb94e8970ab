// SPDX-License-Identifier: GPL-2.0-only
/*
 * /dev/denseram. Each call is a line in a table: copy in, check, do, copy out.
 */
#include <linux/compat.h>
#include <linux/fs.h>
#include <linux/miscdevice.h>
#include <linux/module.h>
#include <linux/slab.h>
#include <linux/uaccess.h>

#include "ctl_balloon.h"
#include "ctl_policy.h"
#include "gmem.h"
#include "dedup.h"
#include "guest.h"
#include "hold.h"
#include "info.h"
#include "notice.h"
#include "promise.h"
#include "swap.h"
#include "trim.h"
#include "wake.h"

#define DR_LIST_MAX	65536

static int ctl_version(void *arg)
{
	struct dr_version *v = arg;

	v->abi = DR_ABI_VERSION;
	v->nr_events = DR_NR_EVENTS;
	strscpy(v->release, DR_VERSION);
	return 0;
}

static int ctl_status(void *arg)
{
	struct dr_status *s = arg;

	if (s->flags || s->pad)
		return -EINVAL;
	dr_info_status(s);
	return 0;
}

static int ctl_guest_list(void *arg)
{
	struct dr_guest_list *list = arg;
	u64 __user *ids = u64_to_user_ptr(list->ids);
	u32 room = list->count;
	struct dr_guest *guest;

	if (list->flags || !room || room > DR_LIST_MAX)
		return -EINVAL;
	for (list->count = 0; list->count < room; list->count++) {
		guest = dr_guest_next(list->after);
		if (!guest)
			break;
		list->after = guest->id;
		dr_guest_put(guest);
		if (put_user(list->after, &ids[list->count]))
			return -EFAULT;
	}
	return 0;
}

static int ctl_guest_info(void *arg)
{
	struct dr_guest_info *info = arg;
	struct dr_guest *guest;

	if (info->flags ||
	    strnlen(info->name, DR_NAME_LEN) == DR_NAME_LEN)
		return -EINVAL;
	guest = info->id ? dr_guest_find(info->id) :
			   dr_guest_find_name(info->name);
	if (!guest)
		return -ENOENT;
	dr_info_fill(guest, info);
	dr_guest_put(guest);
	return 0;
}

static int ctl_guest_set(void *arg)
{
	const struct dr_guest_set *set = arg;
	const struct dr_limits l = {
		.min = set->limits.min,
		.max = set->limits.max,
		.limit = set->limits.limit,
		.shares = set->limits.shares,
		.pinned = set->limits.pinned,
	};
	struct dr_guest *guest;
	int err;

	if (!set->flags || set->flags & ~DR_SET_ALL || set->pad)
		return -EINVAL;
	guest = dr_guest_find(set->id);
	if (!guest)
		return -ENOENT;
	err = dr_guest_set_limits(guest, set->flags, &l);
	dr_guest_put(guest);
	return err;
}

static bool guest_has_inode(struct dr_guest *guest, u64 ino, u64 *size)
{
	struct dr_gmem *gm;
	bool found = false;

	mutex_lock(&guest->lock);
	list_for_each_entry(gm, &guest->files, node) {
		if (gm->inode->i_ino != ino)
			continue;
		*size = i_size_read(gm->inode);
		found = true;
		break;
	}
	mutex_unlock(&guest->lock);
	return found;
}

/* Does a region make sense after one that ends at @end? */
static bool region_valid(struct dr_guest *guest, const struct dr_region *r,
			 u64 end)
{
	u64 size, last;

	return r->size && PAGE_ALIGNED(r->gpa | r->size | r->offset) &&
	       r->gpa >= end && !check_add_overflow(r->gpa, r->size, &last) &&
	       guest_has_inode(guest, r->ino, &size) &&
	       r->offset <= size && r->size <= size - r->offset;
}

static struct dr_region *copy_regions(struct dr_guest *guest,
				      const struct dr_guest_vmm *vmm)
{
	struct dr_region *regions;
	u64 end = 0;
	u32 i;

	if (!(vmm->flags & DR_VMM_REGIONS) || !vmm->nr_regions)
		return NULL;
	regions = vmemdup_user(u64_to_user_ptr(vmm->regions),
			       vmm->nr_regions * sizeof(*regions));
	if (IS_ERR(regions))
		return regions;
	for (i = 0; i < vmm->nr_regions; i++) {
		if (!region_valid(guest, &regions[i], end)) {
			kvfree(regions);
			return ERR_PTR(-EINVAL);
		}
		end = regions[i].gpa + regions[i].size;
	}
	return regions;
}

static int ctl_guest_vmm(void *arg)
{
	const struct dr_guest_vmm *vmm = arg;
	struct dr_region *regions;
	struct dr_guest *guest;

	if (!vmm->flags || vmm->flags & ~DR_VMM_ALL || vmm->migrating > 1 ||
	    vmm->run_state >= DR_NR_RUN_STATES ||
	    vmm->nr_regions > DR_MAX_REGIONS)
		return -EINVAL;
	guest = dr_guest_find(vmm->id);
	if (!guest)
		return -ENOENT;
	regions = copy_regions(guest, vmm);
	if (!IS_ERR(regions))
		dr_guest_set_vmm(guest, vmm, regions);
	dr_guest_put(guest);
	return PTR_ERR_OR_ZERO(regions);
}

static int ctl_guest_regions(void *arg)
{
	struct dr_guest_regions *r = arg;
	struct dr_region *copy;
	struct dr_guest *guest;
	u32 nr;
	int err = 0;

	if (r->flags)
		return -EINVAL;
	guest = dr_guest_find(r->id);
	if (!guest)
		return -ENOENT;
	copy = kvcalloc(DR_MAX_REGIONS, sizeof(*copy), GFP_KERNEL);
	if (!copy) {
		dr_guest_put(guest);
		return -ENOMEM;
	}
	mutex_lock(&guest->lock);
	nr = min(r->count, guest->nr_regions);
	if (nr)
		memcpy(copy, guest->regions, nr * sizeof(*copy));
	r->count = guest->nr_regions;
	mutex_unlock(&guest->lock);
	dr_guest_put(guest);
	if (copy_to_user(u64_to_user_ptr(r->regions), copy,
			 nr * sizeof(*copy)))
		err = -EFAULT;
	kvfree(copy);
	return err;
}

static int ctl_guest_trim(void *arg)
{
	struct dr_guest_trim *trim = arg;
	struct dr_guest *guest;
	int err;

	if (trim->flags & ~DR_TRIM_ALL || trim->pad ||
	    !(trim->flags & (DR_TRIM_ZERO | DR_TRIM_SAME)))
		return -EINVAL;
	guest = dr_guest_find(trim->id);
	if (!guest)
		return -ENOENT;
	trim->scanned = 0;
	trim->freed = 0;
	trim->busy = 0;
	err = dr_trim_guest(guest, trim);
	dr_guest_put(guest);
	return err;
}

static int ctl_guest_share(void *arg)
{
	const struct dr_guest_share *share = arg;
	struct dr_guest *guest;
	int err = 0;

	if (!share->flags || share->flags & ~DR_GUEST_SHARE_ALL ||
	    share->pad || share->scan > 1 || share->mode >= DR_NR_SHARE_MODES)
		return -EINVAL;
	guest = dr_guest_find(share->id);
	if (!guest)
		return -ENOENT;
	if (share->flags & DR_GUEST_SHARE_MODE)
		err = dr_guest_set_share(guest, share->mode);
	if (!err && share->flags & DR_GUEST_SHARE_SCAN)
		WRITE_ONCE(guest->scanned, share->scan);
	dr_guest_put(guest);
	return err;
}

static int ctl_guest_shares(void *arg)
{
	struct dr_guest_shares *shares = arg;
	struct dr_guest *guest;
	int err;

	if (shares->flags || shares->pad || !shares->count ||
	    shares->count > DR_LIST_MAX || shares->sample > DR_SHARE_SAMPLE_MAX)
		return -EINVAL;
	guest = dr_guest_find(shares->id);
	if (!guest)
		return -ENOENT;
	err = dr_guest_shares(guest, shares);
	dr_guest_put(guest);
	return err;
}

static int ctl_share_status(void *arg)
{
	struct dr_share_status *s = arg;

	if (s->flags)
		return -EINVAL;
	dr_info_share(s);
	return 0;
}

static int ctl_swap_status(void *arg)
{
	struct dr_swap_status *s = arg;

	if (s->flags)
		return -EINVAL;
	dr_info_swap(s);
	return 0;
}

static int ctl_guest_swap(void *arg)
{
	struct dr_guest_swap *s = arg;
	struct dr_guest *guest;

	if (s->flags || s->pad)
		return -EINVAL;
	guest = dr_guest_find(s->id);
	if (!guest)
		return -ENOENT;
	dr_info_guest_swap(guest, s);
	dr_guest_put(guest);
	return 0;
}

static int ctl_guest_park(void *arg)
{
	const struct dr_guest_park *park = arg;
	struct dr_guest *guest;

	if (park->flags || park->park > 1)
		return -EINVAL;
	guest = dr_guest_find(park->id);
	if (!guest)
		return -ENOENT;
	dr_hold_park(guest, park->park);
	dr_guest_put(guest);
	return 0;
}

static int ctl_guest_wake(void *arg)
{
	struct dr_guest_wake *wake = arg;
	struct dr_guest *guest;
	int err;

	if (wake->flags || !wake->count)
		return -EINVAL;
	guest = dr_guest_find(wake->id);
	if (!guest)
		return -ENOENT;
	err = dr_guest_wake(guest, wake);
	dr_guest_put(guest);
	return err;
}

static int ctl_swap_add(void *arg)
{
	struct dr_swap_add *add = arg;

	if (add->flags || add->prio < S16_MIN || add->prio > S16_MAX)
		return -EINVAL;
	return dr_swap_area_add(add);
}

static int ctl_swap_rm(void *arg)
{
	struct dr_swap_rm *rm = arg;

	if (rm->flags)
		return -EINVAL;
	rm->left = 0;
	return dr_swap_area_rm(rm);
}

static int ctl_swap_list(void *arg)
{
	struct dr_swap_list *list = arg;
	struct dr_swap_area __user *to = u64_to_user_ptr(list->areas);
	struct dr_swap_area area;
	u32 n;

	if (list->flags)
		return -EINVAL;
	for (n = 0; dr_swap_area_nth(n, &area); n++)
		if (n < list->count &&
		    copy_to_user(&to[n], &area, sizeof(area)))
			return -EFAULT;
	list->count = n;
	return 0;
}

static int ctl_admission(void *arg)
{
	struct dr_admission_status *s = arg;

	if (s->flags)
		return -EINVAL;
	dr_promise_fill(s);
	return 0;
}

/**
 * struct ctl_call - one ioctl
 * @cmd: its number, which has the size of its structure
 * @write: it changes something, so the descriptor must be writable
 * @fn: the structure is in kernel memory already and goes back afterwards
 */
struct ctl_call {
	unsigned int cmd;
	bool write;
	int (*fn)(void *arg);
};

static const struct ctl_call calls[] = {
	{ DR_IOC_VERSION,	false,	ctl_version },
	{ DR_IOC_STATUS,	false,	ctl_status },
	{ DR_IOC_GUEST_LIST,	false,	ctl_guest_list },
	{ DR_IOC_GUEST_INFO,	false,	ctl_guest_info },
	{ DR_IOC_GUEST_SET,	true,	ctl_guest_set },
	{ DR_IOC_GUEST_VMM,	true,	ctl_guest_vmm },
	{ DR_IOC_GUEST_REGIONS,	false,	ctl_guest_regions },
	{ DR_IOC_GUEST_TRIM,	true,	ctl_guest_trim },
	{ DR_IOC_GUEST_SHARE,	true,	ctl_guest_share },
	{ DR_IOC_GUEST_SHARES,	false,	ctl_guest_shares },
	{ DR_IOC_SHARE_STATUS,	false,	ctl_share_status },
	{ DR_IOC_SWAP_STATUS,	false,	ctl_swap_status },
	{ DR_IOC_GUEST_SWAP,	false,	ctl_guest_swap },
	{ DR_IOC_GUEST_PARK,	true,	ctl_guest_park },
	{ DR_IOC_GUEST_WAKE,	true,	ctl_guest_wake },
	{ DR_IOC_SWAP_ADD,	true,	ctl_swap_add },
	{ DR_IOC_SWAP_RM,	true,	ctl_swap_rm },
	{ DR_IOC_SWAP_LIST,	false,	ctl_swap_list },
	{ DR_IOC_BALLOON,	false,	dr_ctl_balloon },
	{ DR_IOC_BALLOON_SET,	true,	dr_ctl_balloon_set },
	{ DR_IOC_BALLOON_REPORT, true,	dr_ctl_balloon_report },
	{ DR_IOC_ADMISSION,	false,	ctl_admission },
	{ DR_IOC_POLICY_STATUS,	false,	dr_ctl_policy_status },
	{ DR_IOC_POLICY_RUN,	false,	dr_ctl_policy_run },
};

static const struct ctl_call *find_call(unsigned int cmd)
{
	int i;

	for (i = 0; i < ARRAY_SIZE(calls); i++)
		if (calls[i].cmd == cmd)
			return &calls[i];
	return NULL;
}

/* A call that ends in the midst of its work says how far it got. */
static bool cut_short(int err)
{
	return err == -EINTR || err == -ENOMEM || err == -EIO;
}

static long run_call(const struct ctl_call *call, void *arg,
		     void __user *user)
{
	size_t size = _IOC_SIZE(call->cmd);
	int err;

	if (_IOC_DIR(call->cmd) & _IOC_WRITE &&
	    copy_from_user(arg, user, size))
		return -EFAULT;
	err = call->fn(arg);
	if (_IOC_DIR(call->cmd) & _IOC_READ && (!err || cut_short(err)) &&
	    copy_to_user(user, arg, size))
		return -EFAULT;
	return err;
}

static long ctl_ioctl(struct file *file, unsigned int cmd, unsigned long addr)
{
	const struct ctl_call *call = find_call(cmd);
	void *arg;
	long err;

	if (!call)
		return -ENOTTY;
	if (call->write && !(file->f_mode & FMODE_WRITE))
		return -EBADF;
	arg = kzalloc(_IOC_SIZE(cmd), GFP_KERNEL);
	if (!arg)
		return -ENOMEM;
	err = run_call(call, arg, (void __user *)addr);
	kfree(arg);
	return err;
}

static const struct file_operations ctl_fops = {
	.owner = THIS_MODULE,
	.open = dr_notice_open,
	.release = dr_notice_release,
	.read = dr_notice_read,
	.poll = dr_notice_poll,
	.unlocked_ioctl = ctl_ioctl,
	.compat_ioctl = compat_ptr_ioctl,
};

static struct miscdevice ctl_dev = {
	.minor = MISC_DYNAMIC_MINOR,
	.name = "denseram",
	.mode = 0600,
	.fops = &ctl_fops,
};

int dr_ctl_init(void)
{
	return misc_register(&ctl_dev);
}

void dr_ctl_exit(void)
{
	misc_deregister(&ctl_dev);
}
