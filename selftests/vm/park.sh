#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# shellcheck disable=SC2317 # functions are called by check
# A guest is parked while it runs and while it stands still, to the pool and to a
# disk, and woken again. What is done is shown; it can be interrupted and may find
# no room; and the guest finds every byte as it wrote it.
set -euo pipefail
. "$(dirname "$0")/lib.sh"

cli=$TOP/build/tools/denseram
area=/dev/vda
if [ ! -b "$area" ] || [ -z "${LAB:-}" ]; then
	echo "1..0 # SKIP no disk to page to (lab run --disk)"
	exit 0
fi
pool=$(cat "$SYSFS/swap/pool_limit")
sectors=$(blockdev --getsz "$area")
work=$(mktemp -d)
trap 'tidy_up' EXIT

tidy_up()
{
	remove_guests >/dev/null 2>&1 || :
	echo "$pool" >"$SYSFS/swap/pool_limit"
	"$cli" swap rm "$area" 2>/dev/null || :
	"$cli" swap rm /dev/mapper/dr-slow 2>/dev/null || :
	dmsetup remove dr-slow 2>/dev/null || :
	rm -rf "$work"
}

resident_mib()
{
	echo $(($(info vm1 resident) >> 20))
}

# At a terminal, where progress is shown
at_terminal()
{
	timeout $((60 * slow)) script -qec "$*" "$work/shown" </dev/null
}

shown()
{
	tr '\r' '\n' <"$work/shown" | grep -E "$1"
}

parked_to()
{
	is "$(resident_mib)" -le "$1"
}

back_to()
{
	is "$(resident_mib)" -ge "$1"
}

# field PATH: of what the tool says about the guest
field()
{
	"$cli" guest show --json vm1 | jq ".guest.$1"
}

parking()
{
	[ "$(field parking)" = "$1" ]
}

# all_back [KIB]: but for so many; zeros it gave up are gone
all_back()
{
	local out

	out=$(field 'swap | .same + .pool + .disk - .clean')
	is "$out" -le $((${1:-0} * 1024)) &&
		is "$(resident_mib)" -gt $((full / 2))
}

# How the program that is in the background has ended
ended()
{
	status=0
	wait $! || status=$?
}

latest_ops()
{
	"$guest" latest vm1 | jq .ops
}

# It does something, and finds nothing wrong
works()
{
	local before now

	before=$(latest_ops)
	sleep 3
	now=$(latest_ops)
	echo "$before, then $now"
	[ "$now" -gt "$before" ]
}

stands_still()
{
	refused works
}

check "a disk is added" "$cli" swap add --force "$area"
start vm1 --mem 128M --append "dr.mode=toucher dr.ws=4 dr.rate=50 dr.verify=0 dr.secs=0"
check "a guest comes up" "$guest" ready vm1
full=$(resident_mib)
echo "# it holds $full MiB"

check "it is parked while it runs" at_terminal "$cli guest park vm1"
check "progress is shown" shown '^ *[0-9.]+ .*still in memory'
check "and how it ended" shown "^Parked: .* of .* are still in memory"
check "nearly all of it is out" parked_to $((full / 4))
check "it goes on" works
check "it is woken while it runs" at_terminal "$cli guest wake vm1"
check "progress is shown" shown '[0-9] MiB brought back'
check "and how it ended" shown "^Brought back .* MiB"
check "all of it is there" all_back
check "it goes on" works

echo 0 >"$SYSFS/swap/pool_limit"
"$guest" qmp vm1 stop >/dev/null
check "it is stopped" stands_still
check "it is parked while it stands still" at_terminal "$cli guest park vm1"
check "progress is shown" shown '^ *[0-9.]+ .*still in memory'
check "hardly anything of it is left" parked_to 2
check "pages are on the disk" is "$(info vm1 swap/disk)" -gt 8000
check "the totals agree" recount_ok
check "it is woken while it stands still" at_terminal "$cli guest wake vm1"
check "progress is shown" shown '[0-9] MiB brought back'
check "all of it is there" all_back
"$guest" qmp vm1 cont >/dev/null
check "it goes on" works

# To a slow disk, so that there is time to interrupt it
check "the disk is removed" "$cli" swap rm "$area"
modprobe -q dm-mod || :
modprobe -q dm-delay || :
dmsetup create dr-slow --table "0 $sectors delay $area 0 0 $area 0 200"
dmsetup mknodes
check "a slow disk is added" "$cli" swap add --force /dev/mapper/dr-slow
"$guest" qmp vm1 stop >/dev/null
"$cli" guest park vm1 >"$work/parked" &
check "it is being parked" until_true 20 parked_to $((full - 16))
check "and says so" parking true
check "it is woken in the midst of that" "$cli" guest wake vm1
ended
check "parking has ended" is "$status" -eq 0
check "and says how far it got" grep "^Parked: .* of .* are still in memory" \
	"$work/parked"
check "the guest is not being parked" parking false
# The pager may have had one more page in its hands
check "all of it is there" all_back 64
"$cli" guest park vm1 >"$work/parked" 2>&1 &
check "it is being parked again" until_true 20 parked_to $((full - 16))
kill -TERM $!
ended
check "who gives up is told" grep "parking: interrupted" "$work/parked"
check "and fails" is "$status" -eq 1
check "the guest is not being parked" parking false
check "it is woken" "$cli" guest wake vm1
check "the slow disk is removed" "$cli" swap rm /dev/mapper/dr-slow
dmsetup remove dr-slow

# No disk, and a pool that is full at once
echo 4M >"$SYSFS/swap/pool_limit"
check "parking ends where there is no room" at_terminal "$cli guest park vm1"
check "in a clear line" shown "^Parked: .* are still in memory: pool full"
check "most of it is in memory" back_to $((full / 2))
"$guest" qmp vm1 cont >/dev/null
check "it goes on" works
check "it is woken" "$cli" guest wake vm1
"$guest" stop vm1
check "the guest finds every byte right" runs_well vm1
tidy_up
trap - EXIT
finish
