#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# shellcheck disable=SC2317 # functions are called by check
# Unlink, lazy umount and rmmod, in an order a hurried admin might choose.
set -euo pipefail
. "$(dirname "$0")/lib.sh"

module=$TOP/build/$(uname -r)/denseram.ko
mnt=/run/dr-lazy
options=$(awk -v m="$MOUNT" '$2 == m { print $4; exit }' /proc/mounts)

load_again()
{
	[ -d /sys/module/denseram ] || insmod "$module"
	mountpoint -q "$MOUNT" || mount -t denseram -o "$options" none "$MOUNT"
}
trap 'remove_guests >/dev/null 2>&1; umount -l $mnt 2>/dev/null || :; load_again' EXIT

mkdir -p $mnt
mount -t denseram none $mnt
start vm1 --dir $mnt/vm1 --append "dr.mode=fill dr.zero=30 dr.secs=0"
check "a guest comes up" "$guest" ready vm1
check "rmmod is refused while mounted" refused rmmod denseram
rm $mnt/vm1/ram0
check "its file is unlinked, the guest lives" is "$(info vm1 kvm)" -eq 1
check "umount is refused while it runs" refused umount $mnt
umount -l $mnt
umount "$MOUNT"
check "rmmod is refused without a mount" refused rmmod denseram
"$guest" stop vm1
check "the guest finds every byte right" runs_well vm1
check "no guest is left after its exit" until_true 10 no_guests
check "recount is right" recount_ok
check "all memory is back" until_true 10 memory_is_back
check "rmmod works now" until_true 10 rmmod denseram
check "the module loads again" load_again
start vm1 --append "dr.mode=fill dr.secs=1"
check "and serves a guest" runs_well vm1
finish
