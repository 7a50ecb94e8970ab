#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# Virtual CPUs that fault at the same time, in one guest and in two.
set -euo pipefail
. "$(dirname "$0")/lib.sh"

for i in 1 2; do
	start vm$i --mem 128M --smp 2 --append "dr.mode=zipf dr.threads=2 dr.secs=5 dr.seed=$i"
done
for i in 1 2; do
	check "guest $i of two CPUs finds every byte right" runs_well vm$i
done
finish
