// SPDX-License-Identifier: GPL-2.0-only
/*
 * The state machine of a page, as a table: from a state, an event, to a state.
 * On a real file of a mount of the test's own.
 */
#include <kunit/test.h>
#include <linux/fcntl.h>
#include <linux/file.h>
#include <linux/highmem.h>
#include <linux/module.h>
#include <linux/mount.h>
#include <linux/pagemap.h>

#include "collapse.h"
#include "dedup.h"
#include "evacuate.h"
#include "gmem.h"
#include "grab.h"
#include "guest.h"
#include "handle.h"
#include "merge.h"
#include "punch.h"
#include "resolve.h"
#include "scan.h"
#include "share.h"
#include "span.h"
#include "table.h"

#define FILE_SIZE	(4 << 20)
#define WORD		0x600dcafeU

/* SHARED is with page 1; LONELY is a shared page that page 1 has left. */
enum state { NOTHING, HOLE, PAGE, SAME, BLOCK, SHARED, LONELY };

struct env {
	struct vfsmount *mnt;
	struct file *file;
	struct dr_gmem *gm;
	unsigned int scanning;
};

static int env_init(struct kunit *test)
{
	struct file_system_type *type = get_fs_type("denseram");
	struct env *env = kunit_kzalloc(test, sizeof(*env), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, env);
	KUNIT_ASSERT_NOT_NULL(test, type);
	/* Tests share pages, the scanner does not. */
	env->scanning = dr_knob(DR_KNOB_ENABLED);
	dr_knob_set(DR_KNOB_ENABLED, 0);
	env->mnt = kern_mount(type);
	/* What put_filesystem() does, which is not exported. */
	module_put(type->owner);
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, env->mnt);
	env->file = file_open_root_mnt(env->mnt, "kunit", O_CREAT | O_RDWR,
				       0600);
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, env->file);
	env->gm = dr_gmem_of(file_inode(env->file));
	inode_lock(env->gm->inode);
	KUNIT_ASSERT_EQ(test, 0, dr_gmem_resize(env->gm, FILE_SIZE));
	inode_unlock(env->gm->inode);
	test->priv = env;
	return 0;
}

static void env_exit(struct kunit *test)
{
	struct env *env = test->priv;

	if (!env)
		return;
	KUNIT_EXPECT_EQ(test, 0, dr_gmem_recount(env->gm));
	/* At once: unmounting must not find it busy. */
	__fput_sync(env->file);
	kern_unmount(env->mnt);
	KUNIT_EXPECT_EQ(test, 0, dr_shares_kept());
	dr_knob_set(DR_KNOB_ENABLED, env->scanning);
}

/* Resolve a page; return its first word, or the error. */
static long touch_at(struct dr_gmem *gm, pgoff_t index, bool write,
		     bool block_ok)
{
	struct dr_resolve r = {
		.gm = gm, .index = index, .write = write, .block_ok = block_ok,
	};
	int err = dr_resolve(&r);
	u32 *bytes, word;

	if (err)
		return err;
	bytes = kmap_local_page(r.page);
	word = *bytes;
	if (write)
		memset32(bytes, WORD, PAGE_SIZE / 4);
	kunmap_local(bytes);
	unlock_page(r.page);
	put_page(r.page);
	return word;
}

static long touch(struct dr_gmem *gm, bool write, bool block_ok)
{
	return touch_at(gm, 0, write, block_ok);
}

/* The key of what touch_at() writes, as the scanner would find it. */
static u64 key_of(struct dr_gmem *gm, pgoff_t index)
{
	struct page *page = dr_gmem_glance(gm, index);
	u64 hash;

	if (!page)
		return 0;
	hash = dr_scan_hash(page);
	put_page(page);
	return dr_domain_key(dr_guest_domain(gm->guest), hash);
}

/* Merge page 1 with page 0, of which the table knows. */
static int merge(struct dr_gmem *gm)
{
	u64 key = key_of(gm, 0);

	dr_table_put(key, dr_item_hint(gm->id, 0));
	return dr_merge(gm, 1, key);
}

static int commit_same(struct dr_gmem *gm)
{
	struct dr_grab grab;
	int err = dr_gmem_grab(gm, 0, &grab);

	if (err)
		return err;
	/* As the swapper does. */
	atomic_long_inc(&gm->swapped.same);
	dr_gmem_commit(&grab, dr_handle_entry(DR_TIER_SAME, WORD));
	return 0;
}

static int commit_absent(struct dr_gmem *gm)
{
	struct dr_grab grab;
	int err = dr_gmem_grab(gm, 0, &grab);

	if (!err)
		dr_gmem_commit(&grab, dr_entry_make(DR_ABSENT, 0));
	return err;
}

static int put_back(struct dr_gmem *gm)
{
	struct dr_grab grab;
	int err = dr_gmem_grab(gm, 0, &grab);

	if (!err)
		dr_gmem_putback(&grab);
	return err;
}

static void reach(struct kunit *test, struct dr_gmem *gm, enum state state)
{
	switch (state) {
	case NOTHING:
		break;
	case HOLE:
		KUNIT_ASSERT_EQ(test, 0, touch(gm, true, false));
		KUNIT_ASSERT_EQ(test, 0, commit_absent(gm));
		KUNIT_ASSERT_EQ(test, 0, touch(gm, false, false));
		break;
	case PAGE:
		KUNIT_ASSERT_EQ(test, 0, touch(gm, true, false));
		break;
	case SAME:
		KUNIT_ASSERT_EQ(test, 0, touch(gm, true, false));
		KUNIT_ASSERT_EQ(test, 0, commit_same(gm));
		break;
	case BLOCK:
		KUNIT_ASSERT_EQ(test, 0, touch(gm, true, true));
		break;
	case SHARED:
	case LONELY:
		KUNIT_ASSERT_EQ(test, 0, touch(gm, true, false));
		KUNIT_ASSERT_EQ(test, 0, touch_at(gm, 1, true, false));
		KUNIT_ASSERT_EQ(test, 0, merge(gm));
		if (state == LONELY)
			KUNIT_ASSERT_EQ(test, 0, dr_gmem_punch(gm, PAGE_SIZE,
							       2 * PAGE_SIZE));
		break;
	}
}

static enum dr_type type_at(struct dr_span *span, pgoff_t index)
{
	return dr_entry_type(dr_word_read(dr_span_word(span, index)));
}

static enum state state_of(struct dr_gmem *gm)
{
	struct dr_span *span = dr_span_find(gm, 0);

	if (!span || dr_span_empty(span))
		return NOTHING;
	if (span->block)
		return BLOCK;
	switch (type_at(span, 0)) {
	case DR_PRIVATE:
		return PAGE;
	case DR_SWAPPED:
		return SAME;
	case DR_SHARED:
		return type_at(span, 1) == DR_SHARED ? SHARED : LONELY;
	default:
		return HOLE;
	}
}

static int ev_read(struct dr_gmem *gm)
{
	return min(touch(gm, false, false), 0L);
}

static int ev_write(struct dr_gmem *gm)
{
	return min(touch(gm, true, false), 0L);
}

static int ev_punch(struct dr_gmem *gm)
{
	return dr_gmem_punch(gm, 0, PAGE_SIZE);
}

static int ev_punch_span(struct dr_gmem *gm)
{
	return dr_gmem_punch(gm, 0, DR_BLOCK_SIZE);
}

static int ev_truncate(struct dr_gmem *gm)
{
	return dr_gmem_resize(gm, 0);
}

static int ev_evacuate(struct dr_gmem *gm)
{
	struct dr_span *span = dr_span_find(gm, 0);

	return span ? dr_block_evacuate(gm, span) : -ENOENT;
}

static int ev_collapse(struct dr_gmem *gm)
{
	struct dr_span *span = dr_span_find(gm, 0);

	/* All but one may be absent: it is about the first page. */
	return span ? dr_block_collapse(gm, span, DR_SPAN_PAGES - 1) : -ENOENT;
}

static const struct transition {
	const char *name;
	enum state from;
	int (*event)(struct dr_gmem *gm);
	int err;
	enum state to;
} transitions[] = {
	{ "nothing read", NOTHING, ev_read, 0, NOTHING },
	{ "nothing written", NOTHING, ev_write, 0, PAGE },
	{ "nothing grabbed", NOTHING, commit_same, -ENODATA, NOTHING },
	{ "nothing evacuated", NOTHING, ev_evacuate, -ENOENT, NOTHING },
	{ "nothing punched", NOTHING, ev_punch, 0, NOTHING },
	{ "nothing collapsed", NOTHING, ev_collapse, -ENOENT, NOTHING },
	{ "hole collapsed", HOLE, ev_collapse, -ENODATA, HOLE },
	{ "page collapsed", PAGE, ev_collapse, 0, BLOCK },
	{ "same collapsed", SAME, ev_collapse, -ENODATA, SAME },
	{ "block collapsed", BLOCK, ev_collapse, -ENODATA, BLOCK },
	{ "hole read", HOLE, ev_read, 0, HOLE },
	{ "hole written", HOLE, ev_write, 0, PAGE },
	{ "hole grabbed", HOLE, commit_same, -ENODATA, HOLE },
	{ "hole punched", HOLE, ev_punch, 0, HOLE },
	{ "hole span punched", HOLE, ev_punch_span, 0, NOTHING },
	{ "page read", PAGE, ev_read, 0, PAGE },
	{ "page written", PAGE, ev_write, 0, PAGE },
	{ "page made absent", PAGE, commit_absent, 0, HOLE },
	{ "page made same", PAGE, commit_same, 0, SAME },
	{ "page put back", PAGE, put_back, 0, PAGE },
	{ "page punched", PAGE, ev_punch, 0, HOLE },
	{ "page span punched", PAGE, ev_punch_span, 0, NOTHING },
	{ "page truncated", PAGE, ev_truncate, 0, NOTHING },
	{ "page evacuated", PAGE, ev_evacuate, -ENOENT, PAGE },
	{ "same read", SAME, ev_read, 0, PAGE },
	{ "same written", SAME, ev_write, 0, PAGE },
	{ "same grabbed", SAME, commit_same, -ENODATA, SAME },
	{ "same punched", SAME, ev_punch, 0, HOLE },
	{ "same span punched", SAME, ev_punch_span, 0, NOTHING },
	{ "block read", BLOCK, ev_read, 0, BLOCK },
	{ "block written", BLOCK, ev_write, 0, BLOCK },
	{ "block grabbed", BLOCK, commit_same, -EISDIR, BLOCK },
	{ "block page punched", BLOCK, ev_punch, 0, BLOCK },
	{ "block punched", BLOCK, ev_punch_span, 0, NOTHING },
	{ "block evacuated", BLOCK, ev_evacuate, 0, PAGE },
	{ "block truncated", BLOCK, ev_truncate, 0, NOTHING },
	{ "shared read", SHARED, ev_read, 0, SHARED },
	{ "shared written", SHARED, ev_write, 0, PAGE },
	{ "shared grabbed", SHARED, commit_absent, -ENODATA, SHARED },
	{ "shared merged", SHARED, merge, -ENODATA, SHARED },
	{ "shared evacuated", SHARED, ev_evacuate, -ENOENT, SHARED },
	{ "shared punched", SHARED, ev_punch, 0, HOLE },
	{ "shared span punched", SHARED, ev_punch_span, 0, NOTHING },
	{ "shared truncated", SHARED, ev_truncate, 0, NOTHING },
	{ "lonely read", LONELY, ev_read, 0, LONELY },
	{ "lonely written", LONELY, ev_write, 0, PAGE },
	{ "lonely made absent", LONELY, commit_absent, 0, HOLE },
	{ "lonely put back", LONELY, put_back, 0, PAGE },
	{ "lonely punched", LONELY, ev_punch, 0, HOLE },
};

static void transition_name(const struct transition *t, char *name)
{
	strscpy(name, t->name, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(transition, transitions, transition_name);

static void gmem_transition(struct kunit *test)
{
	const struct transition *t = test->param_value;
	struct env *env = test->priv;

	reach(test, env->gm, t->from);
	if (t->from == BLOCK && state_of(env->gm) != BLOCK)
		kunit_skip(test, "no 2 MiB block to be had");
	KUNIT_ASSERT_EQ(test, state_of(env->gm), t->from);
	inode_lock(env->gm->inode);
	KUNIT_EXPECT_EQ(test, t->event(env->gm), t->err);
	inode_unlock(env->gm->inode);
	KUNIT_EXPECT_EQ(test, state_of(env->gm), t->to);
}

/* What a page reads as after it was written and went through a store. */
static void gmem_same_comes_back(struct kunit *test)
{
	struct env *env = test->priv;

	reach(test, env->gm, SAME);
	KUNIT_EXPECT_EQ(test, atomic_long_read(&env->gm->nr[DR_PRIVATE]), 0);
	KUNIT_EXPECT_EQ(test, touch(env->gm, false, false), (long)WORD);
}

static void gmem_evacuated_bytes_stay(struct kunit *test)
{
	struct env *env = test->priv;

	reach(test, env->gm, BLOCK);
	if (state_of(env->gm) != BLOCK)
		kunit_skip(test, "no 2 MiB block to be had");
	KUNIT_EXPECT_EQ(test, 0, ev_evacuate(env->gm));
	KUNIT_EXPECT_EQ(test, touch(env->gm, false, false), (long)WORD);
	/* 511 of the 512 pages were zero. */
	KUNIT_EXPECT_EQ(test, atomic_long_read(&env->gm->nr[DR_PRIVATE]), 1);
	KUNIT_EXPECT_EQ(test, atomic_long_read(&env->gm->nr_blocks), 0);
}

static void gmem_punched_reads_zero(struct kunit *test)
{
	struct env *env = test->priv;

	reach(test, env->gm, BLOCK);
	KUNIT_EXPECT_EQ(test, 0, ev_punch(env->gm));
	KUNIT_EXPECT_EQ(test, touch(env->gm, false, false), 0L);
}

/* A write of one is not seen by the other. */
static void gmem_broken_share_is_private(struct kunit *test)
{
	struct env *env = test->priv;
	u32 *bytes;
	struct dr_resolve r = { .gm = env->gm, .write = true };

	reach(test, env->gm, SHARED);
	KUNIT_EXPECT_EQ(test, 1, dr_shares_kept());
	KUNIT_ASSERT_EQ(test, 0, dr_resolve(&r));
	bytes = kmap_local_page(r.page);
	KUNIT_EXPECT_EQ(test, *bytes, WORD);
	*bytes = 1;
	kunmap_local(bytes);
	unlock_page(r.page);
	put_page(r.page);
	KUNIT_EXPECT_EQ(test, 1, touch_at(env->gm, 0, false, false));
	KUNIT_EXPECT_EQ(test, (long)WORD, touch_at(env->gm, 1, false, false));
	/* Page 1 is the last user now. */
	KUNIT_EXPECT_EQ(test, 1, dr_shares_kept());
	KUNIT_EXPECT_EQ(test, (long)WORD, touch_at(env->gm, 1, true, false));
	KUNIT_EXPECT_EQ(test, 0, dr_shares_kept());
}

/* Write two equal pages, and hold page 0 as a pin does. */
static struct page *two_pages(struct kunit *test, struct dr_gmem *gm)
{
	struct dr_resolve r = { .gm = gm };

	KUNIT_ASSERT_EQ(test, 0, touch(gm, true, false));
	KUNIT_ASSERT_EQ(test, 0, touch_at(gm, 1, true, false));
	KUNIT_ASSERT_EQ(test, 0, dr_resolve(&r));
	unlock_page(r.page);
	return r.page;
}

static void gmem_pinned_page_is_not_merged(struct kunit *test)
{
	struct env *env = test->priv;
	struct page *page = two_pages(test, env->gm);

	KUNIT_EXPECT_EQ(test, -EBUSY, merge(env->gm));
	put_page(page);
	KUNIT_EXPECT_EQ(test, 0, merge(env->gm));
}

static void gmem_other_bytes_are_not_merged(struct kunit *test)
{
	struct env *env = test->priv;
	struct page *page = two_pages(test, env->gm);
	u64 key = key_of(env->gm, 0);
	u8 *bytes = kmap_local_page(page);

	bytes[PAGE_SIZE - 1] ^= 1;
	kunmap_local(bytes);
	put_page(page);
	dr_table_put(key, dr_item_hint(env->gm->id, 0));
	KUNIT_EXPECT_EQ(test, -EAGAIN, dr_merge(env->gm, 1, key));
	/* Equal bytes, but not those that the key stands for. */
	KUNIT_ASSERT_EQ(test, (long)WORD, touch(env->gm, true, false));
	dr_table_put(~key, dr_item_hint(env->gm->id, 0));
	KUNIT_EXPECT_EQ(test, -EAGAIN, dr_merge(env->gm, 1, ~key));
	KUNIT_EXPECT_EQ(test, 0, dr_shares_kept());
}

static void gmem_off_is_not_merged(struct kunit *test)
{
	struct env *env = test->priv;
	struct page *page = two_pages(test, env->gm);
	u64 key = key_of(env->gm, 0);

	put_page(page);
	/* The key is of the domain that the guest was in a moment ago. */
	dr_table_put(key, dr_item_hint(env->gm->id, 0));
	KUNIT_ASSERT_EQ(test, 0, dr_guest_set_share(env->gm->guest,
						    DR_SHARE_OFF));
	KUNIT_EXPECT_EQ(test, -EXDEV, dr_merge(env->gm, 1, key));
	KUNIT_EXPECT_EQ(test, 0, dr_shares_kept());
}

static void gmem_pinned_page_stays(struct kunit *test)
{
	struct env *env = test->priv;
	struct dr_resolve r = { .gm = env->gm, .write = true };

	KUNIT_ASSERT_EQ(test, 0, dr_resolve(&r));
	unlock_page(r.page);
	/* The reference that dr_resolve() took is a pin. */
	KUNIT_EXPECT_EQ(test, -EBUSY, commit_absent(env->gm));
	put_page(r.page);
	KUNIT_EXPECT_EQ(test, 0, commit_absent(env->gm));
}

static void gmem_pinned_block_stays(struct kunit *test)
{
	struct env *env = test->priv;
	struct dr_resolve r = {
		.gm = env->gm, .write = true, .block_ok = true,
	};

	KUNIT_ASSERT_EQ(test, 0, dr_resolve(&r));
	unlock_page(r.page);
	if (state_of(env->gm) != BLOCK) {
		put_page(r.page);
		kunit_skip(test, "no 2 MiB block to be had");
	}
	KUNIT_EXPECT_EQ(test, -EBUSY, ev_evacuate(env->gm));
	put_page(r.page);
	KUNIT_EXPECT_EQ(test, 0, ev_evacuate(env->gm));
}

static void gmem_refuses_beyond_end(struct kunit *test)
{
	struct env *env = test->priv;
	struct dr_resolve r = {
		.gm = env->gm, .index = FILE_SIZE >> PAGE_SHIFT,
	};

	KUNIT_EXPECT_EQ(test, -ERANGE, dr_resolve(&r));
	r.index--;
	KUNIT_ASSERT_EQ(test, 0, dr_resolve(&r));
	unlock_page(r.page);
	put_page(r.page);
}

static struct kunit_case gmem_cases[] = {
	KUNIT_CASE_PARAM(gmem_transition, transition_gen_params),
	KUNIT_CASE(gmem_same_comes_back),
	KUNIT_CASE(gmem_evacuated_bytes_stay),
	KUNIT_CASE(gmem_punched_reads_zero),
	KUNIT_CASE(gmem_broken_share_is_private),
	KUNIT_CASE(gmem_pinned_page_is_not_merged),
	KUNIT_CASE(gmem_other_bytes_are_not_merged),
	KUNIT_CASE(gmem_off_is_not_merged),
	KUNIT_CASE(gmem_pinned_page_stays),
	KUNIT_CASE(gmem_pinned_block_stays),
	KUNIT_CASE(gmem_refuses_beyond_end),
	{}
};

static struct kunit_suite gmem_suite = {
	.name = "denseram_gmem",
	.init = env_init,
	.exit = env_exit,
	.test_cases = gmem_cases,
};

kunit_test_suite(gmem_suite);
