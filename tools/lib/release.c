// SPDX-License-Identifier: GPL-2.0-only
#include "release.h"

#include <ctype.h>
#include <errno.h>
#include <string.h>

/* A number of at most six digits, with its end. */
static int take_number(const char **text, unsigned int *value)
{
	const char *s = *text;
	int nr;

	*value = 0;
	for (nr = 0; isdigit((unsigned char)s[nr]); nr++) {
		if (nr == 6)
			return -EINVAL;
		*value = *value * 10 + (unsigned int)(s[nr] - '0');
	}
	*text = s + nr;
	return nr ? 0 : -EINVAL;
}

int dr_release_parse(const char *text, struct dr_release *release)
{
	if (take_number(&text, &release->major) || *text++ != '.' ||
	    take_number(&text, &release->minor))
		return -EINVAL;
	return 0;
}

bool dr_release_since(const struct dr_release *release, unsigned int major,
		      unsigned int minor)
{
	return release->major > major ||
	       (release->major == major && release->minor >= minor);
}

int dr_release_of_qemu(const char *bytes, size_t len,
		       struct dr_release *release)
{
	const char *end = bytes + len;
	char text[16];

	while ((bytes = memmem(bytes, (size_t)(end - bytes), DR_QEMU_MARK,
			       strlen(DR_QEMU_MARK)))) {
		size_t left;

		bytes += strlen(DR_QEMU_MARK);
		left = (size_t)(end - bytes);
		if (left > sizeof(text) - 1)
			left = sizeof(text) - 1;
		memcpy(text, bytes, left);
		text[left] = '\0';
		if (!dr_release_parse(text, release))
			return 0;
	}
	return -ENOENT;
}
