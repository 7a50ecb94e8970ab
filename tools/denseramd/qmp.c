// SPDX-License-Identifier: GPL-2.0-only
/*
 * What is asked of a VMM, and what becomes of the answers. A table has, for
 * each thing the daemon may want to know or do, how to ask and how to take the
 * answer; one is asked at a time, the most urgent first. So a VMM that lies
 * can only answer the question it was asked.
 */
#include "link.h"

#include "daemon.h"

#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <json-c/json.h>

#define ARRAY_SIZE(a)	(sizeof(a) / sizeof(*(a)))

/* Seconds after which the guest's driver is to tell its statistics again. */
#define STATS_SECONDS	2

/**
 * struct question - one thing to ask
 * @ask: add the arguments, and return the command's name; NULL to drop it
 * @take: the "return" of the answer; a negative errno ends the connection
 * @fail: the VMM refused; NULL when that does not matter
 */
struct question {
	const char *(*ask)(struct link *link, struct json_object *args);
	int (*take)(struct link *link, struct json_object *value);
	void (*fail)(struct link *link);
};

/* ---- reading JSON that may be anything */

static struct json_object *get(struct json_object *object, const char *key,
			       enum json_type type)
{
	struct json_object *value = NULL;

	if (!json_object_is_type(object, json_type_object) ||
	    !json_object_object_get_ex(object, key, &value) ||
	    !json_object_is_type(value, type))
		return NULL;
	return value;
}

static const char *get_text(struct json_object *object, const char *key)
{
	struct json_object *value = get(object, key, json_type_string);

	return value ? json_object_get_string(value) : NULL;
}

/* Negative numbers are no sizes; QEMU says -1 for "not known" in some places. */
static bool get_number(struct json_object *object, const char *key,
		       uint64_t *value)
{
	struct json_object *number = get(object, key, json_type_int);

	if (!number)
		return false;
	*value = json_object_get_uint64(number);
	return json_object_get_int64(number) >= 0;
}

static void add_text(struct json_object *object, const char *key,
		     const char *text)
{
	json_object_object_add(object, key, json_object_new_string(text));
}

static void add_number(struct json_object *object, const char *key,
		       uint64_t value)
{
	json_object_object_add(object, key, json_object_new_uint64(value));
}

/* ---- the VMM's state */

static const char *ask_capabilities(struct link *link,
				    struct json_object *args)
{
	(void)link;
	(void)args;
	return "qmp_capabilities";
}

static int take_nothing(struct link *link, struct json_object *value)
{
	(void)link;
	(void)value;
	return 0;
}

static const char *ask_status(struct link *link, struct json_object *args)
{
	(void)link;
	(void)args;
	return "query-status";
}

static uint32_t run_state_of(const char *status)
{
	if (!strcmp(status, "running"))
		return DR_RUN_RUNNING;
	if (!strcmp(status, "shutdown") || !strcmp(status, "guest-panicked"))
		return DR_RUN_SHUTDOWN;
	return DR_RUN_PAUSED;
}

static int take_status(struct link *link, struct json_object *value)
{
	const char *status = get_text(value, "status");
	int err;

	if (!status)
		return -EBADMSG;
	err = vm_run_state(&link->vm, run_state_of(status));
	if (!err && !strcmp(status, "inmigrate"))
		err = vm_migrating(&link->vm, true);
	return err ? err : vm_alive(&link->vm);
}

static const char *ask_size(struct link *link, struct json_object *args)
{
	(void)link;
	(void)args;
	return "query-memory-size-summary";
}

static int take_size(struct link *link, struct json_object *value)
{
	uint64_t base, plugged = 0, size;

	if (!get_number(value, "base-memory", &base))
		return -EBADMSG;
	get_number(value, "plugged-memory", &plugged);
	if (__builtin_add_overflow(base, plugged, &size) || !size)
		return -EBADMSG;
	/* Memory was plugged or unplugged: the layout is another. */
	if (link->vm.size && link->vm.size != size)
		link_want(link, WANT_BACKENDS);
	link->vm.size = size;
	return 0;
}

/* ---- the balloon device in the VMM's object tree */

static const char *ask_find(struct link *link, struct json_object *args)
{
	(void)link;
	add_text(args, "path", "/machine/peripheral");
	return "qom-list";
}

static const char *ask_find_anon(struct link *link, struct json_object *args)
{
	if (*link->balloon)
		return NULL;
	add_text(args, "path", "/machine/peripheral-anon");
	return "qom-list";
}

static void note_device(struct link *link, const char *where,
			struct json_object *child)
{
	const char *type = get_text(child, "type");
	const char *name = get_text(child, "name");
	int len;

	if (!type || !name || strncmp(type, "child<virtio-balloon", 20) ||
	    strchr(name, '/'))
		return;
	len = snprintf(link->balloon, LINK_QOM, "%s/%s", where, name);
	if (len >= LINK_QOM)
		*link->balloon = '\0';
}

static void look_at_device(struct link *link)
{
	link_want(link, WANT_OOM);
	link_want(link, WANT_REPORTING);
	link_want(link, WANT_STATS_ON);
	link_want(link, WANT_BALLOON);
}

static int find_in(struct link *link, const char *where,
		   struct json_object *list)
{
	if (!json_object_is_type(list, json_type_array))
		return -EBADMSG;
	for (size_t i = 0; i < json_object_array_length(list); i++) {
		if (!*link->balloon)
			note_device(link, where,
				    json_object_array_get_idx(list, i));
	}
	if (*link->balloon)
		look_at_device(link);
	return 0;
}

static int take_find(struct link *link, struct json_object *value)
{
	return find_in(link, "/machine/peripheral", value);
}

static int take_find_anon(struct link *link, struct json_object *value)
{
	return find_in(link, "/machine/peripheral-anon", value);
}

static const char *ask_property(struct link *link, struct json_object *args,
				const char *property)
{
	if (!*link->balloon)
		return NULL;
	add_text(args, "path", link->balloon);
	add_text(args, "property", property);
	return "qom-get";
}

static int take_feature(struct link *link, struct json_object *value,
			uint32_t bit)
{
	uint32_t features = link->vm.features & ~bit;

	if (json_object_is_type(value, json_type_boolean) &&
	    json_object_get_boolean(value))
		features |= bit;
	return vm_features(&link->vm, features);
}

static const char *ask_oom(struct link *link, struct json_object *args)
{
	return ask_property(link, args, "deflate-on-oom");
}

static int take_oom(struct link *link, struct json_object *value)
{
	return take_feature(link, value, DR_BALLOON_OOM);
}

static const char *ask_reporting(struct link *link, struct json_object *args)
{
	return ask_property(link, args, "free-page-reporting");
}

static int take_reporting(struct link *link, struct json_object *value)
{
	return take_feature(link, value, DR_BALLOON_REPORTING);
}

/* ---- its size and the guest's statistics */

static const char *ask_balloon(struct link *link, struct json_object *args)
{
	(void)args;
	return link->vm.size ? "query-balloon" : NULL;
}

static int take_actual(struct link *link, struct json_object *value)
{
	uint64_t left;

	if (!get_number(value, "actual", &left))
		return -EBADMSG;
	link->vm.features |= DR_BALLOON_DEVICE;
	return vm_balloon(&link->vm,
			  left < link->vm.size ? link->vm.size - left : 0);
}

static void fail_balloon(struct link *link)
{
	link->vm.actual = 0;
	*link->balloon = '\0';
	vm_features(&link->vm, 0);
}

static const char *ask_target(struct link *link, struct json_object *args)
{
	if (!vm_is_due(&link->vm))
		return NULL;
	add_number(args, "value", vm_target(&link->vm));
	return "balloon";
}

/* Marked as sent even when refused: to try at once again would be no better. */
static void fail_target(struct link *link)
{
	say(LOG_WARNING, "guest %s: the VMM refuses a balloon of %llu bytes",
	    quoted(link->vm.name), (unsigned long long)link->vm.wanted);
	link->vm.short_since = 0;
}

static const char *ask_stats_on(struct link *link, struct json_object *args)
{
	if (!ask_property(link, args, "guest-stats-polling-interval"))
		return NULL;
	add_number(args, "value", STATS_SECONDS);
	return "qom-set";
}

static const char *ask_stats(struct link *link, struct json_object *args)
{
	return ask_property(link, args, "guest-stats");
}

static int take_stats(struct link *link, struct json_object *value)
{
	static const char *const keys[DR_NR_BALLOON_STATS] = {
		[DR_BSTAT_SWAP_IN] = "stat-swap-in",
		[DR_BSTAT_SWAP_OUT] = "stat-swap-out",
		[DR_BSTAT_MAJOR_FAULTS] = "stat-major-faults",
		[DR_BSTAT_MINOR_FAULTS] = "stat-minor-faults",
		[DR_BSTAT_FREE] = "stat-free-memory",
		[DR_BSTAT_TOTAL] = "stat-total-memory",
		[DR_BSTAT_AVAILABLE] = "stat-available-memory",
		[DR_BSTAT_CACHES] = "stat-disk-caches",
		[DR_BSTAT_HUGETLB_ALLOCS] = "stat-htlb-pgalloc",
		[DR_BSTAT_HUGETLB_FAILS] = "stat-htlb-pgfail",
		[DR_BSTAT_OOM_KILLS] = "stat-oom-kills",
		[DR_BSTAT_ALLOC_STALLS] = "stat-alloc-stalls",
		[DR_BSTAT_ASYNC_SCANS] = "stat-async-scans",
		[DR_BSTAT_DIRECT_SCANS] = "stat-direct-scans",
		[DR_BSTAT_ASYNC_RECLAIMS] = "stat-async-reclaims",
		[DR_BSTAT_DIRECT_RECLAIMS] = "stat-direct-reclaims",
	};
	struct json_object *object = get(value, "stats", json_type_object);
	uint64_t stats[DR_NR_BALLOON_STATS], updated;

	/* Never updated: no driver has answered since the VMM started. */
	if (!object || !get_number(value, "last-update", &updated) || !updated)
		return 0;
	for (size_t i = 0; i < ARRAY_SIZE(keys); i++) {
		if (!get_number(object, keys[i], &stats[i]))
			stats[i] = DR_BALLOON_UNKNOWN;
	}
	link->vm.features |= DR_BALLOON_DRIVER;
	return vm_stats(&link->vm, stats);
}

/* ---- migration */

/* Without this capability QEMU raises no MIGRATION events. */
static const char *ask_events(struct link *link, struct json_object *args)
{
	struct json_object *list = json_object_new_array();
	struct json_object *one = json_object_new_object();

	(void)link;
	add_text(one, "capability", "events");
	json_object_object_add(one, "state", json_object_new_boolean(true));
	json_object_array_add(list, one);
	json_object_object_add(args, "capabilities", list);
	return "migrate-set-capabilities";
}

static const char *ask_migrate(struct link *link, struct json_object *args)
{
	(void)link;
	(void)args;
	return "query-migrate";
}

static bool is_under_way(const char *status)
{
	static const char *const over[] = {
		"none", "completed", "failed", "cancelled",
	};

	for (size_t i = 0; i < ARRAY_SIZE(over); i++) {
		if (!strcmp(status, over[i]))
			return false;
	}
	return true;
}

static int take_migration(struct link *link, struct json_object *value)
{
	const char *status = get_text(value, "status");

	/* No migration ever: an empty object. */
	return vm_migrating(&link->vm, status && is_under_way(status));
}

/* ---- where its memory is */

static const char *ask_backends(struct link *link, struct json_object *args)
{
	(void)link;
	(void)args;
	return "query-memdev";
}

static const char *ask_backend_path(struct link *link,
				    struct json_object *args)
{
	char path[LINK_QOM];

	if (link->nr_paths >= link->nr_backends)
		return NULL;
	snprintf(path, sizeof(path), "/objects/%s",
		 link->backends[link->nr_paths].name);
	add_text(args, "path", path);
	add_text(args, "property", "mem-path");
	return "qom-get";
}

static int next_path(struct link *link, const char *path)
{
	int err = memory_take_path(link, path);

	link_want(link, link->nr_paths < link->nr_backends ?
		  WANT_BACKEND_PATH : WANT_LAYOUT);
	return err;
}

static int take_backend_path(struct link *link, struct json_object *value)
{
	return next_path(link, json_object_is_type(value, json_type_string) ?
			       json_object_get_string(value) : NULL);
}

static void fail_backend_path(struct link *link)
{
	next_path(link, NULL);
}

static const char *ask_layout(struct link *link, struct json_object *args)
{
	(void)link;
	add_text(args, "command-line", "info mtree -f");
	return "human-monitor-command";
}

static int take_layout(struct link *link, struct json_object *value)
{
	if (!json_object_is_type(value, json_type_string))
		return -EBADMSG;
	return memory_take_layout(link, json_object_get_string(value));
}

/* ---- the table */

static const struct question questions[NR_WANTS] = {
	[WANT_CAPABILITIES] = { ask_capabilities, take_nothing, NULL },
	[WANT_TARGET] = { ask_target, take_nothing, fail_target },
	[WANT_STATUS] = { ask_status, take_status, NULL },
	[WANT_SIZE] = { ask_size, take_size, NULL },
	[WANT_FIND] = { ask_find, take_find, NULL },
	[WANT_FIND_ANON] = { ask_find_anon, take_find_anon, NULL },
	[WANT_OOM] = { ask_oom, take_oom, NULL },
	[WANT_REPORTING] = { ask_reporting, take_reporting, NULL },
	[WANT_BALLOON] = { ask_balloon, take_actual, fail_balloon },
	[WANT_STATS_ON] = { ask_stats_on, take_nothing, NULL },
	[WANT_STATS] = { ask_stats, take_stats, NULL },
	[WANT_EVENTS] = { ask_events, take_nothing, NULL },
	[WANT_MIGRATE] = { ask_migrate, take_migration, NULL },
	[WANT_BACKENDS] = { ask_backends, memory_take_backends, NULL },
	[WANT_BACKEND_PATH] = {
		ask_backend_path, take_backend_path, fail_backend_path,
	},
	[WANT_LAYOUT] = { ask_layout, take_layout, NULL },
};

static_assert(NR_WANTS <= 32, "wants are bits of 32");

void qmp_start(struct link *link)
{
	link->wants = 0;
	link->asked = -1;
	link->poll_at = 0;
	link->full_at = 0;
	for (int want = 0; want < NR_WANTS; want++) {
		if (want != WANT_TARGET && want != WANT_BACKEND_PATH &&
		    want != WANT_LAYOUT)
			link_want(link, want);
	}
	/* Somebody has done so, and relies on it. */
	if (!link->ops->direct)
		link->wants &= ~(UINT32_C(1) << WANT_CAPABILITIES |
				 UINT32_C(1) << WANT_EVENTS);
	/* A shared socket is opened again and again; little changes. */
	if (link->shared && link->vm.size) {
		link->wants = 0;
		link_want(link, WANT_CAPABILITIES);
	}
}

void qmp_poll(struct link *link)
{
	link_want(link, WANT_STATUS);
	link_want(link, WANT_SIZE);
	link_want(link, WANT_MIGRATE);
	link_want(link, WANT_BALLOON);
	link_want(link, WANT_STATS);
	/* One may be plugged in at any time. */
	if (!*link->balloon) {
		link_want(link, WANT_FIND);
		link_want(link, WANT_FIND_ANON);
	}
}

void qmp_poll_balloon(struct link *link)
{
	link_want(link, WANT_BALLOON);
}

/* Daemon time from the module's notice to the VMM's socket. */
static void note_latency(struct link *link)
{
	if (!link->woken_us)
		return;
	latency.last_us = now_us() - link->woken_us;
	if (latency.last_us > latency.most_us)
		latency.most_us = latency.last_us;
	latency.nr++;
	link->woken_us = 0;
}

static void send_command(struct link *link, struct json_object *command)
{
	char text[LINK_OUT];
	int len;

	len = snprintf(text, sizeof(text), "%s\n",
		       json_object_to_json_string_ext(command,
						      JSON_C_TO_STRING_PLAIN));
	if (len < (int)sizeof(text))
		link_send(link, text, (size_t)len);
	else
		link_close(link, "would need too long a command");
}

static bool ask(struct link *link, int want)
{
	struct json_object *command = json_object_new_object();
	struct json_object *args = json_object_new_object();
	const char *name = questions[want].ask(link, args);

	link->wants &= ~(UINT32_C(1) << want);
	if (name) {
		link->asked = want;
		add_text(command, "execute", name);
		json_object_object_add(command, "arguments", args);
		/* libvirt has its own numbers, and refuses a second one. */
		if (link->ops->direct)
			add_number(command, "id", ++link->serial);
		send_command(link, command);
	} else {
		json_object_put(args);
	}
	json_object_put(command);
	return name;
}

void qmp_next(struct link *link)
{
	for (int want = 0; want < NR_WANTS; want++) {
		if (!(link->wants >> want & 1) || !ask(link, want))
			continue;
		if (want == WANT_TARGET && link->fd >= 0) {
			note_latency(link);
			vm_sent(&link->vm);
		}
		return;
	}
}

static int take_event(struct link *link, const char *event,
		      struct json_object *data)
{
	if (!strcmp(event, "BALLOON_CHANGE"))
		return link->vm.size ? take_actual(link, data) : 0;
	if (!strcmp(event, "MIGRATION"))
		return take_migration(link, data);
	if (!strcmp(event, "STOP") || !strcmp(event, "RESUME") ||
	    !strcmp(event, "SHUTDOWN") || !strcmp(event, "SUSPEND") ||
	    !strcmp(event, "WAKEUP")) {
		link_want(link, WANT_STATUS);
	} else if (!strcmp(event, "RESET")) {
		/* Another kernel, with another driver or none. */
		link->vm.features &= ~DR_BALLOON_DRIVER;
		link->vm.sent = 0;
		link_want(link, WANT_STATUS);
		link_want(link, WANT_BALLOON);
	} else if (!strcmp(event, "DEVICE_DELETED")) {
		*link->balloon = '\0';
		link_want(link, WANT_BALLOON);
		link_want(link, WANT_SIZE);
	}
	return 0;
}

/*
 * Without a number an answer is known by its turn: one question is under way
 * at a time, and each connection begins with none.
 */
static bool is_answer(const struct link *link, struct json_object *answer)
{
	uint64_t id;

	if (link->asked < 0 || !json_object_is_type(answer, json_type_object))
		return false;
	return !link->ops->direct ||
	       (get_number(answer, "id", &id) && id == link->serial);
}

static int take_answer(struct link *link, struct json_object *answer)
{
	const struct question *question;
	struct json_object *value = NULL;

	if (!is_answer(link, answer))
		return -EBADMSG;
	question = &questions[link->asked];
	link->asked = -1;
	/* It answers: whatever was wrong with it is over. */
	link->backoff_ms = BACKOFF_MIN_MS;
	if (json_object_object_get_ex(answer, "return", &value))
		return question->take(link, value);
	say(LOG_DEBUG, "guest %s: refused: %s", quoted(link->vm.name),
	    quoted(json_object_to_json_string(answer)));
	if (question->fail)
		question->fail(link);
	return 0;
}

int qmp_take(struct link *link, struct json_object *value)
{
	const char *event = get_text(value, "event");

	if (!link->greeted) {
		if (!get(value, "QMP", json_type_object))
			return -EBADMSG;
		link->greeted = true;
		return 0;
	}
	if (event)
		return take_event(link, event,
				  get(value, "data", json_type_object));
	return take_answer(link, value);
}
