#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# shellcheck disable=SC2317 # functions are called by check
# The working set of a KVM guest that touches 25, 50 and 75 % of its memory, with
# steps up and down, is found to within 5 % of the guest, and a step up within
# three periods. How much slower it runs while it is sampled is printed.
set -euo pipefail
. "$(dirname "$0")/lib.sh"

size=384 arena=288	# MiB; a quarter of the guest is 96. The rest its kernel needs
period=$((4000 * slow))
bound=19			# 5 % of the guest
knobs=$SYSFS/wss

tidy_up()
{
	remove_guests >/dev/null 2>&1 || :
	echo 10000 >"$knobs/period_ms"
	echo 0 >"$knobs/enabled"
}
trap 'tidy_up' EXIT

estimate()
{
	echo $(($(info vm1 wss/working_set) >> 20))
}

# Within the bound, of what is in use in the guest besides, too
is_near()
{
	local now

	now=$(estimate)
	echo "$now MiB of $1"
	[ "$now" -ge $(($1 - bound)) ] && [ "$now" -le $(($1 + bound)) ]
}

next_period()
{
	local now

	now=$(info vm1 wss/periods)
	until [ "$(info vm1 wss/periods)" -gt "$now" ]; do
		sleep 0.1
	done
}

# reaches MIB PERIODS: each estimate on the way is shown
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
		! is_near "$1" >/dev/null || return 0
	done
	is_near "$1"
}

# stays MIB: over some periods, none of them beyond the bound
stays()
{
	local nr

	for nr in 1 2 3 4; do
		next_period
		is_near "$1"
	done
}

# step MIB PERIODS
step()
{
	"$guest" tell vm1 "ws $1"
	# The period that is running began before
	next_period
	check "$1 MiB are seen within $2 periods" reaches "$1" "$2"
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
	local round off=0 on=0

	echo 10000 >"$knobs/period_ms"
	for round in 1 2; do
		echo 0 >"$knobs/enabled"
		off=$((off + $(ops_per_second 10)))
		echo 1 >"$knobs/enabled"
		on=$((on + $(ops_per_second 10)))
	done
	echo "# $((off / round)) operations a second, sampled $((on / round)): $(((on - off) * 1000 / off)) permille"
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
step 96 30
step 288 3
measure
"$guest" stop vm1
check "the guest finds every byte right" runs_well vm1
tidy_up
finish
