#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# shellcheck disable=SC2317 # check calls functions
#
# denseram-density on a host with KVM and an empty disk, /dev/vda: what it refuses, that
# it measures, and that the host is as before. Runs as root with the module loaded and
# the file system at /run/denseram. TAP.
set -euo pipefail

# shellcheck source=tools/tests/cli_lib.sh
. "$(dirname "$0")/cli_lib.sh"
cli=$top/tools/bench/density/denseram-density
there=$work/density
small=(--mixes idle --stacks "stock,denseram" --from 1 --max 1 --repeat 1 --secs 6
       --settle 1 --mem 256 --floor-ms 2000)

settings()
{
	cat /sys/kernel/mm/ksm/{run,advisor_mode,use_zero_pages} \
		/sys/module/zswap/parameters/{enabled,compressor,max_pool_percent} \
		/proc/sys/vm/{swappiness,page-cluster} \
		/sys/kernel/mm/transparent_hugepage/enabled
}

# refused TEXT ARGS...: nothing is written either
refused()
{
	fails 1 "$1" --out "$there" "${@:2}" && [ ! -e "$there/setup.json" ]
}

with_guest()
{
	local status=0

	mkdir "$mount/cli_guest"
	truncate -s 2M "$mount/cli_guest/ram"
	"$@" || status=$?
	rm "$mount/cli_guest/ram"
	rmdir "$mount/cli_guest"
	return "$status"
}

# Its name is what counts
with_vm()
{
	local status=0 pid

	cp "$(command -v sleep)" "$work/qemu-system-x86_64"
	"$work/qemu-system-x86_64" 60 &
	pid=$!
	"$@" || status=$?
	kill "$pid"
	return "$status"
}

series()
{
	jq -s -e "$1" "$there/series.json"
}

check "a guest that is there" with_guest refused "denseram has a guest: cli_guest"
check "a VM that is there" with_vm refused "is a VM"
check "a swap device that is none" refused "neither a block device" --swap /dev/null
mkswap /dev/vda >/dev/null
check "a device with something on it" refused "has something on it" --swap /dev/vda
wipefs -q -a /dev/vda
check "a file that does not fit" refused "no 9999999 MiB" --swap-mib 9999999
check "which is gone" [ ! -e "$there/swap" ]
echo 37 >/proc/sys/vm/swappiness
settings >"$work/before"
check "one guest on each stack" "$cli" --out "$there" --swap /dev/vda "${small[@]}"
sed 's/^/# /' "$there/series.json" || :
check "fits on both" series 'map(select(.guests == 1 and .why == "max" and .bad == 0).stack) |
	sort == ["denseram", "stock"]'
check "the host is as before" equal "$(settings)" "$(<"$work/before")"
check "no guest is left" equal "$(ls "$sysfs/guests")" ""
check "the page is there" grep -q "Benchmark: density" "$there/report.html"
check "and has the command" grep -q "denseram-density --out" "$there/report.html"
# It needs blocks of its own, which a file in memory has not
mkfs.ext4 -q /dev/vda
mkdir "$work/disk"
mount /dev/vda "$work/disk"
there=$work/disk/density
check "a file of its own to page to" "$cli" --out "$there" --swap-mib 64 \
	"${small[@]}" --stacks denseram
check "is gone at the end" [ ! -e "$there/swap" ]
umount "$work/disk"
echo 60 >/proc/sys/vm/swappiness
finish
