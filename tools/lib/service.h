/* SPDX-License-Identifier: GPL-2.0-only */
/* What systemd wants of a service; nothing happens without systemd. */
#ifndef DR_SERVICE_H
#define DR_SERVICE_H

#include <stdint.h>

#include <linux/capability.h>

/* Send lines like "READY=1" to whoever started us. */
__attribute__((format(printf, 1, 2)))
void service_notify(const char *fmt, ...);

/* Milliseconds between signs of life that the watchdog wants; 0 for none. */
uint64_t service_watchdog_ms(void);

/* A capability, as a bit. */
#define SERVICE_CAP(cap)	(UINT32_C(1) << (cap))

/*
 * Give up all capabilities of this thread and of those it will start but those
 * of @keep that we have; none can be had back.
 */
int service_drop_privileges(uint32_t keep);

#endif /* DR_SERVICE_H */
