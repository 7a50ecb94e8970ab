// SPDX-License-Identifier: GPL-2.0-only
/*
 * Where a guest's memory is: which file of denseram each memory backend of the
 * VMM uses, and where the guest sees it. The module checks that the files are
 * the guest's own, so a VMM that lies gets nothing by it.
 */
#include "link.h"

#include "daemon.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <json-c/json.h>

static bool note_backend(struct link *link, struct json_object *entry)
{
	struct backend *backend = &link->backends[link->nr_backends];
	struct json_object *id = NULL;
	const char *name;

	if (link->nr_backends == LINK_BACKENDS ||
	    !json_object_is_type(entry, json_type_object) ||
	    !json_object_object_get_ex(entry, "id", &id) ||
	    !json_object_is_type(id, json_type_string))
		return false;
	name = json_object_get_string(id);
	if (!*name || strlen(name) >= sizeof(backend->name) ||
	    strchr(name, '/'))
		return false;
	strcpy(backend->name, name);
	backend->ino = 0;
	link->nr_backends++;
	return true;
}

int memory_take_backends(struct link *link, struct json_object *list)
{
	if (!json_object_is_type(list, json_type_array))
		return -EBADMSG;
	link->nr_backends = 0;
	link->nr_paths = 0;
	for (size_t i = 0; i < json_object_array_length(list); i++)
		note_backend(link, json_object_array_get_idx(list, i));
	if (link->nr_backends)
		link_want(link, WANT_BACKEND_PATH);
	return 0;
}

/* Inode number of a file on denseram, 0 for anything else. */
static uint64_t ino_of(const char *path)
{
	struct statfs fs;
	struct stat st;

	if (*path != '/' || stat(path, &st) || !S_ISREG(st.st_mode) ||
	    statfs(path, &fs) || (uint32_t)fs.f_type != DR_SUPER_MAGIC)
		return 0;
	return st.st_ino;
}

/* The backends are asked for in turn; @path is NULL for one without a file. */
int memory_take_path(struct link *link, const char *path)
{
	if (link->nr_paths >= link->nr_backends)
		return -EBADMSG;
	link->backends[link->nr_paths].ino = path ? ino_of(path) : 0;
	link->nr_paths++;
	return 0;
}

static uint64_t backend_ino(const struct link *link, const char *name)
{
	for (size_t i = 0; i < link->nr_backends; i++) {
		if (!strcmp(link->backends[i].name, name))
			return link->backends[i].ino;
	}
	return 0;
}

int memory_take_layout(struct link *link, const char *text)
{
	static struct piece pieces[LAYOUT_MAX];
	static struct dr_region regions[LAYOUT_MAX];
	size_t nr = layout_parse(text, pieces), used = 0;
	int err;

	for (size_t i = 0; i < nr; i++) {
		uint64_t ino = backend_ino(link, pieces[i].name);

		if (!ino)
			continue;
		regions[used++] = (struct dr_region){
			.gpa = pieces[i].gpa,
			.size = pieces[i].size,
			.ino = ino,
			.offset = pieces[i].offset,
		};
	}
	err = vm_regions(&link->vm, regions, used);
	if (err == -EINVAL)
		say(LOG_WARNING, "guest %s: the VMM tells a layout of memory that is not the guest's",
		    quoted(link->vm.name));
	return err == -EINVAL ? 0 : err;
}
