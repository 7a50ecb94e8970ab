#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# shellcheck disable=SC2317 # functions are called by check
# The policy between two real guests when the host runs short: one that is idle
# gives, by its balloon, and one that uses all it has, and has no balloon, keeps
# it. When the host has memory again, the balloon is let go.
set -euo pipefail
. "$(dirname "$0")/lib.sh"

# shellcheck source=selftests/vm/agent.sh
. "$(dirname "$0")/agent.sh"

trap 'tidy_up' EXIT
MIB=1048576
hog=$work/hog
policy=$SYSFS/policy
denseram=$TOP/build/tools/denseram
daemon=''
guest_mem=640M

tidy_up()
{
	umount "$hog" 2>/dev/null || :
	[ -z "$daemon" ] || kill "$daemon" 2>/dev/null || :
	remove_guests >/dev/null 2>&1 || :
	echo 10 >"$policy/stall_limit"
	echo 1 >"$policy/enabled"
	rm -rf "$work"
}

# With the free pages on lists of CPUs
free_mib()
{
	awk '/^MemAvailable:/ { free = $2 / 1024 }
	     $1 == "count:" { listed += $2 / 256 }
	     END { print int(free + listed) }' /proc/meminfo /proc/zoneinfo
}

# Takes memory of the host until so much is left
start_hog()
{
	local leave=$1 nr

	mkdir "$hog"
	mount -t tmpfs -o size=100% none "$hog"
	while nr=$(($(free_mib) - leave)) && [ $nr -gt 0 ]; do
		dd if=/dev/zero bs=1M count=$((nr > 64 ? 64 : nr)) status=none \
			>>"$hog/file"
	done
}

level_is()
{
	echo "level $(<"$policy/level"), $(free_mib) MiB free"
	[ "$(<"$policy/level")" = "$1" ]
}

# balloon_is FILE OP VALUE: of the first guest
balloon_is()
{
	is "$(info vm1 "balloon/$1")" "$2" "$3"
}

# Use much of the guest once, and nothing of it any more
use_and_idle()
{
	run "mkdir /mnt && mount -t tmpfs -o size=100% none /mnt &&" \
		"dd if=/dev/zero of=/mnt/x bs=1M count=400 && rm /mnt/x"
}

in_use_mib()
{
	"$denseram" explain "$1" --json | jq '.in_use / 1048576 | floor'
}

# What is not known counts as in use
is_idle()
{
	is "$(in_use_mib vm1)" -lt 250
}

is_busy()
{
	is "$(in_use_mib vm2)" -gt 110
}

explained()
{
	local text

	text=$("$denseram" explain "$1" --json)
	jq -c '{target, resident, rule, in_use, veto}' <<<"$text"
	jq -e "$2" <<<"$text"
}

pages_out()
{
	is "$(info "$1" stat/swap_out)" "$2" "$3"
}

works_on()
{
	local was

	was=$("$guest" mark vm2 | jq .ops)
	until_true 60 works_since "$was"
}

works_since()
{
	is "$("$guest" mark vm2 | jq .ops)" -gt "$1"
}

echo 0 >"$policy/enabled"
# Levels are to be what is free, whatever stalls the hog causes on its way
echo 0 >"$policy/stall_limit"
echo 2000 >"$SYSFS/wss/period_ms"
echo 1 >"$SYSFS/wss/enabled"
echo "qmp = $GUESTS/*/daemon.qmp" >"$work/conf"
machine_args=(-qmp "unix:$GUESTS/vm1/daemon.qmp,server=on,wait=off")
make_images
check "a guest with our driver comes up" boot on
"$TOP/build/tools/denseramd" -c "$work/conf" 2>"$work/log" &
daemon=$!
start vm2 --mem 256M \
	--append "dr.mode=toucher dr.mem=128 dr.ws=120 dr.secs=0 dr.verify=0"
check "one with none comes up" "$guest" ready vm2
check "the first uses memory, and lets go of it" use_and_idle
had=$(info vm1 resident)
check "the host still has it" is "$had" -gt $((400 * MIB))
check "the first is found to be idle" until_true 120 is_idle
check "the second to be busy" until_true 120 is_busy
check "nobody is asked for anything" balloon_is wanted = none
start_hog 200
check "the host is short of memory" until_true 60 level_is soft
sleep 3
check "guests are left alone as long as that is said" balloon_is wanted = none
echo 1 >"$policy/enabled"
check "the host has enough again" until_true 60 level_is high
check "the idle one gave" is "$(info vm1 resident)" -lt $((had - 60 * MIB))
check "by its balloon" balloon_is actual -gt $((60 * MIB))
check "and was not paged" pages_out vm1 -eq 0
check "the busy one kept what it uses" \
	is "$(info vm2 resident)" -ge $((110 * MIB))
check "and works" works_on
check "it is told why the idle one has less" explained vm1 \
	'.target < 500 * 1048576 and ([.decisions[] | select(.balloon > 0)] | length > 0)'
check "and that its balloon works" explained vm1 '.balloon == "works"'
"$denseram" explain vm1 | note
"$denseram" policy | note
umount "$hog"
check "with memory again the balloon is let go" \
	until_true 60 balloon_is actual -eq 0
check "the first guest lives" run "echo alive"
"$guest" stop vm2
check "the second finds every byte right" runs_well vm2
[ $failures -eq 0 ] || tail -n 40 "$work/log" | note
tidy_up
echo 10000 >"$SYSFS/wss/period_ms"
echo 0 >"$SYSFS/wss/enabled"
finish
