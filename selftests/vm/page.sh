#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# shellcheck disable=SC2317 # functions are called by check
# A KVM guest is paged out to a disk, by way of a small pool, runs on, and finds
# every byte as it wrote it. The disk is taken away while it runs.
set -euo pipefail
. "$(dirname "$0")/lib.sh"

cli=$TOP/build/tools/denseram
image=$(mktemp)
limit=$(cat "$SYSFS/swap/pool_limit")
head -c 256M /dev/zero >"$image"
free_before=$(mem_free_kib)	# the image lies in memory, too
modprobe -q loop || :
loop=$(losetup --find --show --direct-io=off "$image")
trap 'tidy_up' EXIT

tidy_up()
{
	remove_guests >/dev/null 2>&1 || :
	echo "$limit" >"$SYSFS/swap/pool_limit"
	"$cli" swap rm "$loop" 2>/dev/null || :
	losetup -d "$loop" 2>/dev/null || :
	rm -f "$image"
}

keeps_to()
{
	local now

	now=$(($(info "$1" resident) >> 20))
	echo "$now MiB"
	[ "$now" -le $(($2 + 6)) ]
}

counted()
{
	is "$(info "$1" "stat/$2")" -ge "$3"
}

start vm1 --mem 160M --append "dr.mode=fill dr.zero=20 dr.secs=0 dr.verify=40"
check "a guest comes up" "$guest" ready vm1
check "a disk is added" "$cli" swap add "$loop"
check "it is mounted by nobody else" refused "$cli" swap add "$loop"
echo 4M >"$SYSFS/swap/pool_limit"
echo 80M >"$SYSFS/guests/vm1/limit"
check "the guest keeps to 80M" until_true 180 keeps_to vm1 80
check "pages are on the disk" is "$(info vm1 swap/disk)" -gt 4096
sleep 5
check "it runs on, from the disk" until_true 60 counted vm1 fault_major 100
check "the totals agree" until_true 20 resident_sane vm1
echo 0 >"$SYSFS/guests/vm1/limit"
echo "$limit" >"$SYSFS/swap/pool_limit"
check "the disk is removed while it runs" "$cli" swap rm "$loop"
check "nothing is left there" is "$(info vm1 swap/disk)" -eq 0
"$guest" stop vm1
check "the guest finds every byte right" runs_well vm1
remove_guests
losetup -d "$loop"
finish
