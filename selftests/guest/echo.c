// SPDX-License-Identifier: GPL-2.0-only
/*
 * A stream through vhost-net or vhost-vsock: blocks of known bytes go to an
 * echo server on the host and must come back unharmed. The host side reads
 * and writes guest RAM from a thread of its own.
 */
#include <arpa/inet.h>
#include <linux/vm_sockets.h>
#include <net/if.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "workload.h"

#define BLOCK_PAGES	16
#define BLOCK		(BLOCK_PAGES * UNIT_PAGE)
#define BLOCKS		32	/* places in memory used in turn */

atomic_size_t echoed_bytes;

static int set_address(const char *address)
{
	struct sockaddr_in in = { .sin_family = AF_INET };
	struct ifreq ifr = { .ifr_name = "eth0" };
	int err, fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	if (fd < 0 || inet_pton(AF_INET, address, &in.sin_addr) != 1)
		return -1;
	memcpy(&ifr.ifr_addr, &in, sizeof(in));
	err = ioctl(fd, SIOCSIFADDR, &ifr);
	ifr.ifr_flags = IFF_UP | IFF_RUNNING;
	err = err ? err : ioctl(fd, SIOCSIFFLAGS, &ifr);
	close(fd);
	return err;
}

static int connect_vsock(unsigned int port)
{
	struct sockaddr_vm vm = {
		.svm_family = AF_VSOCK,
		.svm_cid = VMADDR_CID_HOST,
		.svm_port = port,
	};
	int fd = socket(AF_VSOCK, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (fd >= 0 && connect(fd, (struct sockaddr *)&vm, sizeof(vm))) {
		close(fd);
		return -1;
	}
	return fd;
}

static int connect_tcp(const char *host, unsigned int port)
{
	struct sockaddr_in in = {
		.sin_family = AF_INET,
		.sin_port = htons(port),
	};
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (inet_pton(AF_INET, host, &in.sin_addr) == 1 && fd >= 0 &&
	    !connect(fd, (struct sockaddr *)&in, sizeof(in)))
		return fd;
	if (fd >= 0)
		close(fd);
	return -1;
}

/* "vsock:PORT" or "tcp:HOST:PORT" */
static int connect_to(const char *where)
{
	unsigned int port;
	char host[32];
	int fd = -1, tries;

	for (tries = 0; fd < 0 && tries < 50; tries++) {
		if (tries)
			usleep(200000);
		if (sscanf(where, "vsock:%u", &port) == 1)
			fd = connect_vsock(port);
		else if (sscanf(where, "tcp:%31[^:]:%u", host, &port) == 2)
			fd = connect_tcp(host, port);
	}
	return fd;
}

static int move_all(int fd, unsigned char *mem, size_t bytes, bool out)
{
	while (bytes) {
		ssize_t n = out ? send(fd, mem, bytes, MSG_NOSIGNAL) :
				  recv(fd, mem, bytes, 0);

		if (n <= 0)
			return -1;
		mem += n;
		bytes -= n;
	}
	return 0;
}

static void check_block(const unsigned char *mem, uint32_t round,
			uint64_t seed)
{
	size_t i;

	for (i = 0; i < BLOCK_PAGES; i++) {
		struct desc d = { .id = i, .ver = round, .kind = KIND_UNIQUE };
		struct pattern p = pattern_of(d, seed);
		const uint64_t *unit = (const uint64_t *)(mem + i * UNIT_PAGE);
		long word = pattern_check(unit, UNIT_PAGE / 8, d, seed);

		if (word >= 0)
			report_bad(unit, d, word * 8, pattern_word(&p, word),
				   unit);
	}
}

static int echo_block(int fd, unsigned char *mem, uint32_t round,
		      uint64_t seed)
{
	size_t i;

	for (i = 0; i < BLOCK_PAGES; i++)
		pattern_fill((uint64_t *)(mem + i * UNIT_PAGE), UNIT_PAGE / 8,
			     (struct desc) {
				.id = i,
				.ver = round,
				.kind = KIND_UNIQUE,
			     }, seed);
	if (move_all(fd, mem, BLOCK, true))
		return -1;
	memset(mem, 0, BLOCK);
	if (move_all(fd, mem, BLOCK, false))
		return -1;
	check_block(mem, round, seed);
	echoed_bytes += BLOCK;
	return 0;
}

static void *echo_run(void *arg)
{
	const struct options *opt = arg;
	unsigned char *mem = aligned_alloc(UNIT_PAGE, BLOCKS * BLOCK);
	uint32_t round = 0;
	int fd;

	if (*opt->ip && set_address(opt->ip))
		report_error("cannot set the address of eth0");
	fd = connect_to(opt->echo);
	if (fd < 0 || !mem) {
		report_error("cannot reach the echo server");
		return NULL;
	}
	while (!stop_workers) {
		round++;
		if (echo_block(fd, mem + round % BLOCKS * BLOCK, round,
			       opt->seed)) {
			report_error("the echo server hung up");
			break;
		}
	}
	close(fd);
	return NULL;
}

static pthread_t echo_thread;

int echo_start(const struct options *opt)
{
	if (!*opt->echo)
		return 0;
	return pthread_create(&echo_thread, NULL, echo_run, (void *)opt);
}

void echo_join(const struct options *opt)
{
	if (*opt->echo)
		pthread_join(echo_thread, NULL);
}
