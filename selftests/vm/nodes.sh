#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# Two NUMA nodes are two memory backends, so two files of one guest.
set -euo pipefail
. "$(dirname "$0")/lib.sh"

start vm1 --mem 128M --nodes 2 --append "dr.mode=fill dr.same=20 dr.secs=0"
check "a guest of two nodes comes up" "$guest" ready vm1
check "it has two files" is "$(info vm1 files)" -eq 2
check "and the size of both" is "$(info vm1 size)" -eq $((128 * 1024 * 1024))
check "its VMM is known" is "$(info vm1 vmm_pid)" -eq "$("$guest" pid vm1)"
check "its totals agree" resident_sane vm1
"$guest" stop vm1
check "it finds every byte right" runs_well vm1
finish
