/* SPDX-License-Identifier: GPL-2.0-only */
/* Secure Boot: its state, signatures of modules, keys that are enrolled. Pure. */
#ifndef DR_SIGNATURE_H
#define DR_SIGNATURE_H

#include <stdbool.h>
#include <stddef.h>

/* What the kernel looks for at the end of a module. */
#define DR_SIGNATURE_MARK	"~Module signature appended~\n"

/**
 * dr_secure_boot - the state from an EFI variable SecureBoot
 * @bytes: four of attributes and one of data
 * @len: how many
 *
 * Returns 1 or 0, or -EINVAL for what is no such variable.
 */
int dr_secure_boot(const char *bytes, size_t len);

/* Has a module a signature, whoever made it? */
bool dr_is_signed(const char *bytes, size_t len);

/**
 * dr_is_enrolled - is a certificate among those of a list?
 * @list: of the firmware or of shim: MokListRT; it has certificates as they are
 * @list_len: bytes of it
 * @cert: in the form DER
 * @cert_len: bytes of it
 */
bool dr_is_enrolled(const char *list, size_t list_len, const char *cert,
		    size_t cert_len);

#endif /* DR_SIGNATURE_H */
