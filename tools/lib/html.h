/* SPDX-License-Identifier: GPL-2.0-only */
/* Text in a page of HTML, or in SVG. Pure. */
#ifndef DR_HTML_H
#define DR_HTML_H

#include <stddef.h>
#include <stdio.h>

/**
 * html_text - write text that is shown as it is
 * @out: the page
 * @text: UTF-8; what would be markup is escaped, control characters are left out
 *
 * Fit for content and for attributes in either quotes.
 */
void html_text(FILE *out, const char *text);

/**
 * html_base64 - write bytes as base64, for a data URI
 * @out: the page
 * @bytes: any
 * @len: how many
 */
void html_base64(FILE *out, const unsigned char *bytes, size_t len);

#endif /* DR_HTML_H */
