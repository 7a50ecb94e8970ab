#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# shellcheck disable=SC2317 # functions are called by check
# A limit squeezes guests by paging alone, with no balloon: they keep to it, run
# on, and find every byte as they wrote it. One of them is killed on the way.
set -euo pipefail
. "$(dirname "$0")/lib.sh"

set_limit()
{
	echo "$2" >"$SYSFS/guests/$1/limit"
}

# keeps_to GUEST MIB: within the slack that a growing guest has
keeps_to()
{
	local now

	now=$(($(info "$1" resident) >> 20))
	echo "$now MiB"
	[ "$now" -le $(($2 + 6)) ]
}

counted()
{
	is "$(info "$1" "stat/$2")" -ge "$3"
}

swap_is_empty()
{
	is "$(cat "$SYSFS/swap/pool")" -eq 0
}

start vm1 --mem 160M --append "dr.mode=fill dr.zero=20 dr.secs=0 dr.verify=40"
start vm2 --mem 96M --append "dr.mode=zipf dr.write=30 dr.secs=0 dr.verify=40"
check "vm1 comes up" "$guest" ready vm1
check "vm2 comes up" "$guest" ready vm2
for step in 120M 96M 80M; do
	set_limit vm1 $step
	check "vm1 keeps to $step" until_true 120 keeps_to vm1 "${step%M}"
	check "and the totals agree" until_true 20 resident_sane vm1
done
set_limit vm2 64M
check "vm2 keeps to 64M" until_true 120 keeps_to vm2 64
sleep 5
check "vm1 stays there" keeps_to vm1 80
check "vm2 stays there" keeps_to vm2 64
check "pages came back" counted vm1 swap_in 1
check "some faults found their page there" counted vm1 fault_soft 1
check "the tool tells" grep -q "compressed to .*: 1" \
	<("$TOP/build/tools/denseram" guest show vm1)
set_limit vm1 0
"$guest" stop vm1
check "vm1 finds every byte right" runs_well vm1
"$guest" kill vm2
"$guest" rm vm2
"$guest" rm vm1
check "nothing is left in the pool" until_true 20 swap_is_empty
finish
