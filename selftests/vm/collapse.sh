#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# A running guest's blocks are broken up and made again: KVM maps 2 MiB as
# before, and the guest, which checks its memory all the while, finds every
# byte right.
set -euo pipefail
. "$(dirname "$0")/lib.sh"

# kvm_pages STAT: what KVM has mapped
kvm_pages()
{
	cat /sys/kernel/debug/kvm/"$("$guest" pid vm1)"-*/"$1"
}

order()
{
	echo vm1 >$DEBUGFS/"$1"
}

# counter NAME
counter()
{
	info vm1 stat/"$1"
}

start vm1 --append "dr.mode=fill dr.zero=0 dr.secs=0 dr.verify=40"
check "a guest comes up" "$guest" ready vm1
# The scanner breaks up blocks by its own rules
echo off >$SYSFS/guests/vm1/share
large=$(kvm_pages pages_2m)
vmas=$(grep -c '/denseram/' "/proc/$("$guest" pid vm1)/maps" || true)
check "KVM maps blocks" is "$large" -gt 10
order evacuate
check "they are broken up" is "$(counter block_evacuate)" -gt 10
sleep 3
check "KVM maps few of them" is "$(kvm_pages pages_2m)" -lt $((large / 2))
before=$(counter fault) began=$(date +%s%3N)
order collapse
ended=$(date +%s%3N)
made=$(counter block_collapse)
check "blocks are made again" is "$made" -gt 10
sleep 3
echo "# $made blocks made in $((ended - began)) ms; large KVM mappings before $large, now $(kvm_pages pages_2m); $(($(counter fault) - before)) faults"
check "the host maps them" is "$(smaps_kib vm1 FilePmdMapped)" -ge $((made * 1024))
check "KVM maps them" is "$(kvm_pages pages_2m)" -ge $((made / 2))
check "the VMM has no more mappings than before" is \
	"$(grep -c '/denseram/' "/proc/$("$guest" pid vm1)/maps")" -le "$vmas"
for _ in 1 2 3 4 5; do
	order evacuate
	sleep 0.5
	order collapse
	sleep 0.5
done
check "the totals agree after many" resident_sane vm1
check "recount agrees" until_true 20 recount_ok
"$guest" stop vm1
check "the guest finds every byte right" runs_well vm1
finish
