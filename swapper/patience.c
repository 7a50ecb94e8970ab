// SPDX-License-Identifier: GPL-2.0-only
/**
 * DOC: Waiting for a disk
 *
 * A guest that gets an asynchronous page fault can do something else while a
 * page is read, if it has something else to do. It pays for that: the fault is sent
 * back, a worker of KVM's waits in its stead, the guest is told twice, and the page
 * is asked for a second time. A disk that answers sooner than all this takes is
 * better waited for in the fault itself, as the kernel's own swap does. So a mean of
 * how long reads take decides.
 */
#include <linux/compiler.h>
#include <linux/errno.h>
#include <linux/ktime.h>
#include <linux/math64.h>

#include "patience.h"
#include "swap.h"

/* About what two exits, two injections and two switches of threads take. */
#define ASYNC_US	50
#define ASYNC_US_MAX	USEC_PER_SEC

/* Reads that a mean is about. */
#define READS		8

static u64 async_ns = ASYNC_US * NSEC_PER_USEC;
static u64 read_ns;

/**
 * dr_patience_note() - a page has been read from a swap area
 * @ns: how long that took
 *
 * Two at a time lose one of them, which a mean can do without.
 *
 * Context: any.
 */
void dr_patience_note(u64 ns)
{
	u64 mean = READ_ONCE(read_ns);

	WRITE_ONCE(read_ns, mean - mean / READS + ns / READS);
}

/**
 * dr_swap_waits() - are reads so quick that a fault should wait for one?
 *
 * Context: any.
 * Return: true if so, or if there was none yet.
 */
bool dr_swap_waits(void)
{
	return READ_ONCE(read_ns) < READ_ONCE(async_ns);
}

/* How long a read takes on average, in microseconds. */
u64 dr_swap_read_us(void)
{
	return div_u64(READ_ONCE(read_ns), NSEC_PER_USEC);
}

/* From what average on faults do not wait, in microseconds. */
unsigned int dr_swap_async_us(void)
{
	return div_u64(READ_ONCE(async_ns), NSEC_PER_USEC);
}

/**
 * dr_swap_set_async_us() - say from what average on faults do not wait
 * @us: microseconds, up to a second; 0: they never do
 *
 * Return: 0 or -ERANGE.
 */
int dr_swap_set_async_us(unsigned int us)
{
	if (us > ASYNC_US_MAX)
		return -ERANGE;
	WRITE_ONCE(async_ns, us * (u64)NSEC_PER_USEC);
	return 0;
}
