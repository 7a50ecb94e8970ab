// SPDX-License-Identifier: GPL-2.0-only
#include "test.h"
#include "../lib/service.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

/* A socket as systemd has it; its name is in $NOTIFY_SOCKET. */
static int listen_at(const char *name)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	socklen_t len;
	int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

	assert_true(fd >= 0);
	strcpy(address.sun_path, name);
	len = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + strlen(name));
	if (*name == '@')
		address.sun_path[0] = '\0';
	assert_int_equal(bind(fd, (struct sockaddr *)&address, len), 0);
	setenv("NOTIFY_SOCKET", name, 1);
	return fd;
}

static void check_heard(int fd, const char *expected)
{
	char text[512];
	ssize_t len = recv(fd, text, sizeof(text) - 1, 0);

	if (!expected) {
		assert_int_equal(len, -1);
		assert_int_equal(errno, EAGAIN);
		return;
	}
	assert_true(len >= 0);
	text[len] = '\0';
	assert_string_equal(text, expected);
}

static void a_path_is_told(void **state)
{
	char name[64];
	int fd;

	(void)state;
	snprintf(name, sizeof(name), "/tmp/dr-service-%d", getpid());
	fd = listen_at(name);
	service_notify("READY=1\nSTATUS=%d guests", 3);
	check_heard(fd, "READY=1\nSTATUS=3 guests");
	check_heard(fd, NULL);
	close(fd);
	unlink(name);
	/* Nobody there: nothing happens. */
	service_notify("WATCHDOG=1");
}

static void an_abstract_name_is_told(void **state)
{
	char name[64];
	int fd;

	(void)state;
	snprintf(name, sizeof(name), "@dr-service-%d", getpid());
	fd = listen_at(name);
	service_notify("WATCHDOG=1");
	check_heard(fd, "WATCHDOG=1");
	close(fd);
}

static void what_is_no_name_is_left(void **state)
{
	char name[sizeof(((struct sockaddr_un *)0)->sun_path) + 2];

	(void)state;
	setenv("NOTIFY_SOCKET", "vsock:2:1234", 1);
	service_notify("READY=1");
	memset(name, 'a', sizeof(name) - 1);
	name[sizeof(name) - 1] = '\0';
	*name = '/';
	setenv("NOTIFY_SOCKET", name, 1);
	service_notify("READY=1");
	unsetenv("NOTIFY_SOCKET");
	service_notify("READY=1");
}

/* systemd counts in microseconds, and wants two signs in each span. */
static void the_watchdog_has_half(void **state)
{
	(void)state;
	unsetenv("WATCHDOG_USEC");
	assert_int_equal(service_watchdog_ms(), 0);
	setenv("WATCHDOG_USEC", "30000000", 1);
	assert_int_equal(service_watchdog_ms(), 15000);
	unsetenv("WATCHDOG_USEC");
}

static uint32_t held(void)
{
	struct __user_cap_header_struct header = {
		.version = _LINUX_CAPABILITY_VERSION_3,
	};
	struct __user_cap_data_struct data[2];

	assert_int_equal(syscall(SYS_capget, &header, data), 0);
	return data[0].effective | data[0].permitted | data[1].effective;
}

/* In a process of its own, for there is no way back. */
static void capabilities_go(void **state)
{
	uint32_t kept = SERVICE_CAP(CAP_SYS_PTRACE);
	int status;
	pid_t pid;

	(void)state;
	kept &= held();
	pid = fork();
	if (!pid)
		_exit(service_drop_privileges(SERVICE_CAP(CAP_SYS_PTRACE)) ||
		      held() != kept);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_path_is_told),
		cmocka_unit_test(an_abstract_name_is_told),
		cmocka_unit_test(what_is_no_name_is_left),
		cmocka_unit_test(the_watchdog_has_half),
		cmocka_unit_test(capabilities_go),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
