// SPDX-License-Identifier: GPL-2.0-only
#include "vir.h"

#include <dlfcn.h>

/*
 * A libvirtd that has stopped is known by this: after so many seconds without
 * an answer to so many questions all calls of the connection fail.
 */
#define ALIVE_SECONDS	5
#define ALIVE_COUNT	3

struct vir vir;

/**
 * struct symbol - one function
 * @name: its name
 * @offset: where its pointer is in struct vir
 */
struct symbol {
	const char *name;
	size_t offset;
};

static const struct symbol symbols[] = {
	{ "virConnectClose", offsetof(struct vir, close) },
	{ "virConnectIsAlive", offsetof(struct vir, is_alive) },
	{ "virConnectListAllDomains", offsetof(struct vir, list) },
	{ "virConnectOpen", offsetof(struct vir, open) },
	{ "virConnectSetKeepAlive", offsetof(struct vir, keep_alive) },
	{ "virDomainFree", offsetof(struct vir, put) },
	{ "virDomainGetName", offsetof(struct vir, name) },
	{ "virDomainLookupByName", offsetof(struct vir, lookup) },
	{ "virEventRegisterDefaultImpl", offsetof(struct vir, register_loop) },
	{ "virEventRunDefaultImpl", offsetof(struct vir, run_loop) },
	{ "virGetLastErrorMessage", offsetof(struct vir, last_error) },
	{ "virInitialize", offsetof(struct vir, initialize) },
	{ "virSetErrorFunc", offsetof(struct vir, on_error) },
	{ NULL, 0 },
};

static const struct symbol qemu_symbols[] = {
	{ "virConnectDomainQemuMonitorEventDeregister",
	  offsetof(struct vir, deregister) },
	{ "virConnectDomainQemuMonitorEventRegister",
	  offsetof(struct vir, register_events) },
	{ "virDomainQemuMonitorCommand",
	  offsetof(struct vir, command) },
	{ NULL, 0 },
};

static const char *load(const char *file, const struct symbol *symbol)
{
	void *library = dlopen(file, RTLD_NOW | RTLD_LOCAL);

	if (!library)
		return dlerror();
	for (; symbol->name; symbol++) {
		void *function = dlsym(library, symbol->name);

		if (!function)
			return dlerror();
		*(void **)((char *)&vir + symbol->offset) = function;
	}
	return NULL;
}

/* It prints errors by itself unless it is told not to. */
static void keep_quiet(void *data, virErrorPtr error)
{
	(void)data;
	(void)error;
}

const char *vir_load(void)
{
	const char *why = load("libvirt.so.0", symbols);

	if (!why)
		why = load("libvirt-qemu.so.0", qemu_symbols);
	if (why)
		return why;
	vir.on_error(NULL, keep_quiet);
	/* Before the first connection, or it will have no events. */
	if (vir.initialize() < 0 || vir.register_loop() < 0)
		return vir_error();
	return NULL;
}

virConnectPtr vir_connect(const char *uri)
{
	virConnectPtr connection = vir.open(uri);

	/* A driver without keep-alive says so by an error; the rest works. */
	if (connection)
		vir.keep_alive(connection, ALIVE_SECONDS, ALIVE_COUNT);
	return connection;
}

const char *vir_error(void)
{
	const char *text = vir.last_error();

	return text ? text : "unknown error";
}
