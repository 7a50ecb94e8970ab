#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# mem-path may be a directory: QEMU makes a file there and unlinks it at once.
set -euo pipefail
. "$(dirname "$0")/lib.sh"

start vm1 --form dir --append "dr.mode=fill dr.zero=20 dr.secs=0"
check "a guest on a directory comes up" "$guest" ready vm1
check "its directory looks empty" is "$(find "$MOUNT/vm1" -type f | wc -l)" -eq 0
check "yet it has a file" is "$(info vm1 files)" -eq 1
check "and a KVM VM" is "$(info vm1 kvm)" -eq 1
check "its totals agree" resident_sane vm1
"$guest" stop vm1
check "it finds every byte right" runs_well vm1
check "its memory went with its VMM" is "$(info vm1 resident)" -eq 0
finish
