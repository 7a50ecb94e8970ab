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

#define VIR_SYMBOL(symbol)	{ #symbol, offsetof(struct vir, symbol) },
static const struct symbol symbols[] = {
	VIR_FUNCTIONS(VIR_SYMBOL)
	{ NULL, 0 },
};

static const struct symbol qemu_symbols[] = {
	VIR_QEMU_FUNCTIONS(VIR_SYMBOL)
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
	vir.virSetErrorFunc(NULL, keep_quiet);
	/* Before the first connection, or it will have no events. */
	if (vir.virInitialize() < 0 || vir.virEventRegisterDefaultImpl() < 0)
		return vir_error();
	return NULL;
}

virConnectPtr vir_connect(const char *uri)
{
	virConnectPtr connection = vir.virConnectOpen(uri);

	/* A driver without keep-alive says so by an error; the rest works. */
	if (connection)
		vir.virConnectSetKeepAlive(connection, ALIVE_SECONDS,
					   ALIVE_COUNT);
	return connection;
}

const char *vir_error(void)
{
	const char *text = vir.virGetLastErrorMessage();

	return text ? text : "unknown error";
}
