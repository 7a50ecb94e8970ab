/* SPDX-License-Identifier: GPL-2.0-only */
/* What an exporter answers: all metrics, collected anew, and its own. */
#ifndef DR_SCRAPE_H
#define DR_SCRAPE_H

#include <stddef.h>
#include <stdint.h>

/**
 * enum scrape_failure - why a scrape has nothing to tell of the host
 * @SCRAPE_NO_MODULE: the module is not loaded
 * @SCRAPE_OTHER_ABI: it is of another release
 * @SCRAPE_NOT_PERMITTED: the device may not be opened
 * @SCRAPE_NOT_READ: anything else
 * @SCRAPE_NR_FAILURES: how many there are
 */
enum scrape_failure {
	SCRAPE_NO_MODULE,
	SCRAPE_OTHER_ABI,
	SCRAPE_NOT_PERMITTED,
	SCRAPE_NOT_READ,
	SCRAPE_NR_FAILURES,
};

/**
 * struct scrapes - of an exporter since it was started
 * @nr: how many
 * @failed: of them, by enum scrape_failure
 * @last_err: of the last one: what is new is told, once
 */
struct scrapes {
	uint64_t nr;
	uint64_t failed[SCRAPE_NR_FAILURES];
	int last_err;
};

/**
 * scrape - collect all metrics
 * @scrapes: counted there
 * @len: out: length of the text
 *
 * The device is open no longer than this takes: between scrapes the module may
 * be unloaded, and loaded again. Without it denseram_up is 0, and there are the
 * exporter's own metrics alone.
 *
 * Returns the text, to be freed; NULL when there is no memory for it.
 */
char *scrape(struct scrapes *scrapes, size_t *len);

#endif /* DR_SCRAPE_H */
