// SPDX-License-Identifier: GPL-2.0-only
#include "find.h"

#include "../lib/denseram.h"
#include "daemon.h"

#include <glob.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

/* No host has more VMMs; a directory that fills up must not fill us. */
#define LINKS_MAX	4096

static struct link *link_at(struct link *links, const char *path)
{
	while (links && strcmp(links->path, path))
		links = links->next;
	return links;
}

static size_t count(const struct link *links)
{
	size_t nr = 0;

	for (; links; links = links->next)
		nr++;
	return nr;
}

static void note_socket(struct link **links, const char *path, bool shared,
			int device)
{
	struct link *link = link_at(*links, path);
	struct stat st;

	if (stat(path, &st) || !S_ISSOCK(st.st_mode))
		return;
	if (!link && count(*links) < LINKS_MAX) {
		link = link_create(path, shared, device);
		if (link) {
			link->next = *links;
			*links = link;
		}
	}
	if (link)
		link->found = true;
}

static void note_pattern(struct link **links, const struct conf_socket *s,
			 int device)
{
	glob_t found;

	if (glob(s->pattern, GLOB_NOSORT, NULL, &found))
		return;
	for (size_t i = 0; i < found.gl_pathc; i++)
		note_socket(links, found.gl_pathv[i], s->shared, device);
	globfree(&found);
}

/* A socket without a name may still be one's VMM: only closed ones go. */
static void forget_lost(struct link **links)
{
	while (*links) {
		struct link *link = *links;

		if (link->found || link->fd >= 0) {
			links = &link->next;
			continue;
		}
		*links = link->next;
		vm_untie(&link->vm);
		link_destroy(link);
	}
}

void find_sockets(struct link **links, const struct conf *conf, int device)
{
	for (struct link *link = *links; link; link = link->next)
		link->found = false;
	for (size_t i = 0; i < conf->nr_sockets; i++)
		note_pattern(links, &conf->sockets[i], device);
	forget_lost(links);
}

static bool has_link(const struct link *links, uint64_t id)
{
	for (; links; links = links->next) {
		if (links->vm.id == id)
			return true;
	}
	return false;
}

/* Is there a guest with a VMM that nobody has a link to? */
static bool any_alone(const struct link *links,
		      const struct dr_guest_info *guests, size_t nr)
{
	for (size_t i = 0; i < nr; i++) {
		if (guests[i].vmm_pid && !has_link(links, guests[i].id))
			return true;
	}
	return false;
}

void find_guests(struct link *links, const struct conf *conf, int device)
{
	struct dr_guest_info *guests;
	uint64_t now = now_ms();
	bool alone;
	size_t nr;

	if (dr_guests(device, &guests, &nr))
		return;
	alone = any_alone(links, guests, nr);
	for (struct link *link = links; link; link = link->next) {
		if (link->fd < 0 && now >= link->retry_at &&
		    (alone || link->vm.id))
			link_open(link, conf, links, guests, nr);
	}
	free(guests);
}
