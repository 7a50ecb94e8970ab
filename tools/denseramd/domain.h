/* SPDX-License-Identifier: GPL-2.0-only */
/* A domain of libvirt as a way to a VMM. */
#ifndef DRD_DOMAIN_H
#define DRD_DOMAIN_H

#include <stdbool.h>

#include "bridge.h"
#include "../lib/conf.h"

/* Sets the paths of domains off from those of sockets, which begin with /. */
#define DOMAIN_PREFIX	"libvirt:"
#define DOMAIN_PATH	(sizeof(DOMAIN_PREFIX) + BRIDGE_TEXT)

/* Path of a domain's link; false for a name that can be no file's. */
bool domain_path(char *path, const char *name);

/* The URI to connect to, or NULL: there is no libvirt, or none is wanted. */
const char *domain_uri(const struct conf *conf);

#endif /* DRD_DOMAIN_H */
