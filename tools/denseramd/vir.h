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

/* What is used of libvirt.so, and of libvirt-qemu.so */
#define VIR_FUNCTIONS(f)		\
	f(virConnectClose)		\
	f(virConnectIsAlive)		\
	f(virConnectListAllDomains)	\
	f(virConnectOpen)		\
	f(virConnectSetKeepAlive)	\
	f(virDomainFree)		\
	f(virDomainGetName)		\
	f(virDomainLookupByName)	\
	f(virEventRegisterDefaultImpl)	\
	f(virEventRunDefaultImpl)	\
	f(virGetLastErrorMessage)	\
	f(virInitialize)		\
	f(virSetErrorFunc)

#define VIR_QEMU_FUNCTIONS(f)				\
	f(virConnectDomainQemuMonitorEventDeregister)	\
	f(virConnectDomainQemuMonitorEventRegister)	\
	f(virDomainQemuMonitorCommand)

/* The functions, under their own names; there is one library. */
#define VIR_MEMBER(name)	__typeof__(name) * name;
extern struct vir {
	VIR_FUNCTIONS(VIR_MEMBER)
	VIR_QEMU_FUNCTIONS(VIR_MEMBER)
} vir;

/* Load it. Returns NULL, or what went wrong. */
const char *vir_load(void);

/* A connection that notices when nobody is there any more; NULL: see there. */
virConnectPtr vir_connect(const char *uri);

/* What went wrong last in this thread. */
const char *vir_error(void);

#endif /* DRD_VIR_H */
