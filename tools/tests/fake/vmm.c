// SPDX-License-Identifier: GPL-2.0-only
/*
 * A VMM that only pretends: it maps a RAM file of denseram, so that the module
 * takes it for the VMM of that guest, and speaks QMP on a socket, well or badly.
 *
 *   vmm RAM-FILE SOCKET HOW
 *
 * HOW: good      follows its balloon at once
 *      stuck     has a balloon that never moves, and prints what it is asked
 *      hang      connects and says nothing
 *      mute      greets and never answers
 *      full      greets and reads nothing
 *      garbage   greets with what is no JSON
 *      endless   sends one message without end
 *      deep      sends brackets
 *      chatter   sends events as fast as it can
 *      liar      answers other questions than it was asked
 *      wrong     answers with values of the wrong type
 *      nasty     names and paths with slashes, blanks and control characters
 *      huge      sizes at the ends of 64 bits
 *
 * For each "balloon" command it prints the microseconds of the monotonic clock
 * and the value.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include <json-c/json.h>

static const char greeting[] =
	"{\"QMP\": {\"version\": {\"qemu\": {\"major\": 10}}, \"capabilities\": []}}\r\n";
static const char *how, *ram;
static unsigned long long size, actual;

static bool is(const char *word)
{
	return !strcmp(how, word);
}

static void write_all(int fd, const char *text)
{
	size_t len = strlen(text);

	while (len) {
		ssize_t n = write(fd, text, len);

		if (n <= 0)
			return;
		text += n;
		len -= (size_t)n;
	}
}

static void note_target(unsigned long long value)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	printf("%lld %llu\n",
	       (long long)t.tv_sec * 1000000 + t.tv_nsec / 1000, value);
	fflush(stdout);
}

/* What a QEMU with one memory backend and one balloon says. */
static void answer_to(const char *command, struct json_object *args,
		      char *to, size_t len)
{
	struct json_object *value = NULL;

	snprintf(to, len, "{}");
	if (!strcmp(command, "balloon")) {
		if (json_object_object_get_ex(args, "value", &value)) {
			note_target(json_object_get_uint64(value));
			if (!is("stuck"))
				actual = json_object_get_uint64(value);
		}
	} else if (!strcmp(command, "query-status")) {
		snprintf(to, len, "{\"status\": \"running\", \"running\": true}");
	} else if (!strcmp(command, "query-memory-size-summary")) {
		snprintf(to, len, "{\"base-memory\": %llu, \"plugged-memory\": %llu}",
			 is("huge") ? ~0ULL : size, is("huge") ? 2ULL : 0);
	} else if (!strcmp(command, "query-balloon")) {
		snprintf(to, len, "{\"actual\": %llu}",
			 is("huge") ? ~0ULL : actual);
	} else if (!strcmp(command, "qom-list")) {
		snprintf(to, len, "[{\"name\": \"%s\", \"type\": \"child<virtio-balloon-pci>\"}]",
			 is("nasty") ? "../x\\u0000\\u001b[31m y" : "b0");
	} else if (!strcmp(command, "query-memdev")) {
		snprintf(to, len, "[{\"id\": \"%s\"}]",
			 is("nasty") ? "\\u001b]0;x\\u0007" : "ram0");
	} else if (!strcmp(command, "qom-get")) {
		const char *property = "";

		if (json_object_object_get_ex(args, "property", &value))
			property = json_object_get_string(value);
		if (!strcmp(property, "mem-path"))
			snprintf(to, len, "\"%s\"",
				 is("nasty") ? "/proc/self/mem" : ram);
		else if (!strcmp(property, "guest-stats"))
			snprintf(to, len, "{\"last-update\": 5, \"stats\": {\"stat-free-memory\": 4096, \"stat-swap-in\": -1}}");
		else
			snprintf(to, len, "true");
	} else if (!strcmp(command, "human-monitor-command")) {
		snprintf(to, len, "\"FlatView #1\\r\\n AS \\\"memory\\\", root: system\\r\\n  0000000000000000-%016llx (prio 0, ram): ram0 KVM\\r\\n\"",
			 size - 1);
	}
}

static void answer(int fd, struct json_object *command)
{
	struct json_object *name = NULL, *args = NULL, *id = NULL;
	static char value[1024], text[2048];

	if (!json_object_object_get_ex(command, "execute", &name))
		return;
	if (is("stuck")) {
		puts(json_object_get_string(name));
		fflush(stdout);
	}
	json_object_object_get_ex(command, "arguments", &args);
	json_object_object_get_ex(command, "id", &id);
	answer_to(json_object_get_string(name), args, value, sizeof(value));
	if (is("wrong") && strcmp(json_object_get_string(name),
				  "qmp_capabilities"))
		strcpy(value, "[[\"status\"], -1, null]");
	snprintf(text, sizeof(text), "{\"return\": %s, \"id\": %llu}\r\n",
		 value, (unsigned long long)json_object_get_uint64(id) +
			is("liar"));
	write_all(fd, text);
}

static void converse(int fd)
{
	struct json_tokener *tokener = json_tokener_new();
	char bytes[4096];
	ssize_t nr;

	while ((nr = read(fd, bytes, sizeof(bytes))) > 0) {
		size_t at = 0;

		while (at < (size_t)nr) {
			struct json_object *command;

			command = json_tokener_parse_ex(tokener, bytes + at,
							(int)(nr - (ssize_t)at));
			at += json_tokener_get_parse_end(tokener);
			if (!command)
				break;
			answer(fd, command);
			json_object_put(command);
		}
	}
	json_tokener_free(tokener);
}

/* Until the other side has had enough. */
static void repeat(int fd, const char *first, const char *text)
{
	write_all(fd, first);
	while (write(fd, text, strlen(text)) > 0)
		;
}

static void serve(int fd)
{
	if (is("hang")) {
		pause();
	} else if (is("mute") || is("full")) {
		write_all(fd, greeting);
		pause();
	} else if (is("garbage")) {
		repeat(fd, "", "SSH-2.0-OpenSSH_9.2\r\n");
	} else if (is("endless")) {
		repeat(fd, "{\"QMP\": {\"version\": \"", "xxxxxxxxxxxxxxxx");
	} else if (is("deep")) {
		repeat(fd, "", "[[[[[[[[[[[[[[[[");
	} else if (is("chatter")) {
		repeat(fd, greeting, "{\"event\": \"RTC_CHANGE\", \"data\": {\"offset\": 1}}\r\n");
	} else {
		write_all(fd, greeting);
		converse(fd);
	}
}

static int listen_at(const char *path)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);

	snprintf(address.sun_path, sizeof(address.sun_path), "%s", path);
	unlink(path);
	if (fd < 0 || bind(fd, (struct sockaddr *)&address, sizeof(address)) ||
	    listen(fd, 1)) {
		perror(path);
		exit(1);
	}
	return fd;
}

int main(int argc, char **argv)
{
	struct stat st;
	int file, fd;

	if (argc != 4)
		return 2;
	signal(SIGPIPE, SIG_IGN);
	ram = argv[1];
	how = argv[3];
	file = open(ram, O_RDWR);
	if (file < 0 || fstat(file, &st) ||
	    mmap(NULL, (size_t)st.st_size, PROT_READ | PROT_WRITE, MAP_SHARED,
		 file, 0) == MAP_FAILED) {
		perror(ram);
		return 1;
	}
	size = (unsigned long long)st.st_size;
	actual = size;
	fd = listen_at(argv[2]);
	for (;;) {
		int peer = accept(fd, NULL, NULL);

		if (peer < 0)
			continue;
		serve(peer);
		close(peer);
	}
}
