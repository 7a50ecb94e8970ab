#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# shellcheck disable=SC2317 # functions are called by check
# A program takes all of the host's memory. Guests without a limit are paged out
# to make room, to a disk and by way of a pool, and nothing deadlocks; if somebody
# has to be killed in the end, it is that program.
set -euo pipefail
. "$(dirname "$0")/lib.sh"

cli=$TOP/build/tools/denseram
area=/dev/vda
if [ ! -b "$area" ] || [ -z "${LAB:-}" ]; then
	echo "1..0 # SKIP no disk to page to (lab run --disk)"
	exit 0
fi
trap 'tidy_up' EXIT
hog=''

tidy_up()
{
	[ -z "$hog" ] || kill "$hog" 2>/dev/null || :
	remove_guests >/dev/null 2>&1 || :
	"$cli" swap rm "$area" 2>/dev/null || :
}

# Takes as much as there is, a bit at a time, and holds it
start_hog()
{
	cp "$TOP/build/selftests/oom_victim" /tmp/oom_victim
	echo 1000 >/proc/self/oom_score_adj
	/tmp/oom_victim "$(awk '/^MemAvailable:/ { print $2 }' /proc/meminfo)" &
	hog=$!
	echo 0 >/proc/self/oom_score_adj
}

counted()
{
	is "$(info "$1" "stat/$2")" -ge "$3"
}

both_work()
{
	local a b

	a=$("$guest" latest vm1 | jq .verified_mib)
	b=$("$guest" latest vm2 | jq .verified_mib)
	sleep 3
	echo "$a $b"
	[ "$("$guest" latest vm1 | jq .verified_mib)" -gt "$a" ] &&
		[ "$("$guest" latest vm2 | jq .verified_mib)" -gt "$b" ]
}

for vm in vm1 vm2; do
	start $vm --mem 192M --append "dr.mode=fill dr.secs=0 dr.verify=30"
done
check "vm1 comes up" "$guest" ready vm1
check "vm2 comes up" "$guest" ready vm2
check "a disk is added" "$cli" swap add --force "$area"
start_hog
check "guests are paged out to make room" until_true 120 counted vm1 swap_out 2000
check "both of them" until_true 60 counted vm2 swap_out 2000
sleep 5
check "they run on" until_true 60 both_work
kill "$hog" 2>/dev/null || :
wait "$hog" 2>/dev/null || :
hog=''
for vm in vm1 vm2; do
	"$guest" stop $vm
	check "$vm finds every byte right" runs_well $vm
done
remove_guests
check "the disk is removed" "$cli" swap rm "$area"
rm -f /tmp/oom_victim
finish
