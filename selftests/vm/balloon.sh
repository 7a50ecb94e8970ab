#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# shellcheck disable=SC2317 # functions are called by check
# denseram_balloon.ko in a guest: the host's memory falls and rises with the
# target, pages come back on memory pressure, suspend and unload, and the
# bytes of everyone else stay as they were.
#
# The guest is driven by a shell on its serial line: see agent.sh.
set -euo pipefail
. "$(dirname "$0")/lib.sh"

# shellcheck source=selftests/vm/agent.sh
. "$(dirname "$0")/agent.sh"

trap 'remove_guests >/dev/null 2>&1; rm -rf "$work"' EXIT
MIB=1048576

meminfo()
{
	run "awk '/^$1:/ { print \$2 }' /proc/meminfo"
}

actual_mib()
{
	"$guest" qmp vm1 query-balloon | jq '.return.actual / 1048576 | floor'
}

target()
{
	"$guest" qmp vm1 balloon "{\"value\":$(($1 * MIB))}" >/dev/null
}

actual_is()
{
	is "$(actual_mib)" "$1" "$2"
}

# Bytes the host holds for data; holes of blocks are zeroed and reusable
held_mib()
{
	local holes

	holes=$(denseram guest show --json vm1 | jq .guest.usage.where.holes)
	echo $((($(info vm1 resident) - holes) / MIB))
}

held_is()
{
	is "$(held_mib)" "$1" "$2"
}

# A process of the guest fills memory and keeps checking it
fill_start()
{
	run "mkfifo /fill.in; exec 9<>/fill.in; \
		/workload --native mode=fill mem=32 secs=0 <&9 >/fill.log 2>&1 &"
	until_true 30 run "grep -q ready /fill.log"
}

fill_is_right()
{
	local final

	run "echo stop >&9" && until_true 30 run "grep -q final /fill.log"
	final=$(run "grep final /fill.log | sed 's/^@dr //'")
	echo "$final"
	jq -e '.bad == 0 and .sweeps > 0' >/dev/null <<<"$final"
}

# A process that needs more than the balloon left
hog()
{
	local final

	run "/workload --native mode=fill mem=$1 secs=1 </dev/null >/hog.log" ||
		return
	final=$(run "grep final /hog.log | sed 's/^@dr //'")
	echo "$final"
	jq -e '.bad == 0' >/dev/null <<<"$final"
}

test_target()
{
	check "the balloon reaches its target" until_true 90 actual_is -eq "$1"
	check "the host holds no more than the rest" \
		until_true 10 held_is -le $(($1 + 2))
}

# The size the balloon must shrink the guest to, to leave it @1 MiB
size_leaving()
{
	echo $((256 - $(meminfo MemAvailable) / 1024 + $1))
}

test_resize()
{
	target "$small"
	test_target "$small"
	target 200
	test_target 200
	target "$small"
	test_target "$small"
}

test_pressure()
{
	check "a process gets memory that the balloon held" hog 60
	check "the balloon gave it up" actual_is -gt "$small"
	check "no process was killed" run "! dmesg | grep -q 'Out of memory'"
	sleep 1
	check "and does not take it again unasked" actual_is -gt "$small"
}

test_suspend()
{
	run "grep -q devices /sys/power/pm_test" >/dev/null || {
		skip "suspend" "no pm_test in the guest's kernel"
		return
	}
	target "$small"
	until_true 60 actual_is -eq "$small"
	run "echo devices >/sys/power/pm_test" >/dev/null
	check "the guest suspends its devices and resumes" \
		run "echo freeze >/sys/power/state"
	check "then the balloon inflates again" \
		until_true 60 actual_is -eq "$small"
}

test_unload()
{
	local before

	before=$(meminfo MemAvailable)
	check "the driver unloads while it holds pages" \
		run "rmmod denseram_balloon"
	check "all pages are the guest's again" \
		is "$(meminfo MemAvailable)" -gt $((before + 30 * 1024))
	check "all of them can be used" hog 60
	check "the driver loads again" \
		run "insmod /modules/denseram_balloon.ko"
	check "and inflates to the target of before" \
		until_true 60 actual_is -eq "$small"
}

has_device()
{
	run "ls /sys/bus/virtio/drivers/denseram_balloon/virtio*"
}

available_is()
{
	is "$(meminfo MemAvailable)" "$1" "$2"
}

plug()
{
	"$guest" qmp vm1 device_add '{"driver":"virtio-balloon-pci",
		"id":"balloon","bus":"slot0","deflate-on-oom":true}'
}

# The device goes while its pages are in the balloon, and comes back
test_unplug()
{
	local before

	before=$(meminfo MemAvailable)
	check "the balloon is unplugged while it holds pages" \
		"$guest" qmp vm1 device_del '{"id":"balloon"}'
	check "the driver lets it go" until_true 60 refused has_device
	check "all pages are the guest's again" \
		until_true 30 available_is -gt $((before + 30 * 1024))
	check "all of them can be used" hog 60
	check "a balloon is plugged in" until_true 60 plug
	check "the driver takes it" until_true 60 has_device
	target "$small"
	test_target "$small"
}

# Without DEFLATE_ON_OOM the guest is smaller, and says so
test_without_oom()
{
	local total

	check "a guest without deflate-on-oom comes up" boot off
	total=$(meminfo MemTotal)
	target 192
	check "the balloon reaches its target" until_true 90 actual_is -eq 192
	check "MemTotal is smaller by the balloon" \
		is "$(meminfo MemTotal)" -eq $((total - 64 * 1024))
	target 256
	check "the balloon empties" until_true 60 actual_is -eq 256
	check "MemTotal is what it was" is "$(meminfo MemTotal)" -eq "$total"
}

make_images
echo "# guests run $release"
check "a guest with denseram_balloon comes up" boot on
check "the driver has the device" \
	run "ls /sys/bus/virtio/drivers/denseram_balloon/virtio*"
check "a process fills memory" fill_start
small=$(size_leaving 40)
test_resize
test_pressure
test_suspend
test_unload
test_unplug
check "no byte of that process changed" fill_is_right
check "the guest's kernel has nothing to say" \
	run "! dmesg | grep -E 'BUG|WARNING|Oops|Bad page|resizing failed'"
end_guest
test_without_oom
end_guest
rm -r "$work"	# it is in memory, which finish counts
finish
