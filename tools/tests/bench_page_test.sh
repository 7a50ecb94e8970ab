#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# The figures of bench-page from samples that were made up: ratios, quantiles and
# which goals count as met. Needs no module. TAP.
set -euo pipefail

bench=page
# shellcheck source-path=SCRIPTDIR
. "$(dirname "${BASH_SOURCE[0]}")/bench_lib.sh"

# sample TURN WORKLOAD SIDE LIMIT OPS [MORE]: in a second. One op in ten was slow:
# nine of ten of these in bucket 20, the others in bucket 40
sample()
{
	jq -nc "{turn: $1, workload: \"$2\", side: \"$3\", limit: \"$4\",
		limit_mib: 60, t: 1, ops: $5,
		took: {\"0\": ($5 * 0.9), \"20\": ($5 * 0.09), \"40\": ($5 * 0.01)},
		resident_mib: 60, pool_mib: 10, host_ticks: 125, read: 4096000,
		written: 0, major: 1000, major_disk: 1000, soft: 0, clean: 0,
		bad: 0} + ${6:-{\}}" >>"$dir/samples.json"
}

# turn NR ZSWAP: ops of Linux with zswap on zipf; denseram has 1000
turn()
{
	local limit

	for limit in 2x 3x; do
		sample "$1" zipf denseram_lz4 $limit 1000
		sample "$1" zipf linux_zswap $limit "$2"
		sample "$1" zipf denseram_disk $limit 500
		sample "$1" zipf linux_swap $limit 250
	done
}

echo '{"kernel": "x", "turns": 2}' >"$dir/setup.json"

turn 1 500
turn 2 800
summarize
check "an object per workload and side" '[.zipf, .reread, .mix] | all(
	keys == ["denseram_disk", "denseram_lz4", "linux_swap", "linux_zswap"])'
check "what was not measured is null" '.mix.linux_swap == null and
	.clean_swap_writes == null and .ratios.mix.swap == null'
check "turns are compared each for itself" '.ratios.zipf.zswap == 1.581'
check "so are limits, which are cases, too" '.ratios.zipf_3x.swap == 2'
check "quantiles are those of the slow operations" '
	.zipf.denseram_lz4.fault_p50_us == 235 and
	.zipf.denseram_lz4.fault_p99_us == 7512'
check "ticks are CPU time" '.zipf.linux_swap.host_cpu_s == 5'
check "bytes count for all samples" '.zipf.linux_swap.swap_bytes == 16384000'
check "the goal of zipf is met" '.goals.zipf'
check "what is missing meets nothing" '.goals.reread == false and
	.goals.clean == false and .goals.no_case_below_1 == false and
	.goal_met == false'

for side in denseram_lz4 denseram_disk linux_swap linux_zswap; do
	ops=1000
	[[ $side != denseram* ]] || ops=3000
	sample 1 mix $side 1.5x $ops
	sample 1 reread $side half $ops "{written: 40960}"
done
summarize
check "the guest's kernel may dirty a page now and then" '.clean_swap_writes == 0'
check "all goals are met" '.goal_met and .goals_met == 5'

sample 2 reread denseram_disk half 3000 "{written: 4096000}"
sample 2 reread linux_swap half 3000
sample 2 zipf denseram_disk 2x 500 "{bad: 1}"
sample 2 zipf denseram_disk 3x 500 "{bad: 1}"
summarize
check "clean pages that were written are told" '.clean_swap_writes == 3973120'
check "one that is slower spoils its case" '.ratios.reread.swap == 1.732 and
	.goals.reread == false and .goals.no_case_below_1'
check "a guest's wrong bytes count once" '.bad == 1 and .goals.bad == false'

check_output

finish
