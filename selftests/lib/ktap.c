// SPDX-License-Identifier: GPL-2.0-only
/* The harness of ktap.h: runs each test in a child and prints TAP. */
#include <dirent.h>
#include <getopt.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>

#include "../ktap.h"
#include "util.h"

#define EXIT_TEST_FAIL	1
#define EXIT_TEST_SKIP	4

/**
 * struct ktap_shared - results of the running test, one mapping for all of
 * its processes
 * @checks: checks made
 * @failures: checks failed
 * @skip: why the test skipped itself
 */
struct ktap_shared {
	unsigned long checks;
	unsigned long failures;
	char skip[200];
};

struct ktap_opts opts = { .secs = 5 };

static struct ktap_test *tests;
static struct ktap_shared *shared;
static const char *prog;

void ktap_register(struct ktap_test *test)
{
	struct ktap_test **end = &tests;

	while (*end)
		end = &(*end)->next;
	*end = test;
}

void ktap_diag(const char *fmt, ...)
{
	char text[512];
	va_list args;

	va_start(args, fmt);
	vsnprintf(text, sizeof(text), fmt, args);
	va_end(args);
	dprintf(STDOUT_FILENO, "# %s\n", text);
}

/* After this many failures of one test more lines tell nothing new. */
#define MAX_REPORTS	25

static bool report(const char *file, int line, bool ok, const char *text)
{
	unsigned long nr;

	__atomic_add_fetch(&shared->checks, 1, __ATOMIC_RELAXED);
	if (ok)
		return true;
	nr = __atomic_add_fetch(&shared->failures, 1, __ATOMIC_RELAXED);
	if (nr <= MAX_REPORTS)
		ktap_diag("%s:%d: %s", file, line, text);
	return false;
}

bool ktap_check(const char *file, int line, const char *what, bool ok)
{
	char text[400];
	int err = errno;

	if (!ok)
		snprintf(text, sizeof(text), "not true: %s (errno %d, %s)",
			 what, err, strerror(err));
	return report(file, line, ok, text);
}

bool ktap_check_eq(const char *file, int line, const char *what,
		   long long got, long long want)
{
	char text[400];

	snprintf(text, sizeof(text), "%s is %lld (%#llx), not %lld", what, got,
		 got, want);
	return report(file, line, got == want, text);
}

bool ktap_check_range(const char *file, int line, const char *what,
		      long long got, long long low, long long high)
{
	char text[400];

	snprintf(text, sizeof(text), "%s is %lld, outside %lld..%lld", what,
		 got, low, high);
	return report(file, line, got >= low && got <= high, text);
}

bool ktap_check_err(const char *file, int line, const char *what,
		    long long ret, int want)
{
	int err = ret == -1 ? errno : 0;
	char text[400];

	snprintf(text, sizeof(text), "%s gives %s, not %s", what,
		 err ? strerror(err) : "success",
		 want ? strerror(want) : "success");
	return report(file, line, err == want, text);
}

bool ktap_failed(void)
{
	return __atomic_load_n(&shared->failures, __ATOMIC_RELAXED) != 0;
}

void ktap_abort(void)
{
	_exit(EXIT_TEST_FAIL);
}

void ktap_skip(const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	vsnprintf(shared->skip, sizeof(shared->skip), fmt, args);
	va_end(args);
	_exit(EXIT_TEST_SKIP);
}

static void print_file(const char *path)
{
	char line[256];
	FILE *file = fopen(path, "r");

	if (!file)
		return;
	while (fgets(line, sizeof(line), file))
		dprintf(STDOUT_FILENO, "#   %s", line);
	fclose(file);
}

static void print_stacks(pid_t pid)
{
	char path[300];
	struct dirent *entry;
	DIR *dir;

	snprintf(path, sizeof(path), "/proc/%d/task", pid);
	dir = opendir(path);
	while (dir && (entry = readdir(dir))) {
		if (entry->d_name[0] == '.')
			continue;
		snprintf(path, sizeof(path), "/proc/%d/task/%s/stack", pid,
			 entry->d_name);
		ktap_diag("stack of task %s:", entry->d_name);
		print_file(path);
	}
	if (dir)
		closedir(dir);
}

/* Stacks of the test and all its descendants, which share its group. */
static void print_group_stacks(pid_t pgid)
{
	struct dirent *entry;
	DIR *dir = opendir("/proc");

	while (dir && (entry = readdir(dir))) {
		pid_t pid = atoi(entry->d_name);

		if (pid > 0 && getpgid(pid) == pgid)
			print_stacks(pid);
	}
	if (dir)
		closedir(dir);
}

/* Wait for the child; false when the time is over and it had to be killed. */
static bool wait_child(pid_t pid, unsigned int secs, int *status)
{
	struct timespec limit = { .tv_sec = secs };
	sigset_t chld;

	sigemptyset(&chld);
	sigaddset(&chld, SIGCHLD);
	for (;;) {
		if (waitpid(pid, status, WNOHANG) == pid)
			return true;
		if (sigtimedwait(&chld, NULL, &limit) < 0 && errno == EAGAIN)
			break;
	}
	ktap_diag("no end after %u s, killing it", secs);
	print_group_stacks(pid);
	kill(-pid, SIGKILL);
	waitpid(pid, status, 0);
	return false;
}

/* The parent is a subreaper: what the test left behind ends before the next. */
static void reap_group(pid_t pgid)
{
	kill(-pgid, SIGKILL);
	while (waitpid(-1, NULL, 0) > 0)
		;
}

static pid_t start_child(struct ktap_test *test)
{
	sigset_t none;
	pid_t pid = fork();

	if (pid)
		return pid;
	setpgid(0, 0);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	test->fn();
	_exit(0);
}

static bool run_child(struct ktap_test *test, unsigned int secs, bool *skipped)
{
	int status = 0;
	bool in_time;
	pid_t pid = start_child(test);

	if (pid < 0) {
		ktap_diag("fork: %s", strerror(errno));
		return false;
	}
	setpgid(pid, pid);
	in_time = wait_child(pid, secs, &status);
	reap_group(pid);
	if (in_time && WIFSIGNALED(status))
		ktap_diag("killed by signal %d (%s)", WTERMSIG(status),
			  strsignal(WTERMSIG(status)));
	*skipped = WIFEXITED(status) && WEXITSTATUS(status) == EXIT_TEST_SKIP;
	return in_time && WIFEXITED(status) &&
	       (*skipped || WEXITSTATUS(status) == 0);
}

/* DR_SLOW: how many times slower than usual this kernel is. */
static unsigned int slowness(void)
{
	const char *slow = getenv("DR_SLOW");

	return slow && atoi(slow) > 0 ? atoi(slow) : 1;
}

const struct ktap_hooks *ktap_hooks;

static bool run_test(struct ktap_test *test, int nr)
{
	bool ok, skipped = false;
	unsigned int secs = (test->secs + 3 * opts.secs) * slowness();
	__u64 start = now_ms();

	memset(shared, 0, sizeof(*shared));
	ok = !ktap_hooks || ktap_hooks->before(prog, test->name);
	ok = ok && run_child(test, secs, &skipped);
	ok = (!ktap_hooks || ktap_hooks->after()) && ok && !shared->failures;
	printf("%s %d %s.%s", ok ? "ok" : "not ok", nr, prog, test->name);
	if (skipped && ok)
		printf(" # SKIP %s", shared->skip);
	else
		printf(" # %lu checks, %.1f s", shared->checks,
		       (now_ms() - start) / 1e3);
	printf("\n");
	fflush(stdout);
	return ok;
}

static bool wanted(struct ktap_test *test, char **names)
{
	if (!*names)
		return true;
	for (; *names; names++)
		if (strcmp(*names, test->name) == 0)
			return true;
	return false;
}

static void parse_options(int argc, char **argv)
{
	struct timespec now;
	int opt;

	clock_gettime(CLOCK_REALTIME, &now);
	opts.seed = now.tv_nsec ^ now.tv_sec;
	while ((opt = getopt(argc, argv, "s:n:t:l")) != -1) {
		if (opt == 's') {
			opts.seed = strtoull(optarg, NULL, 0);
		} else if (opt == 'n') {
			opts.ops = strtoul(optarg, NULL, 0);
		} else if (opt == 't') {
			opts.secs = strtoul(optarg, NULL, 0);
		} else if (opt == 'l') {
			for (; tests; tests = tests->next)
				puts(tests->name);
			exit(0);
		} else {
			fprintf(stderr,
				"usage: %s [-l] [-s SEED] [-n OPS] [-t SECS] [TEST...]\n",
				argv[0]);
			exit(2);
		}
	}
}

static void setup(const char *argv0)
{
	sigset_t chld;

	prog = strrchr(argv0, '/') ? strrchr(argv0, '/') + 1 : argv0;
	shared = mmap(NULL, sizeof(*shared), PROT_READ | PROT_WRITE,
		      MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (shared == MAP_FAILED) {
		perror("mmap");
		exit(1);
	}
	sigemptyset(&chld);
	sigaddset(&chld, SIGCHLD);
	sigprocmask(SIG_BLOCK, &chld, NULL);
	prctl(PR_SET_CHILD_SUBREAPER, 1);
}

int main(int argc, char **argv)
{
	struct ktap_test *test;
	int nr = 0, bad = 0;

	parse_options(argc, argv);
	setup(argv[0]);
	printf("TAP version 13\n# %s: seed %llu\n", prog, opts.seed);
	fflush(stdout);
	for (test = tests; test; test = test->next)
		if (wanted(test, argv + optind))
			bad += !run_test(test, ++nr);
	printf("1..%d\n", nr);
	return bad || !nr;
}
