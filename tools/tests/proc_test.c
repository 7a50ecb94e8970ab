// SPDX-License-Identifier: GPL-2.0-only
#include "test.h"
#include "../lib/proc.h"

#include <string.h>

static void fields_are_found(void **state)
{
	static const char text[] =
		"MemTotal:       2048 kB\nHugePages_Total:      3\nMemTotally: 7\n"
		"Odd:\nBig: 99999999999999999999 kB\n";
	uint64_t value;

	(void)state;
	assert_true(dr_proc_field(text, "MemTotal", &value));
	assert_int_equal(value, 2048 * 1024);
	assert_true(dr_proc_field(text, "HugePages_Total", &value));
	assert_int_equal(value, 3);
	assert_true(dr_proc_field(text, "Big", &value));
	assert_true(value == UINT64_MAX);
	assert_false(dr_proc_field(text, "Mem", &value));
	assert_false(dr_proc_field(text, "Odd", &value));
	assert_false(dr_proc_field("", "Odd", &value));
}

static void words_are_whole(void **state)
{
	static const char text[] =
		"processor\t: 0\nflags\t\t: fpu vmx hypervisor\nother: svm\n";

	(void)state;
	assert_true(dr_proc_has_word(text, "flags", "vmx"));
	assert_true(dr_proc_has_word(text, "flags", "hypervisor"));
	assert_false(dr_proc_has_word(text, "flags", "hyper"));
	assert_false(dr_proc_has_word(text, "flags", "svm"));
	assert_false(dr_proc_has_word(text, "missing", "vmx"));
}

static void counts_are_added(void **state)
{
	static const char text[] =
		"Node 0, zone DMA\n  pages free 7\n        high     10\n"
		"Node 0, zone Normal\n        high     32\n  nr_high 9\n high x\n";

	(void)state;
	assert_int_equal(dr_proc_sum(text, "high"), 42);
	assert_int_equal(dr_proc_sum(text, "low"), 0);
	assert_true(dr_proc_sum("high 18446744073709551615 high 1", "high") ==
		    UINT64_MAX);
}

static void mappings_are_known_by_their_device(void **state)
{
	static const char maps[] =
		"7f00-7f10 rw-p 00000000 00:00 0 \n"
		"7f20-7f30 rw-s 00000000 00:34 42      /run/denseram/vm1/ram0\n"
		"garbage\n7f40-";
	const unsigned int own[] = { 0, 0x34 }, other[] = { 0, 34 };

	(void)state;
	assert_true(dr_proc_maps(maps, own));
	assert_false(dr_proc_maps(maps, other));
	assert_false(dr_proc_maps("", own));
}

static void cgroups_have_a_path(void **state)
{
	char path[32];

	(void)state;
	assert_true(dr_proc_cgroup("1:name=x:/y\n0::/machine.slice/a.scope\n",
				   path, sizeof(path)));
	assert_string_equal(path, "/machine.slice/a.scope");
	assert_true(dr_proc_cgroup("0::/", path, sizeof(path)));
	assert_string_equal(path, "/");
	assert_false(dr_proc_cgroup("1:memory:/a\n", path, sizeof(path)));
	assert_false(dr_proc_cgroup("0::/../a\n", path, sizeof(path)));
	assert_false(dr_proc_cgroup("0::/a-path-that-is-longer-than-there-is-room",
				    path, sizeof(path)));
	assert_false(dr_proc_cgroup("", path, sizeof(path)));
}

static void programs_are_known_by_name(void **state)
{
	(void)state;
	assert_true(dr_proc_is_qemu("qemu-system-x86"));
	assert_true(dr_proc_is_qemu("qemu-kvm"));
	assert_true(dr_proc_is_qemu("kvm"));
	assert_false(dr_proc_is_qemu("kvm-nx-lpage-re"));
	assert_false(dr_proc_is_qemu("qemu-img"));
	assert_false(dr_proc_is_qemu(""));
}

static void arguments_follow_options(void **state)
{
	static const char line[] = "qemu\0-m\0" "4G\0--name\0vm1\0-S";

	(void)state;
	assert_string_equal(dr_proc_argument(line, sizeof(line), "-name"),
			    "vm1");
	assert_string_equal(dr_proc_argument(line, sizeof(line), "-m"), "4G");
	assert_null(dr_proc_argument(line, sizeof(line), "-S"));
	assert_null(dr_proc_argument(line, sizeof(line), "4"));
	assert_null(dr_proc_argument("", 0, "-m"));
	assert_true(dr_proc_mentions(line, sizeof(line), "4G"));
	assert_false(dr_proc_mentions(line, sizeof(line), "5G"));
}

static void check_name(const char *argument, const char *expected)
{
	char name[8];

	dr_proc_vm_name(argument, name, sizeof(name));
	assert_string_equal(name, expected);
}

static void machines_have_names(void **state)
{
	(void)state;
	check_name("vm1", "vm1");
	check_name("vm1,debug-threads=on", "vm1");
	check_name("guest=vm2,debug-threads=on", "vm2");
	check_name("debug-threads=on,guest=vm3", "vm3");
	check_name("guest=a,,b", "a,b");
	check_name("guest=a,", "a");
	check_name("a-long-name", "a-long-");
	check_name("", "");
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(fields_are_found),
		cmocka_unit_test(words_are_whole),
		cmocka_unit_test(counts_are_added),
		cmocka_unit_test(mappings_are_known_by_their_device),
		cmocka_unit_test(cgroups_have_a_path),
		cmocka_unit_test(programs_are_known_by_name),
		cmocka_unit_test(arguments_follow_options),
		cmocka_unit_test(machines_have_names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
