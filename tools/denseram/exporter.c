// SPDX-License-Identifier: GPL-2.0-only
/* "denseram exporter": metrics for Prometheus, over HTTP. */
#include "http.h"
#include "verbs.h"
#include "../lib/service.h"
#include "../lib/address.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* Free in Prometheus' list of ports; loopback, because nobody is asked who he is. */
#define LISTEN	"127.0.0.1:10170"

static int bind_to(int fd, const union dr_address *address)
{
	const int on = 1;

	/* One that is started again does not wait for what the last one left. */
	if (setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on)) ||
	    bind(fd, &address->any, dr_address_len(address)) ||
	    listen(fd, SOMAXCONN))
		return -errno;
	return 0;
}

/* Its address changes to what it is, if its port was 0. */
static int open_listener(union dr_address *address, int *fd)
{
	socklen_t len = sizeof(*address);
	int err;

	*fd = socket(address->any.sa_family,
		     SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (*fd < 0)
		return -errno;
	err = bind_to(*fd, address);
	if (!err && getsockname(*fd, &address->any, &len))
		err = -errno;
	if (err)
		close(*fd);
	return err;
}

/* The server's thread has them blocked, too: they come to us, when we wait. */
static void block_signals(sigset_t *set)
{
	sigemptyset(set);
	sigaddset(set, SIGTERM);
	sigaddset(set, SIGINT);
	sigprocmask(SIG_BLOCK, set, NULL);
	signal(SIGPIPE, SIG_IGN);
}

static int serve(int listener, const char *where)
{
	struct scrapes scrapes = { 0 };
	struct MHD_Daemon *server;
	sigset_t signals;
	int sig;

	block_signals(&signals);
	server = http_start(listener, &scrapes);
	if (!server) {
		close(listener);
		return fail("starting the server: %s", strerror(errno));
	}
	printf("http://%s/metrics\n", where);
	fflush(stdout);
	service_notify("READY=1\nSTATUS=http://%s/metrics", where);
	sigwait(&signals, &sig);
	service_notify("STOPPING=1");
	http_stop(server);
	return EXIT_OK;
}

static int run_exporter(const struct verb *self, int argc, char **argv)
{
	const struct dr_flag flags[] = { { NULL, NULL } };
	char where[DR_ADDRESS_TEXT];
	union dr_address address;
	const char *text;
	int fd, err;

	if (dr_args_option(&argc, argv, "--listen", &text))
		return fail_usage(self, "--listen needs an address");
	err = take_operands(self, argc, argv, flags, 0);
	if (err)
		return err;
	text = text ? text : LISTEN;
	if (dr_address_parse(text, &address))
		return fail_usage(self, "--listen '%s': no address and port such as 127.0.0.1:10170 or [::1]:10170",
				  text);
	err = open_listener(&address, &fd);
	if (err)
		return fail("listening on %s: %s", text, strerror(-err));
	/* The device is its owner's to open, which needs none of them. */
	err = service_drop_privileges(0);
	if (err)
		return fail_errno("dropping privileges", err);
	return serve(fd, dr_address_format(&address, where));
}

const struct verb verb_exporter = {
	.name = "exporter",
	.operands = "[--listen ADDR:PORT]",
	.summary = "the same for Prometheus to ask for, over HTTP",
	.help =
	"Answers http://ADDR:PORT/metrics until SIGTERM or SIGINT. Each answer is collected\n"
	"anew; while the module is not loaded, denseram_up is 0.\n"
	"\n"
	"  --listen ADDR:PORT  where to, 127.0.0.1:10170 without it; [::1]:10170 is IPv6.\n"
	"                      Nobody is asked who he is: keep it to loopback or to a\n"
	"                      network that may know the names of guests. Port 0 is any\n"
	"                      free one, which is printed\n",
	.run = run_exporter,
};
