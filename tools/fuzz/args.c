// SPDX-License-Identifier: GPL-2.0-only
/* Words of a command line: options, settings of a guest, addresses, areas. */
#include "fuzz.h"

#include "../lib/address.h"
#include "../lib/area.h"
#include "../lib/args.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <unistd.h>

#define WORDS	24

static void try_address(const char *word)
{
	union dr_address address, again;
	char text[DR_ADDRESS_TEXT];

	if (dr_address_parse(word, &address))
		return;
	dr_address_format(&address, text);
	must(!dr_address_parse(text, &again));
	must(!memcmp(&address, &again, sizeof(address)));
	must(dr_address_len(&address) <= sizeof(address));
}

static void try_priority(const char *word)
{
	int prio = INT_MAX;

	if (!dr_area_parse_prio(word, &prio))
		must(prio >= SHRT_MIN && prio <= SHRT_MAX);
}

static void try_settings(int argc, char **argv)
{
	struct dr_settings s = { .has_balloon = false };
	const char *why = NULL;
	int bad = dr_args_settings(argc, argv, &s, &why);

	must(bad <= 0 && bad >= -argc);
	must(!bad == !why);
	must(!(s.limits.flags & ~DR_SET_ALL));
	must(!(s.share.flags & ~DR_GUEST_SHARE_ALL));
	if (bad)
		return;
	if (s.limits.flags & DR_SET_SHARES)
		must(s.limits.limits.shares >= 1 &&
		     s.limits.limits.shares <= 1000000);
	must(s.limits.limits.pinned <= 1 && s.share.scan <= 1);
	must(s.share.mode < DR_NR_SHARE_MODES);
	if (s.has_balloon)
		must(s.balloon.wanted == DR_BALLOON_UNASKED ||
		     !(s.balloon.wanted % DR_PAGE_SIZE));
}

static void try_line(int argc, char **argv)
{
	bool json = false, force = false;
	const struct dr_flag flags[] = {
		{ "--json", &json }, { "--force", &force }, { NULL, NULL },
	};
	const char *bad = NULL, *value;
	int nr = argc;

	if (dr_args_option(&nr, argv, "--sample", &value))
		return;
	must(nr >= 0 && nr <= argc && (value || nr == argc));
	for (int i = 0; i < nr && strcmp(argv[i], "--"); i++)
		must(strcmp(argv[i], "--sample"));
	nr = dr_args_parse(nr, argv, flags, &bad);
	must(nr <= argc && (nr >= 0 || bad));
	try_settings(nr < 0 ? 0 : nr, argv);
}

static void try_area(const uint8_t *data, size_t size)
{
	int fd = open(fuzz_file(data, size), O_RDONLY | O_CLOEXEC);
	int err = dr_area_inspect(fd);

	must(!err || err == -ENOTEMPTY);
	close(fd);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = fuzz_text(data, size), *rest = text, *words[WORDS];
	int nr = 0;

	while (nr < WORDS && (words[nr] = fuzz_line(&rest))) {
		try_address(words[nr]);
		try_priority(words[nr]);
		nr++;
	}
	try_settings(nr, words);
	try_line(nr, words);
	free(text);
	try_area(data, size);
	return 0;
}
