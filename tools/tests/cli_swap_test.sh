#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# shellcheck disable=SC2317 # check calls functions
#
# denseram(8) on paging: swap areas come and go, each refusal says what helps, and
# what it reports is what sysfs says.
set -euo pipefail

# shellcheck source=tools/tests/cli_lib.sh
. "$(dirname "$0")/cli_lib.sh"

[[ -d $sysfs/swap ]] || {
	skip "paging" "the module is older than it"
	finish
}
area=/tmp/cli_area
umask 077	# what others can read is refused
limit=$(<$sysfs/swap/pool_limit)
trap 'stop_paging; cleanup' EXIT

stop_paging()
{
	echo "$limit" >"$sysfs/swap/pool_limit"
	"$cli" swap rm "$area" 2>/dev/null || true
	rm -f "$area" "$area".*
}

areas()
{
	"$cli" swap ls --json | jq -e ".areas | $1"
}

test_usage()
{
	check "swap without a verb" fails 2 "needs add, rm or ls" swap
	check "add without a path" fails 2 "needs one file" swap add
	check "a priority that is none" fails 2 "no priority" \
		swap add --prio high "$area"
	check "a priority without a number" fails 2 "needs a number" \
		swap add --prio
	check "a size that is none" fails 2 "no size" swap add --size 12k "$area"
	check "a size without one" fails 2 "needs a size" swap add --size
	check "rm of what is no area" fails 1 "no swap area" swap rm "$area".none
}

test_refusals()
{
	check "no such file" fails 1 "no such file" swap add "$area".none
	truncate -s 8M "$area".holes
	check "a file with holes" fails 1 "has holes" swap add "$area".holes
	head -c 4096 /dev/zero >"$area".small
	check "a file that is too small" fails 1 "smaller than 1 MiB" \
		swap add "$area".small
	truncate -s 4M "$mount/cli_file"
	check "a file on denseram" fails 1 "lies on denseram" \
		swap add "$mount/cli_file"
	head -c 4M /dev/urandom >"$area".data
	check "a file with something on it" fails 1 "holds something" \
		swap add "$area".data
	head -c 4M /dev/zero >"$area".open
	chmod 0640 "$area".open
	check "a file that others can read" fails 1 "by others than root" \
		swap add "$area".open
	chmod 0600 "$area".open
	chown 65534 "$area".open
	check "a file of somebody else" fails 1 "by others than root" \
		swap add "$area".open
	check "neither file nor device" fails 1 "neither a file" \
		swap add --force /dev/null
	rm -f "$mount/cli_file" "$area".*
}

# Nothing is left of a file that cannot be one, and what was there stays
test_made()
{
	check "a file is made and added" "$cli" swap add --size 5M "$area"
	check "as large as asked for, and nobody else's" \
		equal "$(stat -c '%s %a' "$area")" "$((5 << 20)) 600"
	check "it is an area" areas ".[0].path == \"$area\""
	check "it ends" "$cli" swap rm "$area"
	check "not over what is there" fails 1 "is there already" \
		swap add --size 5M "$area"
	check "and that stays" test -e "$area"
	check "no larger than there is room" fails 1 "has only" \
		swap add --size 8E "$area".new
	check "none on denseram" fails 1 "lies on denseram" \
		swap add --size 4M "$mount/cli_file"
	check "nothing is left of these" absent "$area".new "$mount/cli_file"
	check "nor of one that is interrupted" interrupted "$area".new
	rm -f "$area"
}

absent()
{
	local path

	for path; do
		! [[ -e $path ]] || return 1
	done
}

# A gigabyte takes longer than that
interrupted()
{
	local status=0

	timeout -s INT 0.2 "$cli" swap add --size 1G "$1" 2>&1 || status=$?
	echo "status $status"
	[[ $status == 124 ]] && absent "$1"
}

test_life()
{
	head -c 32M /dev/zero >"$area"
	check "a file is added" "$cli" swap add --prio 7 "$area"
	check "not twice" fails 1 "already" swap add --force "$area"
	check "it is listed" grep -Eq "^ *7 +ok .* $area$" <("$cli" swap ls)
	check "as JSON too" areas ".[0].path == \"$area\" and .[0].prio == 7 and
		(.[0].device | not) and .[0].state == \"ok\""
	mkdir "$mount/cli_a"
	head -c 8M /dev/urandom >"$work/bytes"
	cp "$work/bytes" "$mount/cli_a/ram0"
	echo 0 >"$sysfs/swap/pool_limit"
	check "a limit is set" "$cli" guest set cli_a limit=4M
	check "the guest is paged to it" squeezed cli_a
	check "sysfs says the same" equal "$(field cli_a swap.disk)" \
		$(($(<$sysfs/guests/cli_a/swap/disk) * 4096))
	check "the host's figures too" jq -e \
		'.swap | .nr_areas == 1 and .disk >= 1048576 and .stop == "none"' \
		<("$cli" status --json)
	check "no byte is changed" cmp "$work/bytes" "$mount/cli_a/ram0"
	check "tables fit 80 columns" awk \
		'length > 80 { print; wide = 1 } END { exit wide || NR < 10 }' \
		<("$cli" status; "$cli" guest show cli_a; "$cli" swap ls)
	check "park without a guest" fails 2 "needs one guest" guest park
	check "park of nobody" fails 1 "no guest" guest park nosuch
	check "wake of nobody" fails 1 "no guest" guest wake nosuch
	"$cli" guest set cli_a limit=0
	check "a guest is parked" "$cli" guest park cli_a
	check "hardly anything of it is in memory" \
		[ "$(field cli_a usage.resident)" -le 1048576 ]
	check "it is woken" "$cli" guest wake cli_a
	check "all of it is back" \
		[ "$(field cli_a usage.resident)" -ge 8388608 ]
	check "no byte is changed by that" cmp "$work/bytes" "$mount/cli_a/ram0"
	check "the area is removed" "$cli" swap rm "$area"
	check "and all pages are home" equal 0 "$(field cli_a swap.disk)"
	check "no byte is changed then" cmp "$work/bytes" "$mount/cli_a/ram0"
	check "no area is left" areas "length == 0"
}

test_usage
test_refusals
test_made
test_life
finish
