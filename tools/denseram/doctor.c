// SPDX-License-Identifier: GPL-2.0-only
/* "denseram doctor": what is wrong with a host, and what mends it. */
#include "doctor.h"
#include "verbs.h"

#include <stdio.h>
#include <string.h>

const struct check_group *const check_groups[] = {
	&kernel_checks,
	&secure_checks,
	&kvm_checks,
	&qemu_checks,
	&mount_checks,
	&access_checks,
	&daemon_checks,
	&guest_checks,
	&balloon_checks,
	&paging_checks,
	&host_checks,
	&cgroup_checks,
	NULL,
};

static void run_check(struct doctor *d, const struct check_group *group,
		      const struct check *check)
{
	d->group = group;
	d->check = check;
	if (check->of_module && !d->loaded)
		unknown(d, "the module is not loaded");
	else
		check->look(d);
}

static void run_checks(struct doctor *d)
{
	for (const struct check_group *const *g = check_groups; *g; g++) {
		for (size_t i = 0; i < (*g)->nr; i++)
			run_check(d, *g, &(*g)->checks[i]);
	}
}

static int print_list(void)
{
	for (const struct check_group *const *g = check_groups; *g; g++) {
		for (size_t i = 0; i < (*g)->nr; i++)
			printf("%-17s %s\n", (*g)->checks[i].id,
			       (*g)->checks[i].why);
	}
	return EXIT_OK;
}

static int visit(const char *root, bool json)
{
	struct doctor d = { .release = "" };
	int err = dr_tree_open(&d.tree, root);

	if (err)
		return fail("%s: %s", root, strerror(-err));
	doctor_collect(&d);
	run_checks(&d);
	if (json)
		err = print_doctor_json(&d);
	else
		print_doctor(&d);
	if (!err && doctor_worst(&d) >= SEVERITY_WARNING)
		err = EXIT_FAILED;
	doctor_free(&d);
	return err;
}

static int run_doctor(const struct verb *self, int argc, char **argv)
{
	bool json = false, list = false;
	const struct dr_flag flags[] = {
		{ "--json", &json }, { "--list", &list }, { NULL, NULL },
	};
	const char *root;
	int err;

	if (dr_args_option(&argc, argv, "--root", &root))
		return fail_usage(self, "--root needs a directory");
	err = take_operands(self, argc, argv, flags, 0);
	if (err)
		return err;
	if (list && (json || root))
		return fail_usage(self, "--list goes alone");
	return list ? print_list() : visit(root, json);
}

const struct verb verb_doctor = {
	.name = "doctor",
	.operands = "[--json] [--root DIR] | --list",
	.summary = "what is wrong with this host, and what mends it",
	.help =
	"Looks at kernel, module, Secure Boot, KVM, QEMU, mounts, permissions, daemon,\n"
	"guests, paging and the host, and changes nothing. What is wrong comes with the\n"
	"command, or the line of a file, that mends it. Needs neither the module nor\n"
	"root; what only root can see is told to be unknown.\n"
	"\n"
	"  --json      as JSON\n"
	"  --root DIR  look at /proc, /sys, /etc, /dev and so on below DIR: a support\n"
	"              bundle, or what a test made up\n"
	"  --list      the checks, and what they are for\n"
	"\n"
	"Exit status: 0 when there is no error and no warning, else 1.\n",
	.run = run_doctor,
};
