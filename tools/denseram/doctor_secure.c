// SPDX-License-Identifier: GPL-2.0-only
/* "denseram doctor": Secure Boot, and whether the module may be loaded. */
#include "doctor.h"
#include "doctor_module.h"
#include "../lib/signature.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define EFIVARS		"/sys/firmware/efi/efivars"
#define SECURE_BOOT	EFIVARS "/SecureBoot-8be4df61-93ca-11d2-aa0d-00e098032b8c"
#define ENROLLED	EFIVARS "/MokListRT-605dab50-e046-4300-abb6-3dd810dd8b23"

/* Where DKMS of Debian and of Ubuntu has the key it signs with. */
static const char *const certs[] = {
	"/var/lib/dkms/mok.pub", "/var/lib/shim-signed/mok/MOK.der",
};

/* A machine without EFI has none. */
static bool boots_securely(const struct doctor *d)
{
	char *bytes;
	size_t len;
	bool on;

	if (dr_tree_text(&d->tree, &bytes, &len, SECURE_BOOT))
		return false;
	on = dr_secure_boot(bytes, len) == 1;
	free(bytes);
	return on;
}

static bool is_locked_down(const struct doctor *d)
{
	char line[DR_TREE_LINE];

	/* "none [integrity] confidentiality" */
	return !dr_tree_line(&d->tree, line, "/sys/kernel/security/lockdown") &&
	       strchr(line, '[') && !strstr(line, "[none]");
}

static bool insists(const struct doctor *d)
{
	char line[DR_TREE_LINE];

	return is_locked_down(d) ||
	       (!dr_tree_line(&d->tree, line,
			      "/sys/module/module/parameters/sig_enforce") &&
		*line == 'Y');
}

static void look_secure_boot(struct doctor *d)
{
	bool on = boots_securely(d), enforced = insists(d);

	if (!on && !enforced)
		fine(d, "off, and the kernel takes modules without a signature");
	else if (d->loaded)
		fine(d, "the kernel has taken the module");
	else
		mend(find(d, SEVERITY_NOTE, NULL,
			  "Secure Boot is %s; the kernel %s signed modules",
			  on ? "on" : "off",
			  enforced ? "insists on" : "does not insist on"),
		     "sign the module with an enrolled key, as module-signature and module-key say; mokutil --sb-state tells the state");
}

static void look_file(struct doctor *d, const struct module *module)
{
	char *bytes;
	size_t len = strlen(module->path);
	int err;
	bool good;

	if (strcmp(module->path + len - 3, ".ko")) {
		unknown(d, "the module is compressed: modinfo -F signer denseram tells who signed it");
		return;
	}
	err = dr_tree_text(&d->tree, &bytes, &len, "%s", module->path);
	if (err) {
		unknown_errno(d, module->path, err);
		return;
	}
	good = dr_is_signed(bytes, len);
	free(bytes);
	if (good)
		fine(d, "%s is signed", module->path);
	else
		mend(find(d, SEVERITY_ERROR, NULL, "%s is not signed",
			  module->path),
		     "dkms generate_mok && mokutil --import /var/lib/dkms/mok.pub, restart, then: dkms build --force denseram/%s && dkms install --force denseram/%s",
		     DR_TOOLS_VERSION, DR_TOOLS_VERSION);
}

static void look_signature(struct doctor *d)
{
	struct module module;

	if (!insists(d))
		fine(d, "not needed");
	else if (d->loaded)
		fine(d, "the kernel has taken it");
	else if (!find_module(d, &module))
		unknown(d, "the module is not installed");
	else
		look_file(d, &module);
}

/* No list is as good as an empty one: nobody has enrolled a key. */
static int is_known(const struct doctor *d, const char *cert)
{
	char *list, *bytes;
	size_t list_len, len;
	int err = dr_tree_text(&d->tree, &bytes, &len, "%s", cert);

	if (err)
		return err;
	err = dr_tree_text(&d->tree, &list, &list_len, ENROLLED);
	if (!err) {
		err = dr_is_enrolled(list, list_len, bytes, len);
		free(list);
	} else if (err == -ENOENT) {
		err = 0;
	}
	free(bytes);
	return err;
}

static void look_cert(struct doctor *d, const char *cert)
{
	int known = is_known(d, cert);

	if (known < 0)
		unknown_errno(d, cert, known);
	else if (known)
		fine(d, "%s is enrolled", cert);
	else
		mend(find(d, SEVERITY_ERROR, NULL,
			  "%s, which signs modules, is not enrolled", cert),
		     "mokutil --import %s, restart, and confirm in the menu that comes up",
		     cert);
}

static void look_key(struct doctor *d)
{
	if (!insists(d)) {
		fine(d, "not needed");
		return;
	}
	if (d->loaded) {
		fine(d, "the kernel has taken the module");
		return;
	}
	for (size_t i = 0; i < ARRAY_SIZE(certs); i++) {
		if (dr_tree_has(&d->tree, "%s", certs[i])) {
			look_cert(d, certs[i]);
			return;
		}
	}
	mend(find(d, SEVERITY_ERROR, NULL, "DKMS has no key to sign with"),
	     "dkms generate_mok && mokutil --import /var/lib/dkms/mok.pub, restart, and confirm in the menu that comes up");
}

static const struct check checks[] = {
	{ "secure-boot", "with Secure Boot kernels take signed modules alone",
	  false, look_secure_boot },
	{ "module-signature", "a kernel that insists on signatures refuses a module without",
	  false, look_signature },
	{ "module-key", "a signature counts when its key is enrolled", false,
	  look_key },
};

const struct check_group secure_checks = {
	.title = "secure boot",
	.checks = checks,
	.nr = ARRAY_SIZE(checks),
};
