#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# A mount with huge=never has 4 KiB pages only.
set -euo pipefail
. "$(dirname "$0")/lib.sh"

mnt=/run/dr-nohuge
mkdir -p $mnt
mount -t denseram -o huge=never none $mnt
trap 'remove_guests >/dev/null 2>&1; umount -l $mnt 2>/dev/null || :' EXIT

start small --dir $mnt/small --append "dr.mode=fill dr.zero=30 dr.secs=0"
check "a guest comes up" "$guest" ready small
check "it has no block" is "$(info small blocks)" -eq 0
check "it has pages" is "$(info small pages)" -gt 1000
check "the host maps no block" is "$(smaps_kib small FilePmdMapped)" -eq 0
check "its totals agree" resident_sane small
"$guest" stop small
check "it finds every byte right" runs_well small
"$guest" rm small
check "the mount can go" umount $mnt
finish
