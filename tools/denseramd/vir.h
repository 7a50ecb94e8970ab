/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * libvirt's client library, loaded when it is needed: the daemon runs on hosts
 * that do not have it. Types come from its headers, so the compiler sees to it
 * that each function is called as it is declared.
 */
#ifndef DRD_VIR_H
#define DRD_VIR_H

#include <stddef.h>

#include <libvirt/libvirt.h>
#include <libvirt/libvirt-qemu.h>
#include <libvirt/virterror.h>

/* What is used of libvirt.so, and of libvirt-qemu.so; there is one. */
extern struct vir {
	__typeof__(virConnectClose) *close;
	__typeof__(virConnectIsAlive) *is_alive;
	__typeof__(virConnectListAllDomains) *list;
	__typeof__(virConnectOpen) *open;
	__typeof__(virConnectSetKeepAlive) *keep_alive;
	__typeof__(virDomainFree) *put;
	__typeof__(virDomainGetName) *name;
	__typeof__(virDomainLookupByName) *lookup;
	__typeof__(virEventRegisterDefaultImpl) *register_loop;
	__typeof__(virEventRunDefaultImpl) *run_loop;
	__typeof__(virGetLastErrorMessage) *last_error;
	__typeof__(virInitialize) *initialize;
	__typeof__(virSetErrorFunc) *on_error;

	__typeof__(virConnectDomainQemuMonitorEventDeregister) *deregister;
	__typeof__(virConnectDomainQemuMonitorEventRegister) *register_events;
	__typeof__(virDomainQemuMonitorCommand) *command;
} vir;

/* Load it. Returns NULL, or what went wrong. */
const char *vir_load(void);

/* A connection that notices when nobody is there any more; NULL: see there. */
virConnectPtr vir_connect(const char *uri);

/* What went wrong last in this thread. */
const char *vir_error(void);

#endif /* DRD_VIR_H */
