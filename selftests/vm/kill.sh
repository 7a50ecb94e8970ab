#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# A VMM dies by SIGKILL in full swing; its file stays, serves a new guest,
# and a fresh file works as well.
set -euo pipefail
. "$(dirname "$0")/lib.sh"

words="dr.mode=toucher dr.secs=4 dr.seed=7"

# Once while it boots, once while it works
start vm1 --append "$words"
sleep 3
"$guest" kill vm1
check "killed while booting: the file stays" is "$(info vm1 size)" -gt 0
check "killed while booting: no VMM left" is "$(info vm1 vmm_pid)" -eq 0

start vm1 --append "dr.mode=fill dr.secs=0"
check "starts again on the same file" "$guest" ready vm1
"$guest" kill vm1
check "killed while working: no VMM left" is "$(info vm1 vmm_pid)" -eq 0
check "killed while working: totals agree" resident_sane vm1
check "recount agrees after the kill" recount_ok

start vm1 --append "$words"
check "the same file serves a third guest" runs_well vm1
"$guest" rm vm1

start vm1 --append "$words"
check "so does a fresh file" runs_well vm1
finish
