/* SPDX-License-Identifier: GPL-2.0-only */
/* What systemd wants of a service; nothing happens without systemd. */
#ifndef DRD_SERVICE_H
#define DRD_SERVICE_H

#include <stdint.h>

/* Send lines like "READY=1" to whoever started us. */
__attribute__((format(printf, 1, 2)))
void service_notify(const char *fmt, ...);

/* Milliseconds between signs of life that the watchdog wants; 0 for none. */
uint64_t service_watchdog_ms(void);

/*
 * Give up all that is not needed any more, once the device is open. What stays
 * is CAP_DAC_OVERRIDE, if we have it: sockets of VMMs belong to many users.
 */
int service_drop_privileges(void);

#endif /* DRD_SERVICE_H */
