/* SPDX-License-Identifier: GPL-2.0-only */
/* Where a server listens: "127.0.0.1:10170", "[::1]:10170". Pure. */
#ifndef DR_ADDRESS_H
#define DR_ADDRESS_H

#include <netinet/in.h>
#include <stddef.h>
#include <sys/socket.h>

#define DR_ADDRESS_TEXT	(INET6_ADDRSTRLEN + sizeof("[]:65535"))

/**
 * union dr_address - an address of IPv4 or IPv6 with a port
 * @any: of either family
 * @v4: of AF_INET
 * @v6: of AF_INET6
 */
union dr_address {
	struct sockaddr any;
	struct sockaddr_in v4;
	struct sockaddr_in6 v6;
};

/**
 * dr_address_parse - read an address with its port
 * @text: numbers only. Names are refused: what they stand for may change, and a
 *	server would be open to others than was meant
 * @address: the result
 *
 * Returns 0, or -EINVAL.
 */
int dr_address_parse(const char *text, union dr_address *address);

/**
 * dr_address_format - write it as dr_address_parse() takes it
 * @address: what to write
 * @text: where to, %DR_ADDRESS_TEXT bytes
 *
 * Returns @text.
 */
char *dr_address_format(const union dr_address *address, char *text);

/* How much of it the kernel is to be given. */
socklen_t dr_address_len(const union dr_address *address);

#endif /* DR_ADDRESS_H */
