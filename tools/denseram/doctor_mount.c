// SPDX-License-Identifier: GPL-2.0-only
/* "denseram doctor": the mounts of the file system. */
#include "doctor.h"
#include "doctor_module.h"
#include "../lib/quote.h"
#include "../lib/units.h"

#include <errno.h>
#include <string.h>

/* A mount in a command. One that cannot be written there gets a word for it. */
static const char *word_of(const struct dr_mounted *mount, char *text,
			   size_t size)
{
	return dr_quote(mount->path, text, size) ?: "MOUNT";
}

static void look_there(struct doctor *d)
{
	if (d->nr_mounts)
		fine(d, "%s", d->mounts[0].path);
	else
		mend(find(d, SEVERITY_ERROR, NULL,
			  "the file system is mounted nowhere"),
		     "mkdir -p " USUAL_MOUNT " && mount -t denseram none " USUAL_MOUNT);
}

static void look_mode(struct doctor *d, const struct dr_mounted *mount)
{
	char text[DR_MOUNT_TEXT + 2];
	struct stat st;
	int err = dr_tree_stat(&d->tree, &st, "%s", mount->path);

	if (err)
		unknown_errno(d, mount->path, err);
	else if (st.st_mode & 0002)
		mend(find(d, SEVERITY_WARNING, mount->path,
			  "mode %04o: everyone can make guests",
			  st.st_mode & 07777),
		     "chmod o-w %s", word_of(mount, text, sizeof(text)));
	else if (!(st.st_mode & 0011) && !st.st_uid)
		mend(find(d, SEVERITY_NOTE, mount->path,
			  "mode %04o: a QEMU that does not run as root cannot get in",
			  st.st_mode & 07777),
		     "chmod a+x %s", word_of(mount, text, sizeof(text)));
}

static void each_mount(struct doctor *d,
		       void (*look)(struct doctor *d,
				    const struct dr_mounted *mount))
{
	for (size_t i = 0; i < d->nr_mounts; i++)
		look(d, &d->mounts[i]);
	if (!has_found(d))
		fine(d, "%zu mounts", d->nr_mounts);
}

static void look_access(struct doctor *d)
{
	each_mount(d, look_mode);
}

static uint64_t guests_size(const struct doctor *d)
{
	uint64_t sum = 0;

	for (size_t i = 0; i < d->nr_guests; i++)
		sum += d->guests[i].size;
	return sum;
}

/* With several mounts it is not known which guests are on which. */
static void look_size(struct doctor *d, const struct dr_mounted *mount)
{
	char value[32], text[DR_MOUNT_TEXT + 2];
	char limit_text[DR_SIZE_TEXT], size_text[DR_SIZE_TEXT];
	uint64_t limit, size = guests_size(d);

	if (d->nr_mounts != 1 ||
	    !dr_mount_option(mount->options, "size", value, sizeof(value)) ||
	    dr_size_parse(value, &limit) || !limit || limit >= size)
		return;
	mend(find(d, SEVERITY_WARNING, mount->path,
		  "size=%s, but its guests have %s",
		  dr_size_format(limit, limit_text),
		  dr_size_format(size, size_text)),
	     "mount -o remount,size=0 %s", word_of(mount, text, sizeof(text)));
}

static void look_huge(struct doctor *d, const struct dr_mounted *mount)
{
	char value[32], text[DR_MOUNT_TEXT + 2];

	if (dr_mount_option(mount->options, "huge", value, sizeof(value)) &&
	    !strcmp(value, "never"))
		mend(find(d, SEVERITY_WARNING, mount->path,
			  "huge=never: guests get no blocks of 2 MiB"),
		     "mount -o remount,huge=always %s",
		     word_of(mount, text, sizeof(text)));
}

static void look_options_of(struct doctor *d, const struct dr_mounted *mount)
{
	look_size(d, mount);
	look_huge(d, mount);
}

static void look_options(struct doctor *d)
{
	each_mount(d, look_options_of);
}

static void look_share_of(struct doctor *d, const struct dr_mounted *mount)
{
	char value[32], text[DR_MOUNT_TEXT + 2];

	if (dr_mount_option(mount->options, "share", value, sizeof(value)) &&
	    !strcmp(value, "all"))
		mend(find(d, SEVERITY_NOTE, mount->path,
			  "share=all: guests of all owners share pages"),
		     "unless all guests trust each other: mount -o remount,share=domain %s",
		     word_of(mount, text, sizeof(text)));
}

static void look_share(struct doctor *d)
{
	each_mount(d, look_share_of);
}

static void look_boot(struct doctor *d)
{
	if (mounted_at_boot(d))
		fine(d, "mounted when the host starts");
	else
		mend(find(d, SEVERITY_NOTE, NULL,
			  "nothing mounts the file system when the host starts"),
		     "in /etc/fstab: none %s denseram defaults 0 0",
		     mount_word(d));
}

static const struct check checks[] = {
	{ "mount-there", "guests' RAM are files in it", true, look_there },
	{ "mount-access", "who can write there can make guests, and who cannot get in has none",
	  true, look_access },
	{ "mount-options", "a guest that reaches size= gets SIGBUS; one without blocks is slower",
	  true, look_options },
	{ "mount-share", "a guest can find out what pages those have with whom it shares",
	  true, look_share },
	{ "mount-boot", "guests do not start before it is mounted", false,
	  look_boot },
};

const struct check_group mount_checks = {
	.title = "mounts",
	.checks = checks,
	.nr = ARRAY_SIZE(checks),
};
