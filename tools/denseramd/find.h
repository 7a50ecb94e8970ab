/* SPDX-License-Identifier: GPL-2.0-only */
/* Which ways to VMMs there are, and which of them is tried when. */
#ifndef DRD_FIND_H
#define DRD_FIND_H

#include "link.h"

/**
 * find_links - look for sockets of VMMs, and take note of libvirt's domains
 * @links: list of all; new ones are added, those that are no more go
 * @conf: where to look
 * @device: descriptor of /dev/denseram
 */
void find_links(struct link **links, const struct conf *conf, int device);

/**
 * find_guests - connect to the VMMs of guests that have no link
 * @links: list of all
 * @conf: settings
 * @device: descriptor of /dev/denseram
 *
 * Returns whether libvirt is to be asked for its domains: a guest that it may
 * have is still without a link.
 */
bool find_guests(struct link *links, const struct conf *conf, int device);

#endif /* DRD_FIND_H */
