// SPDX-License-Identifier: GPL-2.0-only
/* See util.h. */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>
#include <sys/wait.h>

#include "util.h"

static __u64 mix(__u64 x)
{
	x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9ULL;
	x = (x ^ (x >> 27)) * 0x94d049bb133111ebULL;
	return x ^ (x >> 31);
}

__u64 rng_next(struct rng *rng)
{
	rng->state += 0x9e3779b97f4a7c15ULL;
	return mix(rng->state);
}

__u64 rng_below(struct rng *rng, __u64 limit)
{
	return rng_next(rng) % limit;
}

static __u64 pat_word(__u64 offset, __u64 key)
{
	return mix(mix(key + 1) + (offset & ~7ULL) * 0x9e3779b97f4a7c15ULL);
}

static unsigned char pat_byte(__u64 offset, __u64 key)
{
	return pat_word(offset, key) >> (8 * (offset & 7));
}

void pat_fill(void *buf, size_t len, __u64 offset, __u64 key)
{
	unsigned char *p = buf;
	size_t i = 0;

	for (; i < len && ((offset + i) & 7); i++)
		p[i] = pat_byte(offset + i, key);
	for (; i + 8 <= len; i += 8) {
		__u64 word = pat_word(offset + i, key);

		memcpy(p + i, &word, 8);
	}
	for (; i < len; i++)
		p[i] = pat_byte(offset + i, key);
}

ssize_t pat_bad(const void *buf, size_t len, __u64 offset, __u64 key)
{
	unsigned char want[PAGE];
	const unsigned char *p = buf;
	size_t i, part;

	for (i = 0; i < len; i += part) {
		part = len - i < sizeof(want) ? len - i : sizeof(want);
		pat_fill(want, part, offset + i, key);
		if (memcmp(p + i, want, part) == 0)
			continue;
		/* Another thread may have changed it since: still wrong. */
		for (size_t j = 0; j < part; j++)
			if (p[i + j] != want[j])
				return i + j;
		return i;
	}
	return -1;
}

ssize_t zero_bad(const void *buf, size_t len)
{
	const unsigned char *p = buf;

	for (size_t i = 0; i < len; i++)
		if (p[i])
			return i;
	return -1;
}

int read_text(const char *path, char *buf, size_t size)
{
	size_t len = 0;
	ssize_t got;
	int err = 0, fd = open(path, O_RDONLY | O_CLOEXEC);

	if (fd < 0)
		return -errno;
	while (len < size - 1) {
		got = read(fd, buf + len, size - 1 - len);
		if (got < 0)
			err = -errno;
		if (got <= 0)
			break;
		len += got;
	}
	buf[len] = '\0';
	close(fd);
	return err;
}

int write_text(const char *path, const char *text)
{
	int err = 0, fd = open(path, O_WRONLY | O_CLOEXEC);
	ssize_t done;

	if (fd < 0)
		return -errno;
	done = write(fd, text, strlen(text));
	if (done < 0)
		err = -errno;
	else if ((size_t)done != strlen(text))
		err = -EIO;
	close(fd);
	return err;
}

int read_u64(const char *path, __u64 *value)
{
	char text[64], *end;
	int err = read_text(path, text, sizeof(text));

	if (err)
		return err;
	errno = 0;
	*value = strtoull(text, &end, 10);
	if (errno || end == text || strcmp(end, "\n") != 0)
		return -EINVAL;
	return 0;
}

static bool line_kb(const char *line, const char *key, long long *kb)
{
	size_t len = strlen(key);

	if (strncmp(line, key, len) != 0 || line[len] != ':')
		return false;
	return sscanf(line + len + 1, "%lld kB", kb) == 1;
}

long long file_kb(const char *path, const char *key)
{
	char line[512];
	long long kb = -1;
	FILE *file = fopen(path, "re");

	while (file && fgets(line, sizeof(line), file))
		if (line_kb(line, key, &kb))
			break;
	if (file)
		fclose(file);
	return kb;
}

/* Call @use for each smaps line of the mapping that holds @addr. */
static void smaps_each(const void *addr,
		       bool (*use)(const char *line, void *arg), void *arg)
{
	unsigned long start, end, at = (unsigned long)addr;
	bool inside = false;
	char line[512];
	FILE *file = fopen("/proc/self/smaps", "re");

	while (file && fgets(line, sizeof(line), file)) {
		if (sscanf(line, "%lx-%lx ", &start, &end) == 2)
			inside = at >= start && at < end;
		else if (inside && use(line, arg))
			break;
	}
	if (file)
		fclose(file);
}

struct smaps_query {
	const char *key;
	long long kb;
	bool found;
};

static bool use_kb(const char *line, void *arg)
{
	struct smaps_query *query = arg;

	return line_kb(line, query->key, &query->kb);
}

long long smaps_kb(const void *addr, const char *key)
{
	struct smaps_query query = { .key = key, .kb = -1 };

	smaps_each(addr, use_kb, &query);
	return query.kb;
}

static bool use_flag(const char *line, void *arg)
{
	struct smaps_query *query = arg;

	if (strncmp(line, "VmFlags:", 8) != 0)
		return false;
	query->found = strstr(line, query->key);
	return true;
}

bool smaps_flag(const void *addr, const char *flag)
{
	struct smaps_query query = { .key = flag };

	smaps_each(addr, use_flag, &query);
	return query.found;
}

__u64 now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000ULL + now.tv_nsec / 1000000;
}

void sleep_ms(unsigned int ms)
{
	struct timespec nap = { ms / 1000, (ms % 1000) * 1000000L };

	nanosleep(&nap, NULL);
}

bool poll_until(bool (*cond)(void *arg), void *arg, unsigned int ms)
{
	__u64 end = now_ms() + ms;

	while (!cond(arg)) {
		if (now_ms() >= end)
			return cond(arg);
		sleep_ms(2);
	}
	return true;
}

static __thread sigjmp_buf fault_exit;
static __thread int fault_armed;
static pthread_once_t fault_once = PTHREAD_ONCE_INIT;

static void on_fault(int sig)
{
	if (fault_armed)
		siglongjmp(fault_exit, sig);
	signal(sig, SIG_DFL);
}

static void install_handlers(void)
{
	struct sigaction action = {
		.sa_handler = on_fault, .sa_flags = SA_NODEFER,
	};

	sigaction(SIGBUS, &action, NULL);
	sigaction(SIGSEGV, &action, NULL);
}

/* Make the compiler believe that the value is used. */
static void keep(unsigned char value)
{
	__asm__ __volatile__("" : : "r"(value));
}

static int try_access(void *addr, bool write, unsigned char value)
{
	int sig;

	pthread_once(&fault_once, install_handlers);
	sig = sigsetjmp(fault_exit, 0);
	if (!sig) {
		fault_armed = 1;
		__atomic_signal_fence(__ATOMIC_SEQ_CST);
		if (write)
			set_byte(addr, value);
		else
			keep(get_byte(addr));
	}
	fault_armed = 0;
	return sig;
}

int try_read(const void *addr)
{
	return try_access((void *)addr, false, 0);
}

int try_write(void *addr, unsigned char value)
{
	return try_access(addr, true, value);
}

pid_t spawn(int (*fn)(void *arg), void *arg)
{
	pid_t pid = fork();

	if (pid == 0)
		_exit(fn(arg));
	return pid;
}

int join(pid_t pid)
{
	int status;

	if (pid < 0 || waitpid(pid, &status, 0) != pid)
		return -1;
	if (WIFSIGNALED(status))
		return 128 + WTERMSIG(status);
	return WEXITSTATUS(status);
}

int in_child(int (*fn)(void *arg), void *arg)
{
	return join(spawn(fn, arg));
}

int run_command(const char *fmt, ...)
{
	char command[512];
	va_list args;

	va_start(args, fmt);
	vsnprintf(command, sizeof(command), fmt, args);
	va_end(args);
	return system(command);
}
