/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * How an entry names an object of the compressed pool. Pure.
 *
 *   53        52  51          43  42                     0
 *   [ unused:2 ][ length:9 ][ address of the handle:43 ]
 *
 * The allocator's handle is an address in the kernel's map of all memory, a
 * multiple of 8: so 43 bits reach 64 TiB. The length, in units of 8 bytes, is
 * what has to be known before the object can be read.
 */
#ifndef _DR_PACKED_H
#define _DR_PACKED_H

#include "pure.h"

#define DR_PACKED_UNIT		8
#define DR_PACKED_HANDLE_BITS	43
#define DR_PACKED_LENGTH_BITS	9

/**
 * dr_packed_make() - the name of an object
 * @address: physical address of the handle
 * @len: length of the object in bytes, at least 1
 * @id: out: the name
 *
 * Return: false if the address or the length is beyond what fits.
 */
static inline bool dr_packed_make(u64 address, size_t len, unsigned long *id)
{
	u64 handle = address / DR_PACKED_UNIT;
	u64 units = (len + DR_PACKED_UNIT - 1) / DR_PACKED_UNIT;

	if (address % DR_PACKED_UNIT || handle >> DR_PACKED_HANDLE_BITS ||
	    units >> DR_PACKED_LENGTH_BITS)
		return false;
	*id = units << DR_PACKED_HANDLE_BITS | handle;
	return true;
}

static inline u64 dr_packed_address(unsigned long id)
{
	return (id & (BIT(DR_PACKED_HANDLE_BITS) - 1)) * DR_PACKED_UNIT;
}

/* Bytes of the object, rounded up to the unit. */
static inline size_t dr_packed_length(unsigned long id)
{
	return (id >> DR_PACKED_HANDLE_BITS) * DR_PACKED_UNIT;
}

#endif /* _DR_PACKED_H */
