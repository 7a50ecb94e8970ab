// SPDX-License-Identifier: GPL-2.0-only
#include "test.h"
#include "../denseramd/layout.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* As QEMU 10 prints it for a q35 guest, shortened. */
static const char text[] =
"FlatView #0\n"
" AS \"I/O\", root: io\n"
" Root memory region: io\n"
"  0000000000000000-0000000000000007 (prio 0, i/o): dma-chan\n"
"\n"
"FlatView #1\n"
" AS \"memory\", root: system\n"
" AS \"cpu-memory-0\", root: system\n"
" Root memory region: system\n"
"  0000000000000000-000000000009ffff (prio 0, ram): ram0 KVM\n"
"  00000000000a0000-00000000000bffff (prio 1, i/o): smram-region\n"
"  00000000000c0000-00000000000c3fff (prio 0, rom): ram0 @00000000000c0000 KVM\n"
"  00000000000c4000-000000007fffffff (prio 0, ram): ram0 @00000000000c4000 KVM\n"
"  00000000b0000000-00000000bfffffff (prio 0, i/o): pcie-mmcfg-mmio\n"
"  00000000fffc0000-00000000ffffffff (prio 0, rom): pc.bios KVM\n"
"  0000000100000000-000000017fffffff (prio 0, ram): ram0 @0000000080000000 KVM\n"
"  0000000180000000-00000001bfffffff (prio 0, ram): dimm1 KVM\n"
"\n"
"FlatView #2\n"
" AS \"virtio-pci-cfg-mem-as\", root: none\n"
"  0000000000000000-00000000000fffff (prio 0, ram): other\n";

static void a_guest(void **state)
{
	struct piece p[LAYOUT_MAX];

	(void)state;
	assert_int_equal(layout_parse(text, p), 5);
	assert_string_equal(p[0].name, "ram0");
	assert_true(!p[0].gpa && p[0].size == 0xa0000 && !p[0].offset);
	/* ROM and RAM that follow each other in guest and file are one. */
	assert_true(p[1].gpa == 0xc0000 && p[1].offset == 0xc0000 &&
		    p[1].size == 0x80000000 - 0xc0000);
	assert_string_equal(p[2].name, "pc.bios");
	assert_true(p[3].gpa == 0x100000000 && p[3].offset == 0x80000000 &&
		    p[3].size == 0x80000000);
	assert_string_equal(p[4].name, "dimm1");
}

static void nonsense(void **state)
{
	static const char *const texts[] = {
		"", "\n", "FlatView", " AS \"memory\"", " AS \"memory\"\n",
		" AS \"memory\"\n  0-f (prio 0, ram): x\n",
		" AS \"memory\"\n  0000000000001000-0000000000000fff (prio 0, ram): x",
		" AS \"memory\"\n  00000000000000000001000-1fff (prio 0, ram): x",
		" AS \"memory\"\n  0-ffffffffffffffff (prio 0, ram): x",
		" AS \"memory\"\n  0000-0fff (prio 0, ram): ",
		" AS \"memory\"\n  0000-0fff (prio 0, ram): x @zz",
	};
	struct piece p[LAYOUT_MAX];

	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++)
		assert_int_equal(layout_parse(texts[i], p), 0);
}

/* What would end beyond the last address has no place among the others. */
static void at_the_end(void **state)
{
	static const char *const texts[] = {
		" AS \"memory\"\n  fffffffffffff000-ffffffffffffffff (prio 0, ram): a\n",
		" AS \"memory\"\n  0000000000001000-0000000000002fff (prio 0, ram): a @fffffffffffff000\n",
	};
	struct piece p[LAYOUT_MAX];

	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++)
		assert_int_equal(layout_parse(texts[i], p), 0);
}

/* What comes out of damaged text is in order and does not overlap. */
static void damaged(void **state)
{
	struct piece p[LAYOUT_MAX];
	char copy[sizeof(text)];
	unsigned int seed = 3;

	(void)state;
	for (int round = 0; round < 20000; round++) {
		uint64_t end = 0;
		size_t nr;

		memcpy(copy, text, sizeof(text));
		for (int i = rand_r(&seed) % 8; i >= 0; i--)
			copy[(size_t)rand_r(&seed) % (sizeof(copy) - 1)] =
				(char)(32 + rand_r(&seed) % 95);
		copy[(size_t)rand_r(&seed) % sizeof(copy)] = '\0';
		copy[sizeof(copy) - 1] = '\0';
		nr = layout_parse(copy, p);
		for (size_t i = 0; i < nr; i++) {
			assert_true(p[i].gpa >= end && p[i].size);
			end = p[i].gpa + p[i].size;
		}
	}
}

static void many_pieces(void **state)
{
	size_t room = 64 + 80 * (LAYOUT_MAX + 50), len;
	char *many = malloc(room);
	struct piece p[LAYOUT_MAX];

	(void)state;
	assert_non_null(many);
	len = (size_t)snprintf(many, room, " AS \"memory\"\n");
	for (unsigned int i = 0; i < LAYOUT_MAX + 50; i++)
		len += (size_t)snprintf(many + len, room - len,
			"  %016x-%016x (prio 0, ram): m\n",
			i * 0x2000, i * 0x2000 + 0xfff);
	assert_int_equal(layout_parse(many, p), LAYOUT_MAX);
	free(many);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_guest),
		cmocka_unit_test(nonsense),
		cmocka_unit_test(at_the_end),
		cmocka_unit_test(damaged),
		cmocka_unit_test(many_pieces),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
