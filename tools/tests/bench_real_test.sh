#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# The figures of bench-real from samples that were made up. Needs no module. TAP.
set -euo pipefail

bench=real
# shellcheck source-path=SCRIPTDIR
. "$(dirname "${BASH_SOURCE[0]}")/bench_lib.sh"

# said STACK NAME RATE [P99]
said()
{
	echo "{\"stack\":\"$1\",\"name\":\"$2\",\"ops\":8,\"rate\":$3${4:+,\"p50_ms\":1,\"p99_ms\":$4}}" \
		>>"$dir/samples.jsonl"
}

# stack NAME GUESTS BAD SUM
stack()
{
	echo "{\"stack\":\"$1\",\"guests\":$2,\"mem_mib\":512,\"whole\":true,\"bad\":$3,
		\"total_mib\":1024,\"before_mib\":1000,\"oom_kills\":0,
		\"saved\":{\"balloon\":1048576}}" >>"$dir/stacks.jsonl"
	echo "{\"stack\":\"$1\",\"objects\":\"$4\"}" >>"$dir/objects.jsonl"
}

echo '{"kernel": "x", "guest_mib": 512}' >"$dir/setup.json"
for name in samples stacks objects; do
	: >"$dir/$name.jsonl"
done
summarize
check "nothing measured meets nothing" '.goal_met == false and .bad == null'

stack plain 2 0 a
stack stock 4 0 a
stack denseram 4 0 a
for rate in 100 300 110; do
	said plain g1 $rate 2
	said stock g1 $((rate / 2)) 8
	said denseram g1 $((rate * 9 / 10)) 3
done
said plain g2 0.5
said stock g2 0.2
said denseram g2 0.4
summarize
check "the median counts" '.plain.redis.rate == 110 and .stock.redis.rate == 55'
check "what each keeps of it" '.kept.denseram.redis == 0.9 and .kept.stock.compile == 0.4'
check "its latency" '.kept.stock.redis_p99 == 4 and .kept.denseram.redis_p99 == 1.5'
check "how much more than the host has" '.denseram.overcommit == 2'
check "what was saved, in MiB" '.denseram.saved.balloon_mib == 1 and
	.denseram.saved.disk_mib == null'
check "all goals are met" '.goal_met'
echo '{"stack":"stock","objects":"b"}' >>"$dir/objects.jsonl"
summarize
check "other bytes from the compiler are wrong" '.objects_differ and .goals.bad == false'
stack denseram 3 1 a
summarize
check "wrong data are, too" '.bad == 1 and .denseram.bad == 1 and .goal_met == false'
finish
