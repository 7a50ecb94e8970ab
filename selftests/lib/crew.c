// SPDX-License-Identifier: GPL-2.0-only
/* See crew.h. */
#include "../ktap.h"
#include "crew.h"
#include "util.h"

void crew_add(struct crew *crew, void *(*fn)(void *arg), void *arg)
{
	ASSERT(crew->nr < CREW_MAX);
	ASSERT(pthread_create(&crew->threads[crew->nr], NULL, fn, arg) == 0);
	crew->nr++;
}

bool crew_goes_on(struct crew *crew)
{
	return !__atomic_load_n(&crew->stop, __ATOMIC_ACQUIRE) &&
	       !ktap_failed();
}

#define PATIENCE_MS	60000

static bool at_once(void *arg)
{
	(void)arg;
	return true;
}

void crew_work(struct crew *crew, unsigned int ms)
{
	crew_work_until(crew, ms, at_once, NULL);
}

void crew_work_until(struct crew *crew, unsigned int ms,
		     bool (*done)(void *arg), void *arg)
{
	__u64 now = now_ms(), end = now + ms, limit = end + PATIENCE_MS;

	while (crew_goes_on(crew) && now < limit && (now < end || !done(arg))) {
		sleep_ms(20);
		now = now_ms();
	}
	__atomic_store_n(&crew->stop, 1, __ATOMIC_RELEASE);
	for (unsigned int i = 0; i < crew->nr; i++)
		pthread_join(crew->threads[i], NULL);
	crew->nr = 0;
	crew->stop = 0;
}
