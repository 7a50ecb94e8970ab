// SPDX-License-Identifier: GPL-2.0-only
#include "address.h"
#include "units.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

static int parse_port(const char *text, in_port_t *port)
{
	uint64_t number;

	if (dr_count_parse(text, &number) || number > UINT16_MAX)
		return -EINVAL;
	*port = htons((uint16_t)number);
	return 0;
}

static int parse_v6(const char *host, const char *port,
		    union dr_address *address)
{
	address->v6.sin6_family = AF_INET6;
	if (inet_pton(AF_INET6, host, &address->v6.sin6_addr) != 1)
		return -EINVAL;
	return parse_port(port, &address->v6.sin6_port);
}

static int parse_v4(const char *host, const char *port,
		    union dr_address *address)
{
	address->v4.sin_family = AF_INET;
	if (inet_pton(AF_INET, host, &address->v4.sin_addr) != 1)
		return -EINVAL;
	return parse_port(port, &address->v4.sin_port);
}

/* The last colon is before the port: those of IPv6 are in brackets. */
int dr_address_parse(const char *text, union dr_address *address)
{
	const char *colon = strrchr(text, ':');
	char host[INET6_ADDRSTRLEN + 2];
	size_t len;

	memset(address, 0, sizeof(*address));
	if (!colon || (size_t)(colon - text) >= sizeof(host))
		return -EINVAL;
	len = (size_t)(colon - text);
	memcpy(host, text, len);
	host[len] = '\0';
	if (host[0] != '[')
		return parse_v4(host, colon + 1, address);
	if (host[len - 1] != ']')
		return -EINVAL;
	host[len - 1] = '\0';
	return parse_v6(host + 1, colon + 1, address);
}

char *dr_address_format(const union dr_address *address, char *text)
{
	char host[INET6_ADDRSTRLEN] = "";

	if (address->any.sa_family == AF_INET6) {
		inet_ntop(AF_INET6, &address->v6.sin6_addr, host, sizeof(host));
		snprintf(text, DR_ADDRESS_TEXT, "[%s]:%u", host,
			 ntohs(address->v6.sin6_port));
	} else {
		inet_ntop(AF_INET, &address->v4.sin_addr, host, sizeof(host));
		snprintf(text, DR_ADDRESS_TEXT, "%s:%u", host,
			 ntohs(address->v4.sin_port));
	}
	return text;
}

socklen_t dr_address_len(const union dr_address *address)
{
	return address->any.sa_family == AF_INET6 ? sizeof(address->v6) :
						    sizeof(address->v4);
}
