// SPDX-License-Identifier: GPL-2.0-only
/*
 * A libvirt that only pretends: libvirt.so.0 and libvirt-qemu.so.0 in one, to
 * be found by LD_LIBRARY_PATH. All of it is in the directory $FAKE_VIRT:
 *
 * mode          of all: "good"; "hang": no call comes back as long as it says
 *               so; "dead": the connections are cut
 * domains/NAME  one that runs, and what it does: "good"; "hang": its commands
 *               do not come back; "garbage": answers are no JSON; "endless":
 *               or very long; "refuse": libvirt refuses; "crash": the library
 *               dies of it
 * actual/NAME   bytes that its balloon leaves it
 * asked/NAME    written here: a line for each "balloon" command
 * events/NAME   "EVENT JSON": raised, and removed, as soon as it is there
 * opened        written here: a line for each connection
 */
#include <libvirt/libvirt.h>
#include <libvirt/libvirt-qemu.h>
#include <libvirt/virterror.h>

#include <dirent.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <json-c/json.h>

#define SIZE		(64ULL << 20)
#define REGISTERED_MAX	64

struct _virConnect {
	bool dead;
};

struct _virDomain {
	virConnectPtr connection;
	char name[256];
};

/* Who wants to know of events. */
static struct registered {
	virConnectPtr connection;
	char name[256];
	virConnectDomainQemuMonitorEventCallback callback;
	void *opaque;
	virFreeCallback free;
} registered[REGISTERED_MAX];

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static _Thread_local char failure[128];

static void path_of(char *path, const char *directory, const char *name)
{
	snprintf(path, 512, "%s/%s/%s", getenv("FAKE_VIRT"), directory, name);
}

/* First line of a file, or nothing. */
static bool read_file(const char *directory, const char *name, char *line,
		      size_t room)
{
	char path[512];
	FILE *file;

	path_of(path, directory, name);
	file = fopen(path, "re");
	*line = '\0';
	if (!file)
		return false;
	if (!fgets(line, (int)room, file))
		*line = '\0';
	line[strcspn(line, "\n")] = '\0';
	fclose(file);
	return true;
}

static void write_file(const char *directory, const char *name,
		       const char *how, const char *text)
{
	char path[512];
	FILE *file;

	path_of(path, directory, name);
	file = fopen(path, how);
	if (!file)
		return;
	fputs(text, file);
	fclose(file);
}

static void nap(void)
{
	nanosleep(&(struct timespec){ .tv_nsec = 10000000 }, NULL);
}

static bool is(const char *directory, const char *name, const char *word)
{
	char line[64];

	return read_file(directory, name, line, sizeof(line)) &&
	       !strcmp(line, word);
}

/* What each call that goes to libvirtd begins with. */
static bool reach(virConnectPtr connection)
{
	while (is(".", "mode", "hang"))
		nap();
	if (is(".", "mode", "dead") && connection)
		connection->dead = true;
	if (connection ? connection->dead : is(".", "mode", "dead")) {
		strcpy(failure, "the fake is dead");
		return false;
	}
	return true;
}

int virInitialize(void)
{
	return 0;
}

void virSetErrorFunc(void *data, virErrorFunc function)
{
	(void)data;
	(void)function;
}

const char *virGetLastErrorMessage(void)
{
	return failure;
}

virConnectPtr virConnectOpen(const char *uri)
{
	if (!reach(NULL))
		return NULL;
	write_file(".", "opened", "ae", uri);
	write_file(".", "opened", "ae", "\n");
	return calloc(1, sizeof(struct _virConnect));
}

int virConnectSetKeepAlive(virConnectPtr connection, int interval,
			   unsigned int count)
{
	(void)connection;
	(void)interval;
	(void)count;
	return 0;
}

int virConnectIsAlive(virConnectPtr connection)
{
	return !connection->dead;
}

static void unregister(struct registered *r)
{
	if (r->free)
		r->free(r->opaque);
	memset(r, 0, sizeof(*r));
}

int virConnectClose(virConnectPtr connection)
{
	pthread_mutex_lock(&lock);
	for (int i = 0; i < REGISTERED_MAX; i++) {
		if (registered[i].connection == connection)
			unregister(&registered[i]);
	}
	pthread_mutex_unlock(&lock);
	free(connection);
	return 0;
}

static virDomainPtr domain_of(virConnectPtr connection, const char *name)
{
	virDomainPtr domain = calloc(1, sizeof(*domain));

	domain->connection = connection;
	snprintf(domain->name, sizeof(domain->name), "%s", name);
	return domain;
}

int virConnectListAllDomains(virConnectPtr connection, virDomainPtr **domains,
			     unsigned int flags)
{
	char path[512];
	struct dirent *entry;
	DIR *directory;
	int nr = 0;

	(void)flags;
	if (!reach(connection))
		return -1;
	path_of(path, "domains", "");
	directory = opendir(path);
	*domains = calloc(REGISTERED_MAX, sizeof(**domains));
	while (directory && nr < REGISTERED_MAX && (entry = readdir(directory))) {
		if (*entry->d_name != '.')
			(*domains)[nr++] = domain_of(connection, entry->d_name);
	}
	if (directory)
		closedir(directory);
	return nr;
}

virDomainPtr virDomainLookupByName(virConnectPtr connection, const char *name)
{
	char line[64];

	if (!reach(connection))
		return NULL;
	if (read_file("domains", name, line, sizeof(line)))
		return domain_of(connection, name);
	strcpy(failure, "no such domain");
	return NULL;
}

const char *virDomainGetName(virDomainPtr domain)
{
	return domain->name;
}

int virDomainFree(virDomainPtr domain)
{
	free(domain);
	return 0;
}

/* ---- events */

int virEventRegisterDefaultImpl(void)
{
	return 0;
}

static void raise_event(struct registered *r)
{
	char line[512], path[512];
	char *json;

	if (!read_file("events", r->name, line, sizeof(line)) || !*line)
		return;
	path_of(path, "events", r->name);
	unlink(path);
	json = strchr(line, ' ');
	if (json)
		*json++ = '\0';
	r->callback(r->connection, NULL, line, 0, 0, json, r->opaque);
}

int virEventRunDefaultImpl(void)
{
	nap();
	pthread_mutex_lock(&lock);
	for (int i = 0; i < REGISTERED_MAX; i++) {
		if (registered[i].connection)
			raise_event(&registered[i]);
	}
	pthread_mutex_unlock(&lock);
	return 0;
}

int virConnectDomainQemuMonitorEventRegister(virConnectPtr connection,
					     virDomainPtr domain,
					     const char *event,
					     virConnectDomainQemuMonitorEventCallback callback,
					     void *opaque,
					     virFreeCallback freecb,
					     unsigned int flags)
{
	int i = 0;

	(void)event;
	(void)flags;
	if (!reach(connection))
		return -1;
	pthread_mutex_lock(&lock);
	while (registered[i].connection)
		i++;
	registered[i].connection = connection;
	strcpy(registered[i].name, domain->name);
	registered[i].callback = callback;
	registered[i].opaque = opaque;
	registered[i].free = freecb;
	pthread_mutex_unlock(&lock);
	return i;
}

int virConnectDomainQemuMonitorEventDeregister(virConnectPtr connection, int id)
{
	if (!reach(connection))
		return -1;
	pthread_mutex_lock(&lock);
	unregister(&registered[id]);
	pthread_mutex_unlock(&lock);
	return 0;
}

/* ---- commands */

static const struct {
	const char *command;
	const char *answer;
} answers[] = {
	{ "query-status", "{\"status\": \"running\"}" },
	{ "query-memory-size-summary", "{\"base-memory\": 67108864}" },
	{ "query-memdev", "[]" },
	{ "query-migrate", "{}" },
	{ "qom-list", "[{\"name\": \"b0\", \"type\": \"child<virtio-balloon-pci>\"}]" },
	{ "qom-set", "{}" },
	{ "balloon", "{}" },
};

static void change_balloon(const char *name, struct json_object *arguments)
{
	struct json_object *value = NULL;
	char text[64];

	json_object_object_get_ex(arguments, "value", &value);
	snprintf(text, sizeof(text), "%llu\n",
		 (unsigned long long)json_object_get_uint64(value));
	write_file("asked", name, "ae", text);
	write_file("actual", name, "we", text);
}

static void answer(const char *name, const char *command,
		   struct json_object *arguments, char *to, size_t room)
{
	char actual[64];

	snprintf(to, room, "true");
	if (!strcmp(command, "balloon"))
		change_balloon(name, arguments);
	if (!strcmp(command, "query-balloon")) {
		if (!read_file("actual", name, actual, sizeof(actual)))
			snprintf(actual, sizeof(actual), "%llu", SIZE);
		snprintf(to, room, "{\"actual\": %s}", actual);
	}
	if (!strcmp(command, "qom-get") &&
	    strstr(json_object_to_json_string(arguments), "guest-stats"))
		snprintf(to, room, "{\"last-update\": 5, \"stats\": {\"stat-free-memory\": 4096}}");
	for (size_t i = 0; i < sizeof(answers) / sizeof(*answers); i++) {
		if (!strcmp(command, answers[i].command))
			snprintf(to, room, "%s", answers[i].answer);
	}
}

/* As libvirt does: its own number, and no room for another. */
static int converse(const char *name, const char *text, char **result)
{
	struct json_object *command = json_tokener_parse(text);
	struct json_object *verb = NULL, *arguments = NULL;
	char value[512];

	if (!json_object_object_get_ex(command, "execute", &verb) ||
	    json_object_object_get_ex(command, "id", NULL)) {
		strcpy(failure, "duplicate key 'id'");
		return -1;
	}
	json_object_object_get_ex(command, "arguments", &arguments);
	answer(name, json_object_get_string(verb), arguments, value,
	       sizeof(value));
	json_object_put(command);
	return asprintf(result, "{\"return\":%s,\"id\":\"libvirt-7\"}",
			value) < 0 ? -1 : 0;
}

int virDomainQemuMonitorCommand(virDomainPtr domain, const char *command,
				char **result, unsigned int flags)
{
	const char *name = domain->name;
	char line[64];

	(void)flags;
	if (!reach(domain->connection))
		return -1;
	if (!read_file("domains", name, line, sizeof(line)) ||
	    is("domains", name, "refuse")) {
		strcpy(failure, "domain is not running");
		return -1;
	}
	while (is("domains", name, "hang"))
		nap();
	if (is("domains", name, "crash"))
		abort();
	if (is("domains", name, "garbage")) {
		*result = strdup("{\"return\": {]}");
		return 0;
	}
	if (is("domains", name, "endless")) {
		*result = malloc(2 << 20);
		memset(*result, '[', (2 << 20) - 1);
		(*result)[(2 << 20) - 1] = '\0';
		return 0;
	}
	return converse(name, command, result);
}
