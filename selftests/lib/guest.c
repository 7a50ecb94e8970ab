// SPDX-License-Identifier: GPL-2.0-only
/* See guest.h. */
#include <stdio.h>
#include <string.h>

#include "guest.h"
#include "swap.h"

/* A toucher rests so long after each turn, or others had no processor. */
#define REST_MS	20

static __u64 mixed(__u64 x)
{
	x = (x ^ x >> 31) * 0xbf58476d1ce4e5b9ULL;
	return x ^ x >> 29;
}

static __u64 word_at(const struct guest *g, __u64 page, unsigned int i)
{
	__u64 word = (page + 1) * 0x9e3779b97f4a7c15ULL ^ g->name[0];

	return i < g->rough ? mixed(word + i) : word;
}

static __u64 *words_at(const struct guest *g, __u64 page)
{
	return (__u64 *)(g->map + page * PAGE);
}

struct guest guest_open(const char *name, __u64 size)
{
	struct guest g = { .name = name, .size = size };
	char path[256];

	snprintf(path, sizeof(path), "%s/%s", gm_root, name);
	unlink(path);
	g.fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	ASSERT(g.fd >= 0);
	ASSERT_OK(ftruncate(g.fd, (off_t)size));
	g.map = gm_map(g.fd, size);
	CHECK_EQ(write_text(gm_attr_path(name, "share"), "off"), 0);
	g.id = guest_info(&g).id;
	return g;
}

void guest_close(struct guest *g)
{
	char path[256];

	snprintf(path, sizeof(path), "%s/%s", gm_root, g->name);
	munmap(g->map, g->size);
	close(g->fd);
	CHECK_OK(unlink(path));
	CHECK(gm_guest_gone(g->name));
}

void guest_fill_page(struct guest *g, __u64 page)
{
	__u64 *words = words_at(g, page);

	for (unsigned int i = 0; i < PAGE / sizeof(*words); i++)
		words[i] = word_at(g, page, i);
}

void guest_fill(struct guest *g)
{
	for (__u64 page = 0; page < g->size / PAGE; page++)
		guest_fill_page(g, page);
}

void guest_touch_page(struct guest *g, __u64 page)
{
	__atomic_store_n(words_at(g, page), word_at(g, page, 0),
			 __ATOMIC_RELAXED);
}

long guest_bad_page(const struct guest *g, __u64 page)
{
	for (; page < g->size / PAGE; page++) {
		const __u64 *words = words_at(g, page);

		for (unsigned int i = 0; i < PAGE / sizeof(*words); i++)
			if (words[i] != word_at(g, page, i))
				return (long)page;
	}
	return -1;
}

struct dr_guest_info guest_info(const struct guest *g)
{
	struct dr_guest_info info;

	ASSERT_OK(gm_info(g->name, &info));
	return info;
}

__u64 guest_resident(const struct guest *g)
{
	return guest_info(g).usage.resident;
}

__u64 guest_event(const struct guest *g, enum dr_event event)
{
	return guest_info(g).events[event];
}

void guest_set(const struct guest *g, const char *limit, __u64 value)
{
	char text[32];

	snprintf(text, sizeof(text), "%llu", value);
	CHECK_EQ(write_text(gm_attr_path(g->name, limit), text), 0);
}

static bool goes_on(struct toucher *t)
{
	return !__atomic_load_n(&t->stop, __ATOMIC_SEQ_CST);
}

static void *touch(void *arg)
{
	struct toucher *t = arg;
	__u64 nr = t->burst ? t->burst : t->pages;

	while (goes_on(t)) {
		for (__u64 i = 0; i < nr && goes_on(t); i++)
			guest_touch_page(t->guest, t->burst ?
					 rng_below(&t->rng, t->pages) : i);
		sleep_ms(REST_MS);
	}
	return NULL;
}

void toucher_start(struct toucher *t, struct guest *g, __u64 pages,
		   unsigned int burst)
{
	*t = (struct toucher){
		.guest = g, .pages = pages, .burst = burst,
		.rng = { opts.seed },
	};
	ASSERT(!pthread_create(&t->thread, NULL, touch, t));
}

void toucher_stop(struct toucher *t)
{
	__atomic_store_n(&t->stop, 1, __ATOMIC_SEQ_CST);
	pthread_join(t->thread, NULL);
}

int policy_knob(const char *name, const char *value)
{
	char path[128];

	snprintf(path, sizeof(path), POLICY "%s", name);
	return write_text(path, value);
}

__u64 policy_figure(const char *name)
{
	char path[128];
	__u64 value;

	snprintf(path, sizeof(path), POLICY "%s", name);
	ASSERT(!read_u64(path, &value));
	return value;
}

bool policy_level_is(void *arg)
{
	char text[16];

	CHECK_EQ(read_text(POLICY "level", text, sizeof(text)), 0);
	text[strcspn(text, "\n")] = '\0';
	return !strcmp(text, arg);
}

void policy_set_up(void)
{
	gm_need_denseram();
	swap_rm_all();
	CHECK_EQ(policy_knob("enabled", "1"), 0);
	CHECK_EQ(policy_knob("tax", "75"), 0);
	CHECK_EQ(policy_knob("stall_limit", "0"), 0);
	CHECK_EQ(write_text(SYSFS "/wss/enabled", "0"), 0);
	CHECK_EQ(write_text(SYSFS "/wss/period_ms", "10000"), 0);
}
