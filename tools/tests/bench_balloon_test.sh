#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# The figures of bench-balloon from samples that were made up: speeds, ratios, what
# a process keeps, and which goals count as met. Needs no module. TAP.
set -euo pipefail

bench=balloon
# shellcheck source-path=SCRIPTDIR
. "$(dirname "${BASH_SOURCE[0]}")/bench_lib.sh"

# speed SETTING STATE DRIVER SECONDS [MORE]: 512 MiB; what it costs is 1000 of all
speed()
{
	jq -nc "{what: \"speed\", setting: \"$1\", state: \"$2\", driver: \"$3\",
		mib: 512, inflate: ({seconds: $4, kicks: 1000, vmm_syscalls: 1000,
			host_faults: 1000, guest_cpu_s: 1.25} + ${5:-{\}}),
		deflate: {seconds: 2, kicks: 3, vmm_syscalls: 0, host_faults: 0,
			guest_cpu_s: 0}}" >>"$dir/samples.json"
}

# speeds STATE SECONDS MORE: in_tree takes 100 s and 1000 of all
speeds()
{
	local setting

	for setting in stock no_init; do
		speed $setting "$1" in_tree 100
		speed $setting "$1" denseram "$2" "$3"
	done
}

toucher()
{
	jq -nc "{what: \"toucher\", driver: \"$1\", moved: 1073741824,
		quiet: [90, 110], busy: $2} + ${3:-{\}}" >>"$dir/samples.json"
}

burst()
{
	jq -nc "{what: \"burst\", driver: \"$1\", swap: $2, served_s: $3,
		kills: $4, swap_outs: $5}" >>"$dir/samples.json"
}

# native SIZE WORKLOAD OPS
native()
{
	jq -nc "{what: \"native\", size: \"$1\", workload: \"$2\", ops_per_s: $3,
		bad: 0}" >>"$dir/samples.json"
}

echo '{"bench": "balloon", "kernel": "x", "mem": 512}' >"$dir/setup.json"

speed stock untouched in_tree 4
speed stock untouched denseram 0.5 "{kicks: 10, host_faults: 0}"
summarize
check "an object per setting and state" '[.stock, .no_init] |
	all(keys == ["fragmented", "touched", "untouched"])'
check "memory by time is speed" '.stock.untouched | .in_tree.gib_per_s == 0.125 and
	.denseram.gib_per_s == 1 and .denseram.back.gib_per_s == 0.25'
check "drivers are compared" '.stock.untouched.ratio | .speed == 8 and .kicks == 100 and
	.vmm_syscalls == 1'
check "nothing at all has no ratio" '.stock.untouched.ratio.host_faults == null'
check "what is missing meets nothing" '[.goals[]] | all(. == false)'
check "and is not made up" '.toucher == {} and .burst == {} and
	.native.zipf.slower == null and .no_init.touched.in_tree == null'

: >"$dir/samples.json"
less="{kicks: 10, vmm_syscalls: 10, host_faults: 10}"
speeds untouched 2 "$less"
speeds touched 2 "$less"
speeds fragmented 100 "{}"
toucher in_tree "[50, 70]"
toucher denseram "[90, 110]"
for driver in in_tree denseram; do
	burst $driver 0 2.5 0 0
	burst $driver 512 3.5 0 7
done
for ops in 100 1 1000; do
	native booted zipf $ops
	native ballooned zipf $((ops * 98 / 100))
	native booted file $ops
	native ballooned file $ops
done
summarize
check "all goals are met" '.goal_met and .goals_met == (.goals | length)'
check "a process's speed while the balloon moves, by that at rest" '
	.toucher.in_tree.kept == 0.6 and .toucher.in_tree.p1 == 0.5 and
	.toucher.denseram.gib_moved == 1'
check "a burst without swap, and with it" '.burst.denseram | .served_s == 2.5 and
	.with_swap_s == 3.5 and .swap_outs == 7 and .kills == 0'
check "medians of guests of each kind" '.native.zipf | .ballooned == 98 and
	.booted == 100 and .slower == 0.02'

mv "$dir/samples.json" "$dir/all.json"
grep -v '"toucher","driver":"denseram"' "$dir/all.json" >"$dir/samples.json"
toucher denseram "[90, 110]" "{moved: 0}"
summarize
check "a balloon at rest meets no goal" '.goals.toucher_kept == false and
	.toucher.denseram.kept == 1'
mv "$dir/all.json" "$dir/samples.json"

speeds untouched 2 "{kicks: 11, vmm_syscalls: 11, host_faults: 11}"
speeds touched 2.1 "$less"
speeds fragmented 200 "{}"
toucher denseram "[70, 100]"
burst denseram 512 3.5 1 7
native ballooned file 50
native ballooned file 50
summarize
check "the later of two samples counts" '.stock.touched.denseram.gib_per_s == 0.2381'
check "no goal is met but that of stock guests" '.goals | .speed_stock and
	([del(.speed_stock)[]] | any | not)'

check_output

finish
