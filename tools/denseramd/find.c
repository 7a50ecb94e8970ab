// SPDX-License-Identifier: GPL-2.0-only
#include "find.h"

#include "../lib/denseram.h"
#include "bridge.h"
#include "daemon.h"
#include "domain.h"

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

static void note_link(struct link **links, const struct link_ops *ops,
		      const char *path, bool shared, int device)
{
	struct link *link = link_at(*links, path);

	if (!link && count(*links) < LINKS_MAX) {
		link = link_create(ops, path, shared, device);
		if (link) {
			link->next = *links;
			*links = link;
		}
	}
	if (link)
		link->found = true;
}

static void note_socket(struct link **links, const char *path, bool shared,
			int device)
{
	struct stat st;

	if (!stat(path, &st) && S_ISSOCK(st.st_mode))
		note_link(links, &socket_ops, path, shared, device);
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

static void note_domains(struct link **links, int device)
{
	char path[DOMAIN_PATH];

	for (size_t i = 0; i < bridge_nr_domains(); i++) {
		if (domain_path(path, bridge_domain(i)))
			note_link(links, &domain_ops, path, false, device);
	}
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

void find_links(struct link **links, const struct conf *conf, int device)
{
	for (struct link *link = *links; link; link = link->next)
		link->found = false;
	for (size_t i = 0; i < conf->nr_sockets; i++)
		note_pattern(links, &conf->sockets[i], device);
	note_domains(links, device);
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

/* Is there a guest with a VMM that nobody has a link to, but @way may lead to? */
static bool any_alone(const struct link *links, const struct conf *conf,
		      const struct dr_guest_info *guests, size_t nr,
		      enum way way)
{
	for (size_t i = 0; i < nr; i++) {
		if (guests[i].vmm_pid && !has_link(links, guests[i].id) &&
		    conf_may(conf, guests[i].name, way))
			return true;
	}
	return false;
}

/* Try what is not connected, if a guest waits for it. */
static void open_links(struct link *links, const struct link_ops *ops,
		       const struct conf *conf,
		       const struct dr_guest_info *guests, size_t nr)
{
	bool alone = any_alone(links, conf, guests, nr, ops->way);

	for (struct link *link = links; link; link = link->next) {
		if (link->ops == ops && link->fd < 0 && (alone || link->vm.id))
			link_open(link, conf, links, guests, nr);
	}
}

bool find_guests(struct link *links, const struct conf *conf, int device)
{
	struct dr_guest_info *guests;
	bool alone;
	size_t nr;

	if (dr_guests(device, &guests, &nr))
		return false;
	/* Whoever gives a guest a socket wants it used: sockets go first. */
	open_links(links, &socket_ops, conf, guests, nr);
	open_links(links, &domain_ops, conf, guests, nr);
	alone = any_alone(links, conf, guests, nr, WAY_LIBVIRT);
	free(guests);
	return alone;
}
