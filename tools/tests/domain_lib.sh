# shellcheck shell=bash disable=SC2154
# SPDX-License-Identifier: GPL-2.0-only
# What must hold of domains of libvirt on denseram, and the blocks of the manual's page
# about them. To be sourced after cli_lib.sh.

manual=$top/Documentation/admin-guide/libvirt.rst

# block LANGUAGE [NUMBER]: of the manual, the first or that one
block()
{
	awk -v language="$1" -v wanted="${2:-1}" '
		/^\.\. code-block::/ { inside = $3 == language && ++nr == wanted; next }
		inside && /^[^ ]/ { inside = 0 }
		inside' "$manual"
}

# value GUEST FILE
value()
{
	cat "$sysfs/guests/$1/$2"
}

# has GUEST FILE VALUE
has()
{
	equal "$(value "$1" "$2")" "$3"
}

has_at_least()
{
	local now

	now=$(value "$1" "$2")
	echo "$2 of $1 is $now"
	[[ $now -ge $3 ]]
}

is_confined()
{
	grep '^libvirt-.* (enforce)$' "/proc/$(value "$1" vmm_pid)/attr/current"
}

no_warning()
{
	"$cli" status --json | jq -e '.warnings == []'
}
