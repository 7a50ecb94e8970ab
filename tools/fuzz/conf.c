// SPDX-License-Identifier: GPL-2.0-only
/* The daemon's configuration. */
#include "fuzz.h"

#include "../lib/conf.h"

static bool ends(const char *text)
{
	return memchr(text, '\0', CONF_TEXT);
}

static void check(const struct conf *conf)
{
	must(conf->nr_sockets <= CONF_MAX && conf->nr_ways <= CONF_MAX);
	for (size_t i = 0; i < conf->nr_sockets; i++)
		must(ends(conf->sockets[i].pattern));
	for (size_t i = 0; i < conf->nr_ways; i++) {
		must(ends(conf->ways[i].pattern));
		must(conf->ways[i].way < NR_WAYS);
	}
	must(ends(conf->libvirt) && ends(conf->libvirt_pids));
	must(conf->overhead < NR_OVERHEADS);
	must(conf->poll_s >= 1 && conf->poll_s <= 8);
	must(conf->rescan_s && conf->timeout_s && conf->timeout_s <= 600);
	must(conf_way(conf, "vm1") < NR_WAYS);
	must(!conf_may(conf, "vm1", WAY_QMP) || conf_way(conf, "vm1"));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = fuzz_text(data, size), *rest = text, *line;
	static struct conf conf, before;

	conf_defaults(&conf);
	while ((line = fuzz_line(&rest))) {
		before = conf;
		if (conf_line(&conf, line))
			must(!memcmp(&before, &conf, sizeof(conf)));
		check(&conf);
	}
	free(text);
	conf_load(&conf, fuzz_file(data, size), false);
	check(&conf);
	return 0;
}
