#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# shellcheck disable=SC2317 # functions are called by check
# A guest with one virtual CPU reads pages from a slow disk. KVM's asynchronous
# page faults let its other tasks run on meanwhile, and what is only read stays
# clean on the disk. Told that the disk is quick, it waits instead.
set -euo pipefail
. "$(dirname "$0")/lib.sh"

cli=$TOP/build/tools/denseram
image=$(mktemp)
pool=$(cat "$SYSFS/swap/pool_limit") patience=$(cat "$SYSFS/swap/async_us")
sectors=$((256 * 2048))
head -c 256M /dev/zero >"$image"
free_before=$(mem_free_kib)	# the image lies in memory, too
modprobe -q loop || :
modprobe -q dm-mod || :
loop=$(losetup --find --show --direct-io=off "$image")
trap 'tidy_up' EXIT

tidy_up()
{
	remove_guests >/dev/null 2>&1 || :
	echo "$pool" >"$SYSFS/swap/pool_limit"
	echo "$patience" >"$SYSFS/swap/async_us"
	"$cli" swap rm /dev/mapper/dr-slow 2>/dev/null || :
	dmsetup remove dr-slow 2>/dev/null || :
	losetup -d "$loop" 2>/dev/null || :
	rm -f "$image"
}

set_table()
{
	dmsetup suspend --noflush dr-slow
	dmsetup load dr-slow --table "$1"
	dmsetup resume dr-slow
}

modprobe -q dm-delay || :
dmsetup create dr-slow --table "0 $sectors linear $loop 0"
dmsetup mknodes
dmsetup targets | grep -q '^delay ' || {
	echo "1..0 # SKIP no dm-delay"
	exit 0
}

on_disk()
{
	[ "$(info vm1 swap/disk)" -ge "$1" ]
}

latest()
{
	"$guest" latest vm1 | jq "$1"
}

counted()
{
	is "$(info vm1 "stat/$1")" -ge "$2"
}

# goes_on SPEED: for five seconds of the guest its counting task ran at a third
# of SPEED or more, while it was told of pages that were there. If not, the next
# five are looked at: what its kernel and its reports need lies on the disk at
# first as well, and while it waits for that nothing else runs.
goes_on()
{
	local last

	last=$("$guest" latest vm1)
	jq -es '.[1].t >= .[0].t + 5' <<<"$first $last" >/dev/null || return 1
	echo "$first -> $last"
	jq -es --argjson speed "$1" '.[0] as $a | .[1] as $b |
		($b.ops - $a.ops) / ($b.t - $a.t) * 3 >= $speed and
		$b.async_faults - $a.async_faults >= 10' <<<"$first $last" && return
	first=$last
	return 1
}

# At random, so that reading ahead is no help. The thread that waits has half of
# the memory.
start vm1 --mem 256M --append "dr.mode=wait dr.threads=2 dr.mem=200 dr.secs=0"
check "a guest comes up" "$guest" ready vm1
check "a disk is added" "$cli" swap add /dev/mapper/dr-slow
echo 0 >"$SYSFS/swap/pool_limit"
sleep 3
before=$(latest .ops_per_s)
echo 100M >"$SYSFS/guests/vm1/limit"
check "pages are on the disk" until_true 60 on_disk 8000
set_table "0 $sectors delay $loop 0 50 $loop 0 0"
sleep 3
first=$("$guest" latest vm1)
async=$(info vm1 stat/fault_async)
check "its other task goes on at a third of its speed or more while it waits" \
	until_true 90 goes_on "$before"
check "faults were sent back for that" \
	is "$(($(info vm1 stat/fault_async) - async))" -ge 10
set_table "0 $sectors linear $loop 0"
check "pages that were only read are clean" is "$(info vm1 swap/clean)" -gt 0
check "and cost no second write" until_true 60 counted swap_clean 100
echo 1000000 >"$SYSFS/swap/async_us"
async=$(info vm1 stat/fault_async)
check "told that the disk is quick, the guest reads on" \
	until_true 60 counted fault_major $(($(info vm1 stat/fault_major) + 100))
check "and waits for that: no more faults are sent back" is \
	"$(($(info vm1 stat/fault_async) - async))" -le 2
echo 0 >"$SYSFS/guests/vm1/limit"
"$guest" stop vm1
check "the guest finds every byte right" runs_well vm1
tidy_up
trap - EXIT
finish
