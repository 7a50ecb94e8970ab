/* SPDX-License-Identifier: GPL-2.0-only */
/* Which sockets there are, and which of them is tried when. */
#ifndef DRD_FIND_H
#define DRD_FIND_H

#include "link.h"

/**
 * find_sockets - look for sockets of VMMs
 * @links: list of all; new ones are added, those without a socket go
 * @conf: where to look
 * @device: descriptor of /dev/denseram
 */
void find_sockets(struct link **links, const struct conf *conf, int device);

/**
 * find_guests - connect to the VMMs of guests that have no link
 * @links: list of all
 * @conf: settings
 * @device: descriptor of /dev/denseram
 */
void find_guests(struct link *links, const struct conf *conf, int device);

#endif /* DRD_FIND_H */
