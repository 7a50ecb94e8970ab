#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# shellcheck disable=SC2317 # functions are called by check
# The working set of a KVM guest that touches 25, 50 and 75 % of its memory, with
# steps up and down, is found to within 7 % of the guest on average, and never off by
# 12 %; a step up is seen within three periods, one of half the guest after a fall within
# five. (Periods are short here, and chance is to fail no test: bench-policy measures the
# error.) With WSS_MEASURE set, how much slower the guest runs while it is sampled is
# printed, too.
set -euo pipefail
. "$(dirname "$0")/lib.sh"

size=384 arena=288	# MiB; a quarter of the guest is 96. The rest its kernel needs
period=$((2000 * slow))
bound=48			# 12 % of the guest
mean_bound=28			# 7 % of it
errors=$(mktemp)		# of all estimates that have settled, in MiB
knobs=$SYSFS/wss

tidy_up()
{
	remove_guests >/dev/null 2>&1 || :
	rm -f "$errors"
	echo 10000 >"$knobs/period_ms"
	echo 0 >"$knobs/enabled"
}
trap 'tidy_up' EXIT

estimate()
{
	echo $(($(info vm1 wss/working_set) >> 20))
}

# is_near MIB BOUND: it may be by what is in use in the guest besides, too
is_near()
{
	local now

	now=$(estimate)
	echo "$now MiB of $1"
	[ "$now" -ge $(($1 - $2)) ] && [ "$now" -le $(($1 + $2)) ]
}

next_period()
{
	local now

	now=$(info vm1 wss/periods)
	until [ "$(info vm1 wss/periods)" -gt "$now" ]; do
		sleep 0.1
	done
}

# reaches MIB PERIODS BOUND: each estimate on the way is shown
reaches()
{
	local nr

	for ((nr = 1; nr <= $2; nr++)); do
		next_period
		printf '# %d MiB in use, period %2d: %s MiB (%s..%s permille of %d MiB), %s samples\n' \
			"$1" "$nr" "$(estimate)" "$(info vm1 wss/active_low)" \
			"$(info vm1 wss/active_high)" \
			$(($(info vm1 resident) >> 20)) \
			"$(info vm1 wss/samples)" >&3
		! is_near "$1" "$3" >/dev/null || return 0
	done
	is_near "$1" "$3"
}

# stays MIB: over some periods, none of them beyond the bound
stays()
{
	local nr now

	for nr in 1 2 3 4; do
		next_period
		now=$(estimate)
		echo $((now > $1 ? now - $1 : $1 - now)) >>"$errors"
		is_near "$1" "$bound" || return 1
	done
}

mean_error_ok()
{
	awk -v most="$mean_bound" '{ sum += $1 }
		END { mean = sum / NR; print "mean error " mean " MiB"
		      exit mean > most }' "$errors"
}

# step MIB PERIODS [BOUND]
step()
{
	"$guest" tell vm1 "ws $1"
	# The period that is running began before
	next_period
	check "$1 MiB are seen within $2 periods" reaches "$1" "$2" "${3:-$bound}"
	check "and stay so" stays "$1"
}

# Operations in so many seconds, of the guest's own clock
ops_per_second()
{
	local from to

	from=$("$guest" mark vm1)
	sleep "$1"
	to=$("$guest" mark vm1)
	jq -n --argjson a "$from" --argjson b "$to" \
		'(($b.ops - $a.ops) / ($b.t - $a.t)) | floor'
}

# Off and on in turn, so that what else the host does hits both alike
measure()
{
	local round off=0 on=0 faults

	for round in 1 2; do
		echo 0 >"$knobs/enabled"
		off=$((off + $(ops_per_second 20)))
		# What the guest does has to be known: before that it costs more
		echo $period >"$knobs/period_ms"
		echo 1 >"$knobs/enabled"
		next_period
		next_period
		next_period
		echo 10000 >"$knobs/period_ms"
		faults=$(info vm1 stat/fault_soft)
		on=$((on + $(ops_per_second 20)))
		faults=$(($(info vm1 stat/fault_soft) - faults))
	done
	echo "# $((off / round)) operations a second, sampled $((on / round)): $(((on - off) * 1000 / off)) permille; $((faults / 20)) soft faults a second"
}

exec 3>&1
echo 0 >"$knobs/enabled"
start vm1 --mem ${size}M \
	--append "dr.mode=toucher dr.mem=$arena dr.ws=96 dr.secs=0 dr.verify=0"
check "the guest comes up" "$guest" ready vm1
echo $period >"$knobs/period_ms"
echo 1 >"$knobs/enabled"
step 96 3
step 192 3
step 288 3
step 96 30 "$mean_bound"
step 288 5
check "the mean error is 7 % of the guest at most" mean_error_ok
echo "# mean error $(awk '{ sum += $1 } END { print sum / NR }' "$errors") MiB of $size"
[ -z "${WSS_MEASURE:-}" ] || measure
"$guest" stop vm1
check "the guest finds every byte right" runs_well vm1
tidy_up
finish
