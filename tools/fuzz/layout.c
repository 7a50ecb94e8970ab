// SPDX-License-Identifier: GPL-2.0-only
/* What QEMU prints of a guest's memory. */
#include "fuzz.h"

#include "../denseramd/layout.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct piece pieces[LAYOUT_MAX];
	char *text = fuzz_text(data, size);
	size_t nr = layout_parse(text, pieces);

	must(nr <= LAYOUT_MAX);
	for (size_t i = 0; i < nr; i++) {
		const struct piece *p = &pieces[i];

		must(p->size && !((p->gpa | p->size | p->offset) % 4096));
		/* The last byte has an address. */
		must(p->gpa + (p->size - 1) >= p->gpa);
		must(p->offset + (p->size - 1) >= p->offset);
		must(*p->name && memchr(p->name, '\0', LAYOUT_NAME));
		must(!i || p->gpa > pieces[i - 1].gpa + (pieces[i - 1].size - 1));
	}
	free(text);
	return 0;
}
