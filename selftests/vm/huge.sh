#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# 2 MiB blocks are mapped as such by the host and by KVM, given align=2M;
# without it QEMU's address does not allow it, and the guest runs anyway.
set -euo pipefail
. "$(dirname "$0")/lib.sh"

# kvm_pages GUEST STAT: what KVM has mapped
kvm_pages()
{
	cat /sys/kernel/debug/kvm/"$("$guest" pid "$1")"-*/"$2"
}

start vm1 --append "dr.mode=fill dr.secs=0"
start vm2 --align none --append "dr.mode=fill dr.secs=0"
check "an aligned guest comes up" "$guest" ready vm1
check "its memory lies in blocks" is "$(info vm1 blocks)" -gt 20
check "the host maps blocks" is "$(smaps_kib vm1 FilePmdMapped)" -ge 40960
check "KVM maps blocks" is "$(kvm_pages vm1 pages_2m)" -gt 10
check "an unaligned guest comes up" "$guest" ready vm2
check "its totals agree" resident_sane vm2
for i in 1 2; do
	"$guest" stop vm$i
	check "guest $i finds every byte right" runs_well vm$i
done
finish
