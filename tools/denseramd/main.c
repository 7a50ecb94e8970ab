// SPDX-License-Identifier: GPL-2.0-only
/*
 * denseramd: carries what the module wants of the guests' balloons to their
 * VMMs, and what the VMMs say back to the module. It keeps no state of its own
 * that matters: killed at any moment, it finds all it needs in the module and
 * in the VMMs when it starts again.
 */
#include "bridge.h"
#include "../lib/conf.h"
#include "daemon.h"
#include "domain.h"
#include "find.h"
#include "link.h"
#include "overhead.h"
#include "../lib/service.h"

#include "../lib/denseram.h"

#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <unistd.h>

#define CONF_PATH	"/etc/denseram/denseramd.conf"
#define NOTICES		64
#define OWN_FDS		4

/* After a guest came, its VMM maps its memory a moment later. */
#define SETTLE_MS	200

/**
 * struct daemon - all there is
 * @conf: settings
 * @conf_path: where they come from
 * @conf_optional: nobody named the file
 * @device: /dev/denseram
 * @signals: those that end or reload us
 * @links: all ways to VMMs
 * @find_at: when to look for VMMs again
 * @watchdog_ms: see service.h
 * @sign_at: when to give the next sign of life
 * @stop: a signal told us to
 */
struct daemon {
	struct conf conf;
	const char *conf_path;
	bool conf_optional;
	int device;
	int signals;
	struct link *links;
	uint64_t find_at;
	uint64_t watchdog_ms;
	uint64_t sign_at;
	bool stop;
};

static void usage(FILE *to)
{
	fputs("Usage: denseramd [-c FILE] [-t] [-v]\n\n"
	      "Carries balloon targets to the VMMs of guests on denseram.\n"
	      "  -c FILE    settings (" CONF_PATH ")\n"
	      "  -t         check the settings and end\n"
	      "  -v         tell more; twice: everything\n"
	      "  --version  print the version\n"
	      "  --help     this text\n", to);
}

static int open_signals(void)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGHUP);
	sigprocmask(SIG_BLOCK, &set, NULL);
	signal(SIGPIPE, SIG_IGN);
	return signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
}

static int open_module(int *device)
{
	struct dr_version version;
	int err = dr_open(device, &version);

	switch (-err) {
	case 0:
		return fcntl(*device, F_SETFL, O_NONBLOCK) ? -errno : 0;
	case EPROTO:
		say(LOG_ERROR, "the module speaks ABI %u, this program ABI %u; install both from one version",
		    version.abi, DR_ABI_VERSION);
		return err;
	default:
		say(LOG_ERROR, "opening %s: %s; is the module loaded?",
		    DR_DEVICE, strerror(-err));
		return err;
	}
}

/* A guest's number is enough: what is wanted of it is read when it is sent. */
static void take_notice(struct daemon *d, const struct dr_notice *notice,
			uint64_t woken_us)
{
	if (notice->kind == DR_NOTICE_LIST)
		d->find_at = now_ms() + SETTLE_MS;
	if (notice->kind != DR_NOTICE_WANTED)
		return;
	for (struct link *link = d->links; link; link = link->next) {
		if (link->vm.id == notice->id)
			link_target(link, woken_us);
	}
	/* Shared sockets are opened by the search for guests. */
	for (struct link *link = d->links; link; link = link->next) {
		if (link->vm.id == notice->id && link->fd < 0)
			d->find_at = 0;
	}
}

static void read_notices(struct daemon *d)
{
	struct dr_notice notices[NOTICES];
	uint64_t woken_us = now_us();
	ssize_t len = read(d->device, notices, sizeof(notices));

	for (ssize_t i = 0; i < len / (ssize_t)sizeof(notices[0]); i++)
		take_notice(d, &notices[i], woken_us);
}

/* A file with a mistake in it changes nothing. */
static void reload(struct daemon *d)
{
	struct conf conf;

	if (conf_load(&conf, d->conf_path, d->conf_optional)) {
		say(LOG_ERROR, "the settings stay as they were");
		return;
	}
	if (strcmp(conf.libvirt, d->conf.libvirt))
		bridge_stop();
	bridge_reset();
	d->conf = conf;
	d->find_at = 0;
	say(LOG_INFO, "settings read again");
}

static void read_signals(struct daemon *d)
{
	struct signalfd_siginfo info;

	while (read(d->signals, &info, sizeof(info)) == sizeof(info)) {
		if (info.ssi_signo == SIGHUP)
			reload(d);
		else
			d->stop = true;
	}
}

static bool uses_libvirt(const struct daemon *d)
{
	for (const struct link *link = d->links; link; link = link->next) {
		if (link->ops == &domain_ops && link->fd >= 0)
			return true;
	}
	return false;
}

/* libvirt's guests come later: @ask it for them; it may take its time. */
static void find(struct daemon *d, bool ask)
{
	const char *uri = domain_uri(&d->conf);
	bool alone;

	find_links(&d->links, &d->conf, d->device);
	alone = find_guests(d->links, &d->conf, d->device);
	if (!uri || !(alone || uses_libvirt(d)))
		bridge_stop();
	else if (alone && ask)
		bridge_list(uri, &d->conf);
	d->find_at = now_ms() + d->conf.rescan_s * UINT64_C(1000);
}

static size_t count_tied(const struct daemon *d)
{
	size_t nr = 0;

	for (const struct link *link = d->links; link; link = link->next)
		nr += !!link->vm.id;
	return nr;
}

static void give_sign(struct daemon *d, uint64_t now)
{
	service_notify("WATCHDOG=1\nSTATUS=%zu guests; %llu requests, the last took %llu us, the longest %llu us",
		       count_tied(d), (unsigned long long)latency.nr,
		       (unsigned long long)latency.last_us,
		       (unsigned long long)latency.most_us);
	d->sign_at = now + (d->watchdog_ms ? d->watchdog_ms : 10000);
}

static void tick(struct daemon *d)
{
	uint64_t now = now_ms();

	for (struct link *link = d->links; link; link = link->next) {
		if (now >= link_due(link))
			link_tick(link, &d->conf);
	}
	if (bridge_tick() || now >= d->find_at)
		find(d, true);
	if (now >= d->sign_at)
		give_sign(d, now);
	overhead_tick(&d->conf, d->device);
}

static int next_timeout(const struct daemon *d)
{
	uint64_t due = d->find_at < d->sign_at ? d->find_at : d->sign_at;
	uint64_t now = now_ms();

	if (bridge_due() < due)
		due = bridge_due();
	if (overhead_due() < due)
		due = overhead_due();
	for (const struct link *link = d->links; link; link = link->next) {
		if (link_due(link) < due)
			due = link_due(link);
	}
	return due <= now ? 0 : (int)(due - now);
}

/* Fill @fds and @who; the first four are our own, -1 is passed over. */
static nfds_t gather(struct daemon *d, struct pollfd *fds, struct link **who,
		     size_t room)
{
	nfds_t nr = OWN_FDS;

	fds[0] = (struct pollfd){ .fd = d->device, .events = POLLIN };
	fds[1] = (struct pollfd){ .fd = d->signals, .events = POLLIN };
	fds[2] = (struct pollfd){ .fd = bridge_fd(), .events = POLLIN };
	fds[3] = (struct pollfd){ .fd = overhead_fd(), .events = POLLIN };
	for (struct link *link = d->links; link && nr < room;
	     link = link->next) {
		if (link->fd < 0)
			continue;
		fds[nr] = (struct pollfd){ .fd = link->fd, .events = POLLIN };
		who[nr++] = link;
	}
	return nr;
}

/* Links are freed by find() alone, so those of @who live during a round. */
static int round_of(struct daemon *d)
{
	static struct pollfd fds[4096 + OWN_FDS];
	static struct link *who[4096 + OWN_FDS];
	nfds_t nr = gather(d, fds, who, sizeof(fds) / sizeof(fds[0]));

	if (poll(fds, nr, next_timeout(d)) < 0)
		return errno == EINTR ? 0 : -errno;
	if (fds[0].revents)
		read_notices(d);
	if (fds[1].revents)
		read_signals(d);
	for (nfds_t i = OWN_FDS; i < nr; i++) {
		if (fds[i].revents && who[i]->fd == fds[i].fd)
			link_readable(who[i], &d->conf);
	}
	if (fds[2].revents && bridge_fd() == fds[2].fd && bridge_readable())
		find(d, false);
	if (fds[3].revents && overhead_fd() == fds[3].fd)
		overhead_readable();
	tick(d);
	return 0;
}

static int run(struct daemon *d)
{
	int err = 0;

	d->watchdog_ms = service_watchdog_ms();
	find(d, true);
	service_notify("READY=1");
	say(LOG_INFO, "ready");
	while (!d->stop && !err)
		err = round_of(d);
	service_notify("STOPPING=1");
	while (d->links) {
		struct link *link = d->links;

		d->links = link->next;
		vm_untie(&link->vm);
		link_destroy(link);
	}
	bridge_stop();
	if (err)
		say(LOG_ERROR, "poll: %s", strerror(-err));
	return err;
}

static int start(struct daemon *d)
{
	int err = open_module(&d->device);

	if (err)
		return 1;
	d->signals = open_signals();
	if (d->signals < 0) {
		say(LOG_ERROR, "signalfd: %s", strerror(errno));
		return 1;
	}
	overhead_start();
	/* Sockets of VMMs belong to many users. */
	err = service_drop_privileges(SERVICE_CAP(CAP_DAC_OVERRIDE));
	if (err) {
		say(LOG_ERROR, "dropping privileges: %s", strerror(-err));
		return 1;
	}
	return run(d) ? 1 : 0;
}

int main(int argc, char **argv)
{
	static const struct option options[] = {
		{ "help", no_argument, NULL, 'h' },
		{ "version", no_argument, NULL, 'V' },
		{ 0 },
	};
	struct daemon d = { .conf_path = CONF_PATH, .conf_optional = true };
	bool only_check = false;
	int c;

	log_plain = !getenv("JOURNAL_STREAM");
	while ((c = getopt_long(argc, argv, "c:tvh", options, NULL)) != -1) {
		switch (c) {
		case 'c':
			d.conf_path = optarg;
			d.conf_optional = false;
			break;
		case 't':
			only_check = true;
			break;
		case 'v':
			log_level = LOG_DEBUG;
			break;
		case 'h':
			usage(stdout);
			return 0;
		case 'V':
			puts("denseramd " DR_TOOLS_VERSION);
			return 0;
		default:
			usage(stderr);
			return 2;
		}
	}
	if (optind < argc) {
		usage(stderr);
		return 2;
	}
	if (conf_load(&d.conf, d.conf_path, d.conf_optional))
		return 2;
	return only_check ? 0 : start(&d);
}
