#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# Two guests boot on denseram, fill their memory, and find it unharmed.
set -euo pipefail
. "$(dirname "$0")/lib.sh"

size=$((96 * 1024 * 1024))

for i in 1 2; do
	start vm$i --append "dr.mode=fill dr.zero=30 dr.same=30 dr.secs=0 dr.seed=$i"
done
for i in 1 2; do
	check "guest $i comes up" "$guest" ready vm$i
	check "its VMM is known" is "$(info vm$i vmm_pid)" -eq "$("$guest" pid vm$i)"
	check "a KVM VM maps it" is "$(info vm$i kvm)" -eq 1
	check "it has one file" is "$(info vm$i files)" -eq 1
	check "it has its size" is "$(info vm$i size)" -eq $size
	check "it belongs to root" is "$(info vm$i uid)" -eq 0
	check "its totals agree" resident_sane vm$i
done
check "recount agrees while guests run" until_true 20 recount_ok
for i in 1 2; do
	"$guest" stop vm$i
	check "guest $i finds every byte right" runs_well vm$i
	check "its file stays, without a VMM" is "$(info vm$i vmm_pid)" -eq 0
	check "and without KVM" is "$(info vm$i kvm)" -eq 0
	"$guest" rm vm$i
	check "it is gone with its directory" refused test -e "$SYSFS/guests/vm$i"
done
finish
