// SPDX-License-Identifier: GPL-2.0-only
/*
 * Drive a balloon by QMP and say how long it took.
 *
 *   drive SOCKET to BYTES SECONDS       until the guest has so many bytes; prints
 *                                       the seconds, or -1 when it never had
 *   drive SOCKET swing LOW HIGH SECONDS back and forth; prints the bytes moved
 *
 * It asks for the size every few milliseconds: the event that tells of it comes
 * once a second at most.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

static int fd;

static double now_s(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

/* One line that is no event. */
static void read_answer(char *line, size_t size)
{
	size_t len = 0;

	while (read(fd, line + len, 1) == 1) {
		if (line[len] != '\n' && len + 2 < size) {
			len++;
			continue;
		}
		line[len] = '\0';
		if (!strstr(line, "\"event\""))
			return;
		len = 0;
	}
	exit(1);
}

static void ask(const char *command, char *line, size_t size)
{
	if (write(fd, command, strlen(command)) < 0)
		exit(1);
	read_answer(line, size);
}

static void set_size(unsigned long long bytes)
{
	char command[128], line[512];

	snprintf(command, sizeof(command),
		 "{\"execute\":\"balloon\",\"arguments\":{\"value\":%llu}}\n",
		 bytes);
	ask(command, line, sizeof(line));
}

static unsigned long long get_size(void)
{
	char line[512], *at;

	ask("{\"execute\":\"query-balloon\"}\n", line, sizeof(line));
	at = strstr(line, "\"actual\": ");
	return at ? strtoull(at + 10, NULL, 10) : 0;
}

static void rest(void)
{
	const struct timespec t = { .tv_nsec = 2000000 };

	nanosleep(&t, NULL);
}

static double until(unsigned long long bytes, double seconds)
{
	double start = now_s();

	set_size(bytes);
	while (now_s() < start + seconds) {
		if (get_size() == bytes)
			return now_s() - start;
		rest();
	}
	return -1;
}

static void swing(unsigned long long low, unsigned long long high,
		  double seconds)
{
	double end = now_s() + seconds;
	unsigned long long moved = 0, last = get_size(), size;
	int down = 1;

	while (now_s() < end) {
		set_size(down ? low : high);
		do {
			rest();
			size = get_size();
			moved += size > last ? size - last : last - size;
			last = size;
		} while (size != (down ? low : high) && now_s() < end);
		down = !down;
	}
	printf("%llu\n", moved);
}

static int dial(const char *path)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	char line[4096];

	snprintf(address.sun_path, sizeof(address.sun_path), "%s", path);
	fd = socket(AF_UNIX, SOCK_STREAM, 0);
	if (connect(fd, (struct sockaddr *)&address, sizeof(address))) {
		perror(path);
		return -1;
	}
	read_answer(line, sizeof(line));
	ask("{\"execute\":\"qmp_capabilities\"}\n", line, sizeof(line));
	return 0;
}

int main(int argc, char **argv)
{
	if (argc < 5 || dial(argv[1]))
		return 2;
	if (!strcmp(argv[2], "to"))
		printf("%.4f\n", until(strtoull(argv[3], NULL, 0),
				       atof(argv[4])));
	else if (argc == 6)
		swing(strtoull(argv[3], NULL, 0), strtoull(argv[4], NULL, 0),
		      atof(argv[5]));
	else
		return 2;
	return 0;
}
