#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# The figures of bench-policy from samples that were made up, and what the rules of
# others decide about hosts that were. Needs no module. TAP.
set -euo pipefail

bench=policy
# shellcheck source-path=SCRIPTDIR
. "$(dirname "${BASH_SOURCE[0]}")/bench_lib.sh"
rules=$top/tools/bench/policy
GIB=1073741824 MIB=1048576

# ---- the rules

# targets RULE FREE-PERCENT ACTUAL-GIB...: of guests of 8 GiB that use $used, in a host
# of 16; in MiB, null for no change
used=1
targets()
{
	local rule=$1 free=$2

	shift 2
	printf '%s\n' "$@" | jq -s -c "{host: {total: (16 * $GIB),
		available: (16 * $GIB * $free / 100)}, guests: to_entries |
		map({name: \"g\(.key)\", size: (8 * $GIB), min: (2 * $GIB), shares: 1000,
		     actual: (.value * $GIB | floor),
		     available: ((.value - $used) * $GIB | floor)})}" |
		jq -r -f "$rules/$rule.jq" |
		jq -R -s -c "split(\"\n\") | map(select(. != \"\") | split(\"\t\") |
			{key: .[0], value: (.[1] | tonumber / $MIB | round)}) |
			from_entries" >"$dir/result.json"
}

targets proxmox 20 8 4
check "proxmox leaves a host that is 80 % used" '. == {}'
targets proxmox 10 8 4
check "proxmox moves 100 MiB a round, both ways" '.g0 == 8092 and .g1 == 4196'
targets proxmox 19.5 5 5
check "and less when less is missing" '.g0 == 5079 and .g1 == 5079'
targets proxmox 0 2 2.01
check "not below the min" '.g0 == 2048 and .g1 == 2048'
targets proxmox 90 8 7.95
check "nor beyond the size" '.g0 == 8192 and .g1 == 8192'
targets mom 10 8 4
check "mom takes 5 % a round" '.g0 == 7782 and .g1 == 3891'
targets mom 19 2.05 2
check "nothing of the min" '. == {g0: 2048}'
used=3.7 targets mom 10 4 8
check "nor what is used and a reserve" '. == {g0: 4198, g1: 7782}'
targets mom 30 4 7.9
check "mom gives 5 %, up to the size" '.g0 == 4301 and .g1 == 8192'

# ---- the figures

# put JSON: a sample
put()
{
	echo "$1" >>"$dir/samples.json"
}

# tax TURN TAX OPS
tax()
{
	put "{\"what\":\"tax\",\"turn\":$1,\"tax\":$2,\"t\":10,\"ops\":$3,
		\"idle_mib\":100,\"busy_mib\":200,\"pool_mib\":300}"
}

# move RULE SECONDS
move()
{
	put "{\"what\":\"move\",\"rule\":\"$1\",\"seconds\":$2,\"mib\":900,\"begun\":100,
		\"balloon\":$GIB,\"swapped\":0}"
}

# wss STEP WS SETTLED ESTIMATE
wss()
{
	put "{\"what\":\"wss\",\"step\":\"$1\",\"ws_mib\":$2,\"mem_mib\":400,
		\"period_ms\":10000,\"settled_s\":$3,\"estimate_mib\":$4}"
}

# look NAME RESIDENT-MIB BALLOON-MIB SWAPPED-MIB [BACK]: at a guest of 800 MiB, 200 min
look()
{
	printf '%s\t%s\t%s\t%s\t%d\t%d\t%d\t%d\t%d\t%d\thigh\n' 101 move_denseram \
		"${5:-denseram}" "$1" $((800 * MIB)) $((200 * MIB)) $(($2 * MIB)) \
		$(($3 * MIB)) $(($4 * MIB)) 500 >>"$dir/watch.tsv"
}

echo '{"kernel": "x", "host_oom": 0}' >"$dir/setup.json"
: >"$dir/samples.json"
: >"$dir/watch.tsv"
summarize
check "nothing measured meets nothing but what did not happen" '
	.goals == {tax: false, move: false, min: false, host_oom: true,
		   wss_error: false, wss_settle: false, sim: false} and
	.goal_met == false and .tax.gain == null and .sim == null'

tax 1 0 1000
tax 1 75 2000
tax 2 75 1600
tax 2 0 200
move denseram 8
move proxmox 90
move mom 80
move free 5
wss first 4 null 9
wss first 4 null 11
wss up 200 10 206
wss up 300 20.5 296
wss up 300 20.5 288
look idle 700 100 0
look idle 200 400 200
echo '{"guests_1000_ms": 0.2, "run_ms": {"1000": 0.2}, "move_s": {"denseram": 3},
	"lost_percent": {}}' >"$dir/sim.json"
summarize
check "turns of the tax are compared each for itself" '.tax.gain == 3'
check "times by rule" '.move | .denseram_s == 8 and .proxmox_s == 90 and .mom_s == 80 and
	.free_s == 5'
check "the worst estimate and the slowest step up count" '.wss.error == 0.045 and
	.wss.mean_error == 0.035 and .wss.settle_up_s == 20.5'
check "what the guest uses besides is no error" '.wss.base_mib == 6 and
	.wss.raw_error == 0.03'
check "the simulator has its own figures" '.sim.guests_1000_ms == 0.2'
check "a guest that was left its min exactly is not wronged" '.min_broken == 0 and
	.looks == 2'
check "all goals are met" '.goal_met and .goals_met == 7'

look idle 150 500 101
look idle 100 700 0 memfd
wss up 300 null 290
move denseram 8.1
echo '{"kernel": "x", "host_oom": 1}' >"$dir/setup.json"
summarize
check "one byte less than the min is" '.min_broken == 1 and .goals.min == false'
check "an OOM kill is told" '.host_oom == 1 and .goals.host_oom == false'
check "a step up that was never seen has no time" '.wss.settle_up_s == null and
	.goals.wss_settle == false'
check "the last run of a rule counts, and a tenth is a tenth" '
	.move.denseram_s == 8.1 and .goals.move == false'
move mom null
summarize
check "a rule that did not get there is beaten by one that did" '
	.move.mom_s == null and .goals.move'

check_output

finish
