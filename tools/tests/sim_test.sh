#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# shellcheck disable=SC2317 # functions are called by check
#
# "denseram sim" and "denseram replay": no module, no root. TAP output.
set -euo pipefail

# shellcheck source=tools/tests/cli_lib.sh
. "$(dirname "$0")/cli_lib.sh"

# says JQ ARGS...: the JSON of sim is as jq says
says()
{
	local filter=$1

	shift
	"$cli" sim --json "$@" | tee "$work/json" | jq -e "$filter" ||
		{ head -c 600 "$work/json"; return 1; }
}

test_usage()
{
	check "sim takes no word" fails 2 "unexpected 'foo'" sim foo
	check "sim, unknown option" fails 2 "unknown option '--foo'" sim --foo
	check "sim, no guests" fails 2 "from 1 to 100000" sim --guests 0
	check "sim, too many guests" fails 2 "from 1 to 100000" \
		sim --guests=100001
	check "sim, no value" fails 2 "needs a value" sim --guests
	check "sim, unknown fleet" fails 2 "idle, diurnal" sim --fleet foo
	check "sim, unknown rule" fails 2 "denseram, proxmox or mom" \
		sim --rule foo
	check "sim, tax of everything" fails 2 "from 0 to 99" sim --tax 100
	check "sim, no size" fails 2 "64M to 1024T" sim --size 1K
	check "sim, a record of another rule" fails 2 "needs --rule denseram" \
		sim --rule mom --record "$work/no"
	check "replay without a file" fails 2 "needs one file" replay
	check "replay of two files" fails 2 "needs one file" replay a b
	check "replay of no file" fails 1 "No such file" replay "$work/none"
	check "replay of something else" fails 1 "not a record" \
		replay "$0"
	check "help for sim" bash -c "'$cli' help sim | grep -q -- --fleet"
	check "help for replay" bash -c "'$cli' replay --help | grep -q FILE"
}

test_sim()
{
	local fleet rule

	for fleet in idle diurnal bursty mixed; do
		check "$fleet: targets fit, promises hold" says '
			([.guests[].target] | add) <= .host and
			([.guests[] | .target <= .size and .target >= 0] | all) and
			.totals.min_broken == 0 and .totals.short_seconds == 0' \
			--fleet "$fleet" --guests 30 --seconds 1200
	done
	for rule in denseram proxmox mom; do
		check "$rule runs" says ".rule == \"$rule\" and .totals.runs == 300" \
			--rule "$rule" --seconds 300 --guests 10
	done
	check "guests of one size on a host with room have all" says \
		'[.guests[].target == 1073741824] | all' \
		--guests 5 --size 1G --host 20G --seconds 60
	check "the same seed makes the same" bash -c "
		cmp <('$cli' sim --seed 7 --seconds 300 --json | jq 'del(.totals)') \
		    <('$cli' sim --seed 7 --seconds 300 --json | jq 'del(.totals)')"
	check "idle memory untaxed loses more work" bash -c "
		a=\$('$cli' sim --tax 0 --host 150G --seconds 7200 --json | jq .totals.lost_percent)
		b=\$('$cli' sim --tax 75 --host 150G --seconds 7200 --json | jq .totals.lost_percent)
		echo \"tax 0: \$a %, tax 75: \$b %\"; jq -n -e \"\$a > 2 * \$b\""
}

# Two guests and what they use, from a file.
test_trace()
{
	printf '# a trace\n0 0 1G\n0 1 512M\n\n60 1 3G\n' >"$work/trace"
	check "a trace is followed" says '
		.fleet == "trace" and .nr_guests == 2 and .seconds == 61 and
		.guests[0].used == 1073741824 and .guests[1].used == 3221225472' \
		--trace "$work/trace" --host 8G
	printf '0 0 1G\n0 1 foo\n' >"$work/trace"
	check "a wrong line is named" fails 1 "line 2" \
		sim --trace "$work/trace"
	printf '5 0 1G\n4 0 1G\n' >"$work/trace"
	check "time goes forward" fails 1 "line 2" sim --trace "$work/trace"
	: >"$work/trace"
	check "an empty trace" fails 1 "line 1" sim --trace "$work/trace"
	check "no trace" fails 1 "No such file" sim --trace "$work/none"
}

damaged()
{
	cp "$work/record" "$work/bad"
	printf '\xff\xff' | dd of="$work/bad" bs=1 seek="$1" conv=notrunc status=none
	fails 1 "damaged after run" replay "$work/bad"
}

test_record()
{
	check "a record is written" "$cli" sim --guests 20 --seconds 600 \
		--record "$work/record"
	check "it replays bit for bit" bash -c "
		'$cli' replay '$work/record' --json | jq -e '
			.runs == 600 and .guests_most == 20 and
			.different == 0 and (.cut | not)'"
	check "and says so" bash -c "
		'$cli' replay '$work/record' | grep -q 'bit for bit'"
	check "it explains a guest" bash -c "
		'$cli' replay --guest 3 '$work/record' |
			grep -A 40 '^guest 3' | grep -E '^rule [a-z]+$'"
	check "it has no other guest" bash -c "
		! '$cli' replay --guest 99 '$work/record' 2>'$work/err' >/dev/null &&
		grep -q 'no guest 99' '$work/err'"
	check "a guest has a number" fails 2 "id of a guest" \
		replay --guest foo "$work/record"
	check "a record cut short is read as far as it goes" bash -c "
		head -c 20000 '$work/record' >'$work/cut'
		'$cli' replay '$work/cut' --json | jq -e '.cut and .runs > 1'"
	check "damage is noticed" damaged 15000
	check "no room for the record" fails 1 "No space" \
		sim --seconds 10 --record /dev/full
	check "no such folder for the record" fails 1 "No such file" \
		sim --seconds 10 --record "$work/none/record"
}

test_plot()
{
	if ! command -v gnuplot >/dev/null; then
		skip "a plot is drawn" "no gnuplot"
		return
	fi
	check "a plot is drawn" bash -c "
		'$cli' sim --seconds 300 --plot '$work/plot.svg' &&
		grep -q '</svg>' '$work/plot.svg'"
	check "no such folder for the plot" fails 1 "drawing" \
		sim --seconds 10 --plot "$work/none/plot.svg"
}

test_measures()
{
	check "cost is given for 10 to 100000 guests" bash -c "
		'$cli' sim --scale --json | jq -e '
			[.cost[].guests] == [10, 100, 1000, 10000, 100000] and
			([.cost[].ns > 0] | all)'"
	check "memory moves ten times as fast" bash -c "
		'$cli' sim --move --json | jq -e '.move_s |
			10 * .denseram <= ([.proxmox, .mom] | map(. // 3600) | min)'"
}

test_usage
test_sim
test_trace
test_record
test_plot
test_measures
finish
