#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# shellcheck disable=SC2317 # check calls functions
#
# denseram(8) metrics: in the format, and what sysfs says.
set -euo pipefail

# shellcheck source=tools/tests/cli_lib.sh
. "$(dirname "$0")/cli_lib.sh"
file=$work/denseram.prom

# Each sample belongs to the family before it, no family and no sample is there twice,
# counters and they alone end with _total, and values are numbers
valid()
{
	awk '
	function wrong(what) { print NR ": " what ": " $0; bad = 1 }
	/^# HELP / { if (help) wrong("no type"); help = $3; next }
	/^# TYPE / {
		if ($3 != help) wrong("not helped")
		if ($3 in seen) wrong("family twice")
		if (($4 == "counter") != ($3 ~ /_total$/)) wrong("name of a counter")
		if ($4 != "counter" && $4 != "gauge") wrong("type")
		seen[$3] = 1; family = $3; help = ""; next
	}
	{
		name = $0; sub(/[{ ].*/, "", name)
		key = $0; sub(/ [^ ]*$/, "", key)
		if (name != family) wrong("of no family")
		if (name !~ /^denseram_[a-z_]+$/) wrong("name")
		if (key in samples) wrong("sample twice")
		if ($NF !~ /^[0-9]+(\.[0-9]+)?$/) wrong("value")
		samples[key] = 1
	}
	END { exit bad || !length(samples) }' "$1"
}

# value SAMPLE
value()
{
	awk -v key="$1" 'index($0, key " ") == 1 { print $NF }' "$file"
}

of_guest()
{
	value "denseram_guest_$1{guest=\"cli_m\",id=\"$(<"$sysfs/guests/cli_m/id")\"$2}"
}

# A file that cannot be replaced stays
stays()
{
	mkdir "$work/full"
	mount -t tmpfs -o size=4k,nr_inodes=3 none "$work/full"
	echo old >"$work/full/f"
	! "$cli" metrics -o "$work/full/f" 2>"$work/err" || return 1
	equal "$(<"$work/full/f") $(find "$work/full" -type f | wc -l)" "old 1" || return 1
	umount "$work/full"
}

mkdir "$mount/cli_m"
truncate -s 32M "$mount/cli_m/ram0"
dd if=/dev/urandom of="$mount/cli_m/ram0" bs=1M count=4 conv=notrunc status=none
"$cli" guest set cli_m min=2M
sleep 1.5
check "metrics: into a file" "$cli" metrics -o "$file"
check "metrics: in the format" valid "$file"
check "metrics: on standard output, too" valid <("$cli" metrics)
check "metrics: others may read it" equal "$(stat -c %a "$file")" 644
check "metrics: the release" equal \
	"$(value "denseram_info{release=\"$(<"$sysfs/version")\"}")" 1
check "metrics: one level" equal "$(awk '/^denseram_host_level\{/ { sum += $2 }
	END { print sum }' "$file")" 1
check "metrics: that of sysfs" equal \
	"$(value "denseram_host_level{level=\"$(<"$sysfs/policy/level")\"}")" 1
check "metrics: size" equal "$(of_guest size_bytes '')" $((32 << 20))
check "metrics: min" equal "$(of_guest min_bytes '')" $((2 << 20))
check "metrics: resident" equal "$(of_guest resident_bytes '')" \
	"$(<"$sysfs/guests/cli_m/resident")"
check "metrics: events of a guest" equal \
	"$(of_guest events_total ',event="page_alloc"')" \
	"$(<"$sysfs/guests/cli_m/stat/page_alloc")"
check "metrics: what cannot be written stays as it was" stays
check "metrics: nowhere" fails 1 "/nonexistent/file" metrics -o /nonexistent/file
check "metrics: takes no word" fails 2 "unexpected" metrics now
finish
