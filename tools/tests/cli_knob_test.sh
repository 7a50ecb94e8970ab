#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# shellcheck disable=SC2016,SC2317 # jq has variables; check calls functions
#
# denseram(8) get and set: all that can be written below /sys/kernel/denseram is
# a knob, values have units, and what is refused changes nothing.
set -euo pipefail

# shellcheck source=tools/tests/cli_lib.sh
. "$(dirname "$0")/cli_lib.sh"

# What is there now, to be put back at the end.
before=$("$cli" get --bare | paste -sd ' ')

knobs()
{
	local filter=$1

	shift
	"$cli" get --json "$@" | jq -e "$filter"
}

# Files of the module's own knobs that root may write to.
writable()
{
	(cd "$sysfs" && find . -path ./guests -prune -o -type f -perm -200 \
		-print | sed 's,^\./,,' | sort)
}

is()
{
	equal "$(<"$sysfs/$1")" "$2"
}

# sets KNOB=VALUE FILE TEXT
sets()
{
	"$cli" set "$1" && is "$2" "$3"
}

unchanged()
{
	equal "$("$cli" get --bare | paste -sd ' ')" "$before"
}

# Without root nothing can be set, and everything be looked at.
as_nobody()
{
	setpriv --reuid 65534 --clear-groups "$cli" "$@"
}

nobody_cannot_set()
{
	local status=0

	as_nobody set policy.tax=10% 2>"$work/err" || status=$?
	[[ $status == 1 ]] && grep -q 'not permitted' "$work/err"
}

check "get: every file that can be written is a knob" \
	equal "$(writable)" "$("$cli" get --json | jq -r '.knobs[].file' | sort)"
check "get: as JSON" knobs '.schema == 1 and (.knobs | length) >= 14'
check "get: a table" grep -q '^policy.tax  *[0-9]*%  tax' <("$cli" get)
check "get: that fits" equal "$("$cli" get | awk 'length > 80')" ""
check "get: a group" knobs '[.knobs[].name] == ["policy.enabled", "policy.tax",
	"policy.stall_limit"]' policy
check "get: one, with what it takes" grep -q '^  takes 0% to 99%$' \
	<("$cli" get policy.tax)
check "get: by its file" grep -q '^wss.period is' <("$cli" get wss/period_ms)
check "get: words" knobs '.knobs[0] | .words == ["lz4", "zstd"] and .unit == null' \
	swap.compressor
check "get: for a script" equal "$("$cli" get --bare policy.enabled)" on
check "get: needs no root" as_nobody get
check "get: no such knob" fails 2 "no knob 'policy.tx'" get policy.tx
check "get: two forms" fails 2 "not both" get --bare --json
check "set: a percentage" sets policy.tax=60% policy/tax 60
check "set: a time" sets sharing.interval=1.5min sharing/interval 90
check "set: another time" sets wss.period=2.5s wss/period_ms 2500
check "set: a size" sets swap.pool_limit=48M swap/pool_limit $((48 << 20))
check "set: a word" sets swap.compressor=zstd swap/compressor 'lz4 [zstd]'
check "set: a switch" sets admission.strict=on admission/strict 1
check "set: a number" sets sharing.rate_max=5000 sharing/rate_max 5000
check "set: zero that means none" sets sharing.rate_max=0 sharing/rate_max 0
# shellcheck disable=SC2046 # values are words
check "set: all as they were" "$cli" set \
	$(paste -d= <("$cli" get --json | jq -r '.knobs[].name') \
		<(tr ' ' '\n' <<<"$before"))
check "set: they are" unchanged
check "set: the range in the error" fails 2 "policy.tax takes 0% to 99%" \
	set policy.tax=100%
check "set: what zero means, too" fails 2 \
	"takes 0 or 100 to 10000000 (0: as many as the budget allows)" \
	set sharing.rate_max=7
check "set: the words" fails 2 "swap.compressor takes lz4 or zstd" \
	set swap.compressor=gzip
check "set: nothing when one is wrong" fails 2 "policy.tax" \
	set wss.period=5s policy.tax=x
check "set: nothing when one is not there" fails 2 "no knob 'policy.taxes'" \
	set wss.period=5s policy.taxes=1
check "set: given twice" fails 2 "given twice" set policy.tax=1 policy.tax=2
check "set: no value" fails 2 "KNOB=VALUE" set policy.tax
check "set: nothing to set" fails 2 "needs KNOB=VALUE" set
check "set: needs root" nobody_cannot_set
check "set: all of that changed nothing" unchanged

mkdir "$mount/cli_a" "$mount/cli_b"
truncate -s 64M "$mount/cli_a/ram0" "$mount/cli_b/ram0"
check "guest get: as at first" grep -qx 'max=size' <("$cli" guest get cli_a)
check "guest get: has every key of guest set" "$cli" guest set cli_a min=4M \
	max=32M limit=16500K shares=77 pinned=off share=guest scan=off balloon=8M
# shellcheck disable=SC2046 # pairs are words
check "guest get: what set takes" "$cli" guest set cli_b $("$cli" guest get cli_a)
check "guest get: gives one what another has" \
	equal "$("$cli" guest get cli_b)" "$("$cli" guest get cli_a)"
check "guest get: as it was set" equal "$("$cli" guest get cli_b | paste -sd ' ')" \
	"min=4M max=32M limit=16500K shares=77 pinned=off share=guest scan=off balloon=8M"
check "guest get: some keys" equal "$("$cli" guest get cli_a shares limit |
	paste -sd ' ')" "limit=16500K shares=77"
check "guest get: as JSON" jq -e '.guest == "cli_a" and .set.share == "guest"' \
	<("$cli" guest get --json cli_a)
check "guest get: no such guest" fails 1 "no guest" guest get cli_nobody
check "guest get: no such key" fails 2 "'size': unknown key" guest get cli_a size
check "guest get: needs a guest" fails 2 "needs a guest" guest get
finish
