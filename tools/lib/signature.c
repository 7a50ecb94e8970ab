// SPDX-License-Identifier: GPL-2.0-only
#include "signature.h"

#include <errno.h>
#include <string.h>

#define EFI_ATTRIBUTES	4

int dr_secure_boot(const char *bytes, size_t len)
{
	if (len != EFI_ATTRIBUTES + 1 || (unsigned char)bytes[4] > 1)
		return -EINVAL;
	return bytes[4];
}

bool dr_is_signed(const char *bytes, size_t len)
{
	size_t mark = strlen(DR_SIGNATURE_MARK);

	return len > mark && !memcmp(bytes + len - mark, DR_SIGNATURE_MARK,
				     mark);
}

bool dr_is_enrolled(const char *list, size_t list_len, const char *cert,
		    size_t cert_len)
{
	/* An empty certificate would be everywhere. */
	return cert_len && memmem(list, list_len, cert, cert_len);
}
