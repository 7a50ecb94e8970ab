/* SPDX-License-Identifier: GPL-2.0-only */
/* In the bridge: one domain's monitor as a stream of QMP. */
#ifndef DRD_CHANNEL_H
#define DRD_CHANNEL_H

/**
 * channel_start - carry QMP between a stream and a domain
 * @uri: of libvirt; stays
 * @name: of the domain
 * @stream: closed when it ends, or cannot begin
 */
void channel_start(const char *uri, const char *name, int stream);

#endif /* DRD_CHANNEL_H */
