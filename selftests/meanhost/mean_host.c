// SPDX-License-Identifier: GPL-2.0-only
/*
 * A virtio memory balloon without a hypervisor, for tests of the driver: this
 * module is the host, and may be a mean one. It scribbles over all memory it is
 * given, as a host that drops it might, so that a driver which uses a page too
 * early is found out by whoever uses it.
 *
 * /sys/module/dr_mean_host/parameters:
 *
 *   target    pages that the config space asks for; writing it tells the driver
 *   hint      number of a question for free pages, 1 to end it; writing tells it, too
 *   mode      how the host behaves:
 *             0 answers at once         1 never answers
 *             2 answers after a second  3 another target at each look
 *             4 another target every millisecond
 *             5 returns buffers that it was never given
 *             6 returns each buffer twice
 *             7 asks for statistics all the time
 *   features  bits of the device; taken when it is plugged in
 *   plugged   1: the device is there
 *   actual, answers, given: what the driver says and did
 */
#include <linux/delay.h>
#include <linux/highmem.h>
#include <linux/kthread.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/random.h>
#include <linux/slab.h>
#include <linux/virtio.h>
#include <linux/virtio_config.h>
#include <linux/virtio_ids.h>
#include <linux/virtio_ring.h>
#include <uapi/linux/virtio_balloon.h>

#define QUEUES		5
#define RING_SIZE	128
#define SCRIBBLE	0xEE

enum mode {
	MODE_GOOD,
	MODE_MUTE,
	MODE_SLOW,
	MODE_FLIP,
	MODE_FLAP,
	MODE_GARBAGE,
	MODE_TWICE,
	MODE_STATS,
	NR_MODES,
};

/* What a queue is for, by its name. */
enum role {
	ROLE_INFLATE,
	ROLE_DEFLATE,
	ROLE_STATS,
	ROLE_REPORT,
	ROLE_OTHER,
};

/**
 * struct queue - a queue as the host sees it
 * @vq: what the driver has
 * @role: what it is for
 * @seen: buffers of the available ring that were taken
 * @held: the statistics buffer, to be returned when we want to know; -1: none
 * @due: jiffies when the next answer is due, in the slow mode
 */
struct queue {
	struct virtqueue *vq;
	enum role role;
	u16 seen;
	int held;
	unsigned long due;
};

/**
 * struct host - the device, and what is behind it
 * @vdev: the device
 * @config: its config space
 * @status: as the driver set it
 * @lock: the queues against the driver's coming and going
 * @queues: @nr of them
 * @nr: how many
 * @thread: works on the queues
 */
struct host {
	struct virtio_device vdev;
	struct virtio_balloon_config config;
	u8 status;
	struct mutex lock;	/* the queues */
	struct queue queues[QUEUES];
	unsigned int nr;
	struct task_struct *thread;
};

static struct host *host;
static DEFINE_MUTEX(plug_lock);
static unsigned int mode, target, hint;
static ulong features = BIT(VIRTIO_BALLOON_F_STATS_VQ) |
			BIT(VIRTIO_BALLOON_F_DEFLATE_ON_OOM) |
			BIT(VIRTIO_BALLOON_F_REPORTING);
static ulong answers, given;

static struct host *host_of(struct virtio_device *vdev)
{
	return container_of(vdev, struct host, vdev);
}

/* ---- config space */

static void config_get(struct virtio_device *vdev, unsigned int offset,
		       void *buf, unsigned int len)
{
	struct host *h = host_of(vdev);
	u32 wanted = READ_ONCE(target);

	if (mode == MODE_FLIP)
		wanted = get_random_u32();
	h->config.num_pages = cpu_to_le32(wanted);
	h->config.free_page_hint_cmd_id = cpu_to_le32(READ_ONCE(hint));
	if (offset + len <= sizeof(h->config))
		memcpy(buf, (void *)&h->config + offset, len);
	else
		memset(buf, 0, len);
}

static void config_set(struct virtio_device *vdev, unsigned int offset,
		       const void *buf, unsigned int len)
{
	struct host *h = host_of(vdev);

	if (offset + len <= sizeof(h->config))
		memcpy((void *)&h->config + offset, buf, len);
}

static u8 get_status(struct virtio_device *vdev)
{
	return host_of(vdev)->status;
}

static void set_status(struct virtio_device *vdev, u8 status)
{
	host_of(vdev)->status = status;
}

/* After this the host has nothing of the driver's, and touches nothing. */
static void reset(struct virtio_device *vdev)
{
	struct host *h = host_of(vdev);
	unsigned int i;

	mutex_lock(&h->lock);
	h->status = 0;
	for (i = 0; i < h->nr; i++)
		h->queues[i].seen = U16_MAX;
	h->nr = 0;
	mutex_unlock(&h->lock);
}

static u64 get_features(struct virtio_device *vdev)
{
	return features | BIT_ULL(VIRTIO_F_VERSION_1);
}

static int finalize_features(struct virtio_device *vdev)
{
	vring_transport_features(vdev);
	return 0;
}

static const char *bus_name(struct virtio_device *vdev)
{
	return "mean_host";
}

/* ---- queues */

static bool notify(struct virtqueue *vq)
{
	struct host *h = host_of(vq->vdev);

	wake_up_process(h->thread);
	return true;
}

static enum role role_of(const char *name)
{
	static const char *const names[] = {
		[ROLE_INFLATE] = "inflate",
		[ROLE_DEFLATE] = "deflate",
		[ROLE_STATS] = "stats",
		[ROLE_REPORT] = "report",
	};
	int i = match_string(names, ARRAY_SIZE(names), name);

	return i < 0 ? ROLE_OTHER : i;
}

static void del_vqs(struct virtio_device *vdev)
{
	struct virtqueue *vq, *next;

	list_for_each_entry_safe(vq, next, &vdev->vqs, list)
		vring_del_virtqueue(vq);
}

static int find_vqs(struct virtio_device *vdev, unsigned int nr,
		    struct virtqueue *vqs[], struct virtqueue_info infos[],
		    struct irq_affinity *desc)
{
	struct host *h = host_of(vdev);
	unsigned int i;

	if (nr > QUEUES)
		return -EINVAL;
	mutex_lock(&h->lock);
	for (i = 0; i < nr; i++) {
		vqs[i] = vring_create_virtqueue(i, RING_SIZE, PAGE_SIZE, vdev,
						true, false, false, notify,
						infos[i].callback,
						infos[i].name);
		if (!vqs[i])
			break;
		h->queues[i] = (struct queue){
			.vq = vqs[i], .role = role_of(infos[i].name),
			.held = -1,
		};
	}
	h->nr = i == nr ? nr : 0;
	mutex_unlock(&h->lock);
	if (i == nr)
		return 0;
	del_vqs(vdev);
	return -ENOMEM;
}

static void synchronize_cbs(struct virtio_device *vdev)
{
	struct host *h = host_of(vdev);

	mutex_lock(&h->lock);
	mutex_unlock(&h->lock);
}

static const struct virtio_config_ops config_ops = {
	.get = config_get,
	.set = config_set,
	.get_status = get_status,
	.set_status = set_status,
	.reset = reset,
	.get_features = get_features,
	.finalize_features = finalize_features,
	.find_vqs = find_vqs,
	.del_vqs = del_vqs,
	.synchronize_cbs = synchronize_cbs,
	.bus_name = bus_name,
};

/* ---- the host at work */

static struct vring_desc *descs(struct queue *q)
{
	return phys_to_virt(virtqueue_get_desc_addr(q->vq));
}

static void scribble(phys_addr_t at, unsigned long nr)
{
	for (; nr--; at += PAGE_SIZE)
		memset(phys_to_virt(at), SCRIBBLE, PAGE_SIZE);
}

static void take_frames(const __le32 *frames, unsigned int len)
{
	unsigned int i;

	for (i = 0; i < len / sizeof(*frames); i++)
		scribble(PFN_PHYS(le32_to_cpu(frames[i])), 1);
	given += len / sizeof(*frames);
}

/* A chain, direct or through a table of its own. */
static void take_buffer(struct queue *q, u16 head)
{
	struct vring_desc *table = descs(q), *d = &table[head];
	u16 flags = le16_to_cpu((__force __le16)d->flags);

	if (flags & VRING_DESC_F_INDIRECT) {
		table = phys_to_virt(le64_to_cpu((__force __le64)d->addr));
		d = table;
	}
	for (;;) {
		phys_addr_t at = le64_to_cpu((__force __le64)d->addr);
		u32 len = le32_to_cpu((__force __le32)d->len);

		flags = le16_to_cpu((__force __le16)d->flags);
		if (q->role == ROLE_INFLATE)
			take_frames(phys_to_virt(at), len);
		else if (q->role == ROLE_REPORT)
			scribble(at, len >> PAGE_SHIFT);
		if (q->role == ROLE_REPORT)
			given += len >> PAGE_SHIFT;
		if (!(flags & VRING_DESC_F_NEXT))
			break;
		d = &table[le16_to_cpu((__force __le16)d->next)];
	}
}

static void give_back(struct queue *q, u16 head)
{
	struct vring_used *used =
		phys_to_virt(virtqueue_get_used_addr(q->vq));
	u16 idx = le16_to_cpu((__force __le16)used->idx);
	struct vring_used_elem *elem = &used->ring[idx % RING_SIZE];

	elem->id = (__force __virtio32)cpu_to_le32(head);
	elem->len = 0;
	smp_wmb();	/* the entry before the index */
	used->idx = (__force __virtio16)cpu_to_le16(idx + 1);
	answers++;
	vring_interrupt(0, q->vq);
}

static void answer(struct queue *q, u16 head)
{
	if (q->role == ROLE_STATS && mode != MODE_STATS) {
		q->held = head;
		return;
	}
	take_buffer(q, head);
	give_back(q, mode == MODE_GARBAGE ? RING_SIZE + 7 : head);
	if (mode == MODE_TWICE)
		give_back(q, head);
}

static bool has_time(struct queue *q)
{
	if (mode != MODE_SLOW)
		return true;
	if (!q->due)
		q->due = jiffies + HZ;
	if (time_before(jiffies, q->due))
		return false;
	q->due = 0;
	return true;
}

static void serve(struct queue *q)
{
	struct vring_avail *avail =
		phys_to_virt(virtqueue_get_avail_addr(q->vq));
	u16 idx = le16_to_cpu((__force __le16)READ_ONCE(avail->idx));

	smp_rmb();	/* the index before the entries */
	if (q->held >= 0 && mode == MODE_STATS) {
		give_back(q, q->held);
		q->held = -1;
	}
	while (q->seen != idx && mode != MODE_MUTE && has_time(q)) {
		__virtio16 entry = avail->ring[q->seen++ % RING_SIZE];

		answer(q, le16_to_cpu((__force __le16)entry));
	}
}

/*
 * Up and down by so many pages: few, for to move them is work that the driver is
 * asked for, and on a slow machine much of that would look like a driver that spins.
 */
#define FLAP_PAGES	4096

static void flap(struct host *h)
{
	static bool up;

	up = !up;
	target = up ? FLAP_PAGES : 0;
	virtio_config_changed(&h->vdev);
}

static int work(void *data)
{
	struct host *h = data;
	unsigned int i;

	while (!kthread_should_stop()) {
		mutex_lock(&h->lock);
		if (h->status & VIRTIO_CONFIG_S_DRIVER_OK)
			for (i = 0; i < h->nr; i++)
				serve(&h->queues[i]);
		mutex_unlock(&h->lock);
		if (mode == MODE_FLAP &&
		    h->status & VIRTIO_CONFIG_S_DRIVER_OK)
			flap(h);
		schedule_timeout_interruptible(msecs_to_jiffies(1));
	}
	return 0;
}

/* ---- plugging */

static void release(struct device *dev)
{
	kfree(host_of(dev_to_virtio(dev)));
}

static int plug(void)
{
	struct host *h = kzalloc(sizeof(*h), GFP_KERNEL);
	int err;

	if (!h)
		return -ENOMEM;
	mutex_init(&h->lock);
	h->vdev.id.device = VIRTIO_ID_BALLOON;
	h->vdev.config = &config_ops;
	h->vdev.dev.release = release;
	h->thread = kthread_run(work, h, "mean_host");
	if (IS_ERR(h->thread)) {
		err = PTR_ERR(h->thread);
		kfree(h);
		return err;
	}
	err = register_virtio_device(&h->vdev);
	if (err) {
		kthread_stop(h->thread);
		put_device(&h->vdev.dev);
		return err;
	}
	host = h;
	return 0;
}

static void unplug(void)
{
	struct task_struct *thread = host->thread;

	unregister_virtio_device(&host->vdev);
	kthread_stop(thread);
	host = NULL;
}

static int set_plugged(const char *text, const struct kernel_param *param)
{
	bool on;
	int err = kstrtobool(text, &on);

	if (err)
		return err;
	mutex_lock(&plug_lock);
	if (on && !host)
		err = plug();
	else if (!on && host)
		unplug();
	mutex_unlock(&plug_lock);
	return err;
}

static int set_config(const char *text, const struct kernel_param *param)
{
	int err = kstrtouint(text, 0, param->arg);

	if (err)
		return err;
	mutex_lock(&plug_lock);
	if (host)
		virtio_config_changed(&host->vdev);
	mutex_unlock(&plug_lock);
	return 0;
}

static int get_actual(char *text, const struct kernel_param *param)
{
	int len;

	mutex_lock(&plug_lock);
	len = sysfs_emit(text, "%u\n",
			 host ? le32_to_cpu(host->config.actual) : 0);
	mutex_unlock(&plug_lock);
	return len;
}

static int get_plugged(char *text, const struct kernel_param *param)
{
	return sysfs_emit(text, "%d\n", !!READ_ONCE(host));
}

static const struct kernel_param_ops plugged_ops = {
	.set = set_plugged,
	.get = get_plugged,
};

static const struct kernel_param_ops config_param_ops = {
	.set = set_config,
	.get = param_get_uint,
};

static const struct kernel_param_ops actual_ops = {
	.get = get_actual,
};

/* Parameters of a module that is being loaded are set before it may work. */
module_param_cb(plugged, &plugged_ops, NULL, 0600);
module_param_cb(target, &config_param_ops, &target, 0600);
module_param_cb(hint, &config_param_ops, &hint, 0600);
module_param_cb(actual, &actual_ops, NULL, 0400);
module_param(mode, uint, 0600);
module_param(features, ulong, 0600);
module_param(answers, ulong, 0400);
module_param(given, ulong, 0400);

static int __init mean_host_init(void)
{
	return 0;
}

static void __exit mean_host_exit(void)
{
	mutex_lock(&plug_lock);
	if (host)
		unplug();
	mutex_unlock(&plug_lock);
}

module_init(mean_host_init);
module_exit(mean_host_exit);

MODULE_DESCRIPTION("denseram: a balloon device for tests");
MODULE_LICENSE("GPL");
