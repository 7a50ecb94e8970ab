#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# What bench-density makes of samples that were made up: whether a window is good enough,
# which numbers of guests are judged, and the figures of all of them. Needs no module. TAP.
set -euo pipefail

bench=density
# shellcheck source-path=SCRIPTDIR
. "$(dirname "${BASH_SOURCE[0]}")/bench_lib.sh"
judge=$top/tools/bench/density/judge.jq

# ---- the judge

# mark FILE NAME NR ASKED OPS BAD TOOK: NAME has said so before ("from") or after ("to")
mark()
{
	echo "{\"name\":\"$2\",\"mark\":{\"mark\":$3,\"t\":$(($3 * 10)),\"asked\":$4,
		\"ops\":$5,\"bad\":$6,\"took\":$7}}" >>"$dir/$1.json"
}

# window_of ROLES: judged by one alone that does all it is asked for within 10 ms
solo='{"busy": {"done": 1, "p99": 10000}}' floor_us=0
window_of()
{
	jq -n -c --arg mix busy --arg stack stock --argjson n 2 --argjson nr 1 \
		--argjson roles "$1" --argjson solo "$solo" --argjson throughput 0.93 \
		--argjson latency 1.25 --argjson floor_us "$floor_us" \
		--slurpfile from "$dir/from.json" --slurpfile to "$dir/to.json" \
		-f "$judge" >"$dir/result.json"
	: >"$dir/from.json"
	: >"$dir/to.json"
}

# one FROM... TO...: a window of one guest: ASKED OPS BAD TOOK before, and after
one()
{
	mark from g1 1 "${@:1:4}"
	mark to g1 2 "${@:5:4}"
	window_of '{"g1": "busy"}'
}

: >"$dir/from.json"
: >"$dir/to.json"
# Bucket 39 is 5.8 to 6.9 ms, 42 is 9.7 to 11.6, 45 is 16.4 to 19.5
one 100 100 0 '{"39": 100}' 200 193 0 '{"39": 190, "42": 3}'
check "a guest that does 0.93 of it is good enough" '.met and .why == "" and
	.rows == [["busy", "stock", 2, 1, "g1", "busy", 10, 100, 93, 0, .rows[0][10],
		   .rows[0][11]]]'
check "only what happened in the window counts, within a bucket in proportion" '
	.rows[0][11] > 9742 and .rows[0][11] < 11585 and
	.rows[0][10] > 5793 and .rows[0][10] < 6889'
one 100 100 0 '{"39": 100}' 200 192 0 '{"39": 192}'
check "one that does less is not" '.met == false and (.why | test("throughput of g1: 0.92"))'
one 0 0 0 '{}' 100 100 0 '{"39": 98, "45": 2}'
check "nor one whose slowest hundredth waits longer" '.met == false and
	(.why | test("latency of g1: 1[67]"))'
floor_us=20000 one 0 0 0 '{}' 100 100 0 '{"39": 98, "45": 2}'
check "but for what is below the floor" '.met'
one 0 0 0 '{}' 1000 1000 0 '{"39": 995, "45": 5}'
check "less than a hundredth may" '.met'
one 0 0 0 '{}' 100 100 1 '{"39": 100}'
check "a wrong page is too many" '.met == false and (.why | test("1 wrong pages in g1"))'
mark from g1 2 100 100 0 '{"39": 100}'
mark to g1 2 100 100 0 '{"39": 100}'
window_of '{"g1": "busy"}'
check "one that says nothing new does not work" '.met == false and
	.why == "nothing from g1" and .rows[0][11] == null'
mark from g1 1 0 0 0 '{}'
mark to g1 2 100 100 0 '{"39": 100}'
window_of '{"g1": "busy", "g2": "busy"}'
check "nor does one that is not there" '.met == false and .why == "nothing from g2" and
	(.rows | length) == 2'
mark from g1 1 0 0 0 '{}'
mark to g1 2 100 50 0 '{"39": 50}'
window_of '{"g1": "busy", "g2": "busy", "g3": "busy"}'
check "the first fault is told, and how many there are" '.met == false and
	(.why | test("^throughput of g1: 0.5, and 2 more$"))'
solo='{}' one 0 0 0 '{}' 100 50 0 '{"60": 50}'
check "nothing is asked of one alone but to work" '.met and .guests[0].ops == 50'

# ---- which numbers are judged

# shellcheck source=tools/bench/density/series.sh
. "$top/tools/bench/density/series.sh"

up()
{
	members=$((members + 1))
	booted=0
	echo up >>"$dir/tried"
}

# It is too many from $too_many on
point()
{
	echo "$members" >>"$dir/tried"
	why="latency at $members"
	[ "$members" -lt "$too_many" ]
}

forget_newest()
{
	members=$((members - 1))
}

host_row()
{
	:
}

say()
{
	:
}

available()
{
	echo 0
}

oom_kills()
{
	echo "$killed"
}

# series_of TOO-MANY STEP FIRST: as a result, what was judged in that order
series_of()
{
	too_many=$1 step=$2 members=0 why='' good=0 newest=0 max=12 kills=0 killed=${4:-0}
	: >"$dir/tried"
	grow idle stock "$3"
	[ "$why" = max ] || shrink idle stock
	jq -n -c --arg why "$why" "{good: $good, members: $members, why: \$why,
		judged: [$(grep -v up "$dir/tried" | paste -sd,)]}" >"$dir/result.json"
}

series_of 8 1 4
check "one by one, up to the first that is too many" '.good == 7 and .members == 7 and
	.why == "latency at 8" and .judged == [4, 5, 6, 7, 8]'
series_of 8 3 4
check "in steps, and then those between, from above" '.good == 7 and .members == 7 and
	.why == "latency at 8" and .judged == [4, 7, 10, 9, 8]'
series_of 5 1 7
check "below the first if that fails" '.good == 4 and .members == 4 and
	.why == "latency at 5" and .judged == [7, 6, 5, 4]'
series_of 99 5 4
check "the most that were asked for are judged, whatever the steps" '.good == 12 and
	.why == "max" and .judged == [4, 9, 12]'
series_of 1 1 3
check "none is good enough" '.good == 0 and .members == 0 and .why == "latency at 1"'
series_of 8 3 4 1
check "nothing is judged once the host has killed" '.good == 7 and
	.why == "latency at 10" and .judged == [4, 7, 10]'

# ---- the figures

# sample MIX STACK N WINDOW GUEST ASKED OPS P99
sample()
{
	printf '%s\t' "$1" "$2" "$3" "$4" "$5" busy 10 "$6" "$7" 0 100 | sed 's/$/'"$8"'\n/' \
		>>"$dir/samples.tsv"
}

# host MIX STACK N WINDOW BALLOON-MIB SHARED-MIB
host()
{
	printf '%s\t%s\t%s\t%s\t0.5\t2000\t500\t1800\t%d\t%d\t0\t0\t0\t0\n' "$1" "$2" "$3" \
		"$4" $(($5 << 20)) $(($6 << 20)) >>"$dir/host.tsv"
}

# series MIX STACK GUESTS WHY [BAD [KILLS]]
series()
{
	echo "{\"mix\":\"$1\",\"stack\":\"$2\",\"guests\":$3,\"why\":\"$4\",\"bad\":${5:-0},
		\"wake_s\":[2,null,1,9],\"mem_mib\":250,\"total_mib\":2000,\"before_mib\":1800,
		\"oom_kills\":${6:-0}}" >>"$dir/series.json"
}

# all IDLE BUSY PHASED STOCK: guests on denseram, and on stock
all()
{
	local mix

	: >"$dir/series.json"
	for mix in idle quarter busy phased; do
		series $mix plain 7 host_oom 0 1
		series $mix stock "$4" "latency of g9: 80 ms"
	done
	series idle denseram "$1" max
	series quarter denseram 12 late
	series busy denseram "$2" late
	series phased denseram "$3" late
}

echo '{"kernel": "x"}' >"$dir/setup.json"
printf 'mix\tstack\tn\twindow\tguest\trole\tt\tasked\tops\tbad\tp50_us\tp99_us\n' \
	>"$dir/samples.tsv"
printf 'mix\tstack\tn\twindow\tcpu\ttotal_mib\tavailable_mib\tbefore_mib\tballoon\tshared\tzero\tcompressed\tdisk\tpool\n' \
	>"$dir/host.tsv"
: >"$dir/series.json"
summarize
check "nothing measured meets nothing" '.goal_met == false and .goals_met == 0 and
	.mixes.idle.ratio == null and .bad == null'

all 15 12 15 10
sample idle stock 10 1 g1 100 100 4000
sample idle stock 10 1 g2 100 80 5000
sample idle stock 10 2 g1 100 100 6000
sample idle stock 10 2 g2 100 100 9000
sample idle stock 11 1 g1 100 10 900000
host idle stock 10 0 900 900
host idle stock 10 1 100 50
host idle stock 10 2 200 150
summarize
check "guests at goal, and what they add up to" '.mixes.idle.stock |
	.guests == 10 and .overcommit == 1.25 and .why == "latency of g9: 80 ms"'
check "what they got is of the number that was good enough, from all its windows" '
	.mixes.idle.stock.service == {throughput: 0.95, worst: 0.9, ops_per_s: 19,
		p99_ms: 5, jain: 0.9972}'
check "and what was saved, not before it was judged" '.mixes.idle.stock |
	.saved.balloon_mib == 150 and .saved.shared_mib == 100 and .used_mib == 1300 and
	.cpu == 0.5'
check "an idle guest that does not wake is told" '.mixes.idle.stock |
	.wake_s == 2 and .wake_lost == 1'
check "as many as asked for meet all goals" '.goal_met and .goals_met == 6 and
	.mixes.idle.ratio == 1.5 and .mixes.busy.ratio == 1.2'
all 14 11 14 10
summarize
check "one less meets none of them" '.goals.idle == false and .goals.busy == false and
	.goals.phased == false and .goals.never_below'
all 15 12 15 13
summarize
check "fewer than stock in one mix is below" '.mixes.quarter.ratio < 1 and
	.goals.never_below == false'
all 15 12 15 10
series phased denseram 15 late 3
series busy denseram 12 host_oom 0 1
summarize
check "wrong pages and kills by the host are told" '.bad == 3 and .goals.bad == false and
	.goals.host_oom == false'

check_output
status=0
head -c 8 "$dir/density.png" | grep -aq PNG || status=1
result $status "a picture of the plot"

finish
