/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The only file that knows kernel versions. The code is written for the
 * newest kernel; this lets it build on older ones, down to 6.12. Included
 * before everything else, for both modules.
 */
#ifndef _DR_COMPAT_H
#define _DR_COMPAT_H

#ifdef pr_fmt
#undef pr_fmt
#endif
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/version.h>

#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 12, 0)
#error "denseram needs Linux 6.12 or newer"
#endif

#include <linux/dcache.h>
#include <linux/fs.h>
#include <linux/gfp.h>
#include <linux/string.h>
#include <linux/zsmalloc.h>

/* 6.14: vma_alloc_folio() lost its last argument. */
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 14, 0)
#define dr_vma_alloc_folio(gfp, order, vma, addr) \
	vma_alloc_folio(gfp, order, vma, addr)
#else
#define dr_vma_alloc_folio(gfp, order, vma, addr) \
	vma_alloc_folio(gfp, order, vma, addr, false)
#endif

/*
 * 6.14: a virtio driver may have ->reset_prepare() and ->reset_done(). 7.3 at
 * the latest: and ->shutdown().
 */
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 14, 0)
#define DR_HAVE_VIRTIO_RESET
#endif
#if LINUX_VERSION_CODE >= KERNEL_VERSION(7, 3, 0)
#define DR_HAVE_VIRTIO_SHUTDOWN
#endif

/* 7.0: <linux/balloon.h>, whose core does more of the keeping itself. */
#if LINUX_VERSION_CODE >= KERNEL_VERSION(7, 0, 0)
#define DR_HAVE_BALLOON_H
#endif

/* 6.15: ->mkdir returns a dentry, NULL for the one it was given. */
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 15, 0)
#define DR_MKDIR_TYPE		struct dentry *
#define DR_MKDIR_RETURN(err)	ERR_PTR(err)
#else
#define DR_MKDIR_TYPE		int
#define DR_MKDIR_RETURN(err)	(err)
#endif

/* 6.18: generic_delete_inode() became inode_just_drop(). */
#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 18, 0)
#define inode_just_drop		generic_delete_inode
#endif

/*
 * 6.19: dentries that live in memory alone are marked persistent, and
 * kill_anon_super() is all it takes to unmount.
 */
#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 19, 0)
#define dr_kill_super		kill_litter_super

static inline void dr_dentry_add(struct dentry *dentry, struct inode *inode)
{
	d_instantiate(dentry, inode);
	dget(dentry);
}
#else
#define dr_kill_super		kill_anon_super

static inline void dr_dentry_add(struct dentry *dentry, struct inode *inode)
{
	d_make_persistent(dentry, inode);
}
#endif

/* 7.3: ->create lost its last argument. */
#if LINUX_VERSION_CODE < KERNEL_VERSION(7, 3, 0)
#define DR_CREATE_PARAMS						\
	struct mnt_idmap *idmap, struct inode *dir,			\
	struct dentry *dentry, umode_t mode, bool excl
#else
#define DR_CREATE_PARAMS						\
	struct mnt_idmap *idmap, struct inode *dir,			\
	struct dentry *dentry, umode_t mode
#endif

/*
 * 7.3: flags that ->mmap sets come too late for the core to join the mapping to
 * its neighbours; ->mmap_prepare describes it before it is made. For both,
 * "map" is what is described.
 */
#if LINUX_VERSION_CODE < KERNEL_VERSION(7, 3, 0)
#define dr_mapping			vm_area_struct
#define DR_MMAP_OP(func)		.mmap = func
#define DR_MMAP_PARAMS			struct file *file, struct dr_mapping *map
#define dr_mapping_flags(map)		((map)->vm_flags)
#define dr_mapping_set_flags(map, flags) vm_flags_set(map, flags)
#else
#define dr_mapping			vm_area_desc
#define DR_MMAP_OP(func)		.mmap_prepare = func
#define DR_MMAP_PARAMS			struct dr_mapping *map
#define dr_mapping_flags(map)		vma_flags_to_legacy((map)->vma_flags)
#define dr_mapping_set_flags(map, flags) \
	vma_flags_set_word(&(map)->vma_flags, flags)
#endif

/*
 * zsmalloc. 6.16: objects are read in place or through the caller's buffer, and
 * written as a whole; 6.17: memory of a node; 7.0: the reader says how long the
 * object is.
 */
static inline unsigned long dr_zs_malloc(struct zs_pool *pool, size_t size,
					 gfp_t gfp)
{
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 17, 0)
	return zs_malloc(pool, size, gfp, NUMA_NO_NODE);
#else
	return zs_malloc(pool, size, gfp);
#endif
}

static inline void *dr_zs_read_begin(struct zs_pool *pool,
				     unsigned long handle, size_t len,
				     void *copy)
{
#if LINUX_VERSION_CODE >= KERNEL_VERSION(7, 0, 0)
	return zs_obj_read_begin(pool, handle, len, copy);
#elif LINUX_VERSION_CODE >= KERNEL_VERSION(6, 16, 0)
	return zs_obj_read_begin(pool, handle, copy);
#else
	return zs_map_object(pool, handle, ZS_MM_RO);
#endif
}

static inline void dr_zs_read_end(struct zs_pool *pool, unsigned long handle,
				  size_t len, void *mem)
{
#if LINUX_VERSION_CODE >= KERNEL_VERSION(7, 0, 0)
	zs_obj_read_end(pool, handle, len, mem);
#elif LINUX_VERSION_CODE >= KERNEL_VERSION(6, 16, 0)
	zs_obj_read_end(pool, handle, mem);
#else
	zs_unmap_object(pool, handle);
#endif
}

static inline void dr_zs_write(struct zs_pool *pool, unsigned long handle,
			       void *mem, size_t len)
{
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 16, 0)
	zs_obj_write(pool, handle, mem, len);
#else
	memcpy(zs_map_object(pool, handle, ZS_MM_WO), mem, len);
	zs_unmap_object(pool, handle);
#endif
}

#endif /* _DR_COMPAT_H */
