// SPDX-License-Identifier: GPL-2.0-only
#include "test.h"
#include "../lib/conf.h"

#include <stdbool.h>
#include <string.h>

static void good_lines(void **state)
{
	struct conf conf;

	(void)state;
	conf_defaults(&conf);
	conf.nr_sockets = 0;
	assert_null(conf_line(&conf, ""));
	assert_null(conf_line(&conf, "  # a comment = 1"));
	assert_null(conf_line(&conf, "qmp = /run/guests/*/qmp"));
	assert_null(conf_line(&conf, "\tqmp-shared=/run/qemu-server/*.qmp  "));
	assert_null(conf_line(&conf, "way = vm-*\tnone"));
	assert_null(conf_line(&conf, "way = other none"));
	assert_null(conf_line(&conf, "way = sock* qmp"));
	assert_null(conf_line(&conf, "way = virt* libvirt"));
	assert_null(conf_line(&conf, "libvirt = qemu:///session"));
	assert_null(conf_line(&conf, "libvirt-pids = /run/user/0/x"));
	assert_null(conf_line(&conf, "poll=8"));
	assert_null(conf_line(&conf, "repeat = 0"));
	assert_int_equal(conf.overhead, OVERHEAD_SHORT);
	assert_null(conf_line(&conf, "overhead = always"));
	assert_int_equal(conf.overhead, OVERHEAD_ALWAYS);
	assert_null(conf_line(&conf, "overhead = keep"));
	assert_int_equal(conf.nr_sockets, 2);
	assert_string_equal(conf.sockets[0].pattern, "/run/guests/*/qmp");
	assert_false(conf.sockets[0].shared);
	assert_string_equal(conf.sockets[1].pattern, "/run/qemu-server/*.qmp");
	assert_true(conf.sockets[1].shared);
	assert_int_equal(conf.poll_s, 8);
	assert_int_equal(conf.repeat_s, 0);
	assert_int_equal(conf.overhead, OVERHEAD_KEEP);
	assert_int_equal(conf_way(&conf, "vm-7"), WAY_NONE);
	assert_int_equal(conf_way(&conf, "other"), WAY_NONE);
	assert_int_equal(conf_way(&conf, "third"), WAY_ANY);
	assert_string_equal(conf.libvirt, "qemu:///session");
	assert_string_equal(conf.libvirt_pids, "/run/user/0/x");
	assert_null(conf_line(&conf, "libvirt = off"));
	assert_string_equal(conf.libvirt, "off");
}

static void ways(void **state)
{
	static const struct {
		const char *name;
		bool qmp;
		bool libvirt;
	} rows[] = {
		{ "sock1", true, false },
		{ "virt1", false, true },
		{ "none1", false, false },
		{ "other", true, true },
	};
	struct conf conf;

	(void)state;
	conf_defaults(&conf);
	conf_line(&conf, "way = sock* qmp");
	conf_line(&conf, "way = virt* libvirt");
	conf_line(&conf, "way = none* none");
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		assert_int_equal(conf_may(&conf, rows[i].name, WAY_QMP),
				 rows[i].qmp);
		assert_int_equal(conf_may(&conf, rows[i].name, WAY_LIBVIRT),
				 rows[i].libvirt);
	}
}

static void bad_lines(void **state)
{
	static const char *const lines[] = {
		"qmp", "=", "= x", "qmp =", "qmp = relative/path", "poll = 0",
		"poll = 9", "poll = x", "poll = 99999999999999999999",
		"nonsense = 1", "way = vm1", "way = vm1 telepathy", "way =",
		"QMP = /run/x", "timeout = 601", "rescan=-1", "libvirt =",
		"libvirt = yes", "libvirt = qemu+ssh://far/system",
		"libvirt = xen:///system", "libvirt-pids = run/x",
	};
	struct conf conf, before;

	(void)state;
	conf_defaults(&conf);
	before = conf;
	for (size_t i = 0; i < sizeof(lines) / sizeof(*lines); i++)
		assert_non_null(conf_line(&conf, lines[i]));
	assert_memory_equal(&conf, &before, sizeof(conf));
}

static void nothing_overflows(void **state)
{
	char line[4 * CONF_TEXT];
	struct conf conf;

	(void)state;
	conf_defaults(&conf);
	for (size_t len = 1; len < sizeof(line) - 8; len++) {
		memset(line, '/', sizeof(line));
		memcpy(line, "qmp = ", 6);
		line[6 + len] = '\0';
		conf.nr_sockets = 0;
		assert_int_equal(!conf_line(&conf, line), len < CONF_TEXT);
	}
	for (int i = 0; i < 2 * CONF_MAX; i++) {
		conf_line(&conf, "qmp = /x");
		conf_line(&conf, "way = x qmp");
	}
	assert_int_equal(conf.nr_sockets, CONF_MAX);
	assert_int_equal(conf.nr_ways, CONF_MAX);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(good_lines),
		cmocka_unit_test(ways),
		cmocka_unit_test(bad_lines),
		cmocka_unit_test(nothing_overflows),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
