#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# "guest trim" takes zero pages away from a guest that checks its memory.
set -euo pipefail
. "$(dirname "$0")/lib.sh"

trim()
{
	"$TOP/build/tools/denseram" guest trim --blocks vm1
}

start vm1 --mem 128M --append "dr.mode=fill dr.zero=60 dr.secs=0 dr.verify=40"
check "a guest comes up" "$guest" ready vm1
before=$(info vm1 resident)
check "trim succeeds" trim
check "and frees its zero pages" is "$(info vm1 resident)" -lt "$before"
for _ in 1 2 3 4 5 6 7 8; do
	trim >/dev/null || :
	sleep 0.5
done
check "the totals agree after many" resident_sane vm1
check "recount agrees" until_true 20 recount_ok
"$guest" stop vm1
check "the guest finds every byte right" runs_well vm1
finish
