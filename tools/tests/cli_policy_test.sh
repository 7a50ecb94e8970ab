#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# shellcheck disable=SC2016,SC2317 # jq has variables; check calls functions
#
# denseram(8) on the policy: what it reports is what sysfs says, guests are
# explained, and what was recorded is decided in the same way again.
set -euo pipefail

# shellcheck source=tools/tests/cli_lib.sh
. "$(dirname "$0")/cli_lib.sh"

[[ -d $sysfs/policy ]] || {
	skip "policy" "the module is older than it"
	finish
}

policy()
{
	"$cli" policy --json | jq -e "$1"
}

explain()
{
	"$cli" explain cli_p --json | jq -e "$1"
}

has_target()
{
	[[ $(<"$sysfs/guests/cli_p/target") -eq $1 ]]
}

within()
{
	local deadline=$((SECONDS + $1))

	shift
	until "$@"; do
		[[ $SECONDS -lt $deadline ]] || return 1
		sleep 0.2
	done
}

# More than one run, with a guest whose limit changes meanwhile
record()
{
	"$cli" record --secs 4 "$work/record" &
	sleep 1
	echo 8M >"$sysfs/guests/cli_p/limit"
	sleep 1
	echo 0 >"$sysfs/guests/cli_p/limit"
	wait $!
}

mkdir "$mount/cli_p"
truncate -s 32M "$mount/cli_p/ram0"
check "a guest has a target" within 10 has_target $((32 << 20))
check "policy: as JSON" policy '.schema == 1 and .runs > 0 and .guests >= 1'
check "policy: the level of sysfs" policy ".level == \"$(<"$sysfs/policy/level")\""
check "policy: the tax of sysfs" policy ".tax == $(<"$sysfs/policy/tax")"
check "policy: the stalls of sysfs" policy ".stall_limit == $(<"$sysfs/policy/stall_limit")
	and .stalled >= $(<"$sysfs/policy/stalled") and (.strained | type) == \"boolean\""
check "policy: stalls for people" grep -q '^  [0-9.]* allocations of the host stall' \
	<("$cli" policy)
check "policy: targets fit" policy '.granted <= .pool + .missing'
check "policy: for people" grep -q '^Policy: .*tax on idle memory' \
	<("$cli" policy)
check "explain: the target of sysfs" explain ".target == $((32 << 20))"
check "explain: the rule" explain '.rule == "size"'
check "explain: decisions" explain '.decisions | length >= 1'
check "explain: each with its time" \
	explain '[.decisions[] | select(.ago_s >= 0 and .lasted_s >= 0)] | length >= 1'
check "explain: for people" grep -q '^  target  *32 *M.* without asking' \
	<("$cli" explain cli_p)
check "explain: the decisions, too" grep -q '^ *AGO .*RULE' <("$cli" explain cli_p)
check "explain: by id" "$cli" explain "$(<"$sysfs/guests/cli_p/id")"
check "explain: no such guest" fails 1 "no guest" explain cli_nobody
check "explain: needs a guest" fails 2 "explain" explain
check "record" record
check "replay: bit for bit" "$cli" replay "$work/record"
check "replay: some runs, none different" jq -e '.runs >= 4 and .different == 0' \
	<("$cli" replay --json "$work/record")
check "replay: the guest is in it" grep -q '^rule' \
	<("$cli" replay --guest "$(<"$sysfs/guests/cli_p/id")" "$work/record")
check "replay: its limit was a rule" grep -q ' limit ' \
	<("$cli" replay --guest "$(<"$sysfs/guests/cli_p/id")" "$work/record")
sed 's/^denrec./denrec0/' "$work/record" >"$work/old"
check "replay: not of another release" fails 1 "another release" replay "$work/old"
check "record: where nothing can be written" \
	fails 1 "/nonexistent/file" record /nonexistent/file
check "record: needs a file" fails 2 "file" record
check "record: seconds are a number" fails 2 "--secs" record --secs x "$work/r"
rm -r "${mount:?}/cli_p"
finish
