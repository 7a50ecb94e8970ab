#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# shellcheck disable=SC2317 # functions are called by check
# Guests with much in common share it while they run, and never notice: not
# when they write, not when one of them is killed or another comes.
set -euo pipefail
. "$(dirname "$0")/lib.sh"

fill="dr.mode=fill dr.zero=20 dr.same=50"
sharing=$SYSFS/sharing

set_sharing()
{
	echo "$2" >"$sharing/$1"
}

calm_down()
{
	[ -d "$sharing" ] || return 0
	set_sharing enabled 0
	set_sharing block_gain 90
	set_sharing interval 10
}
trap 'calm_down; remove_guests >/dev/null 2>&1' EXIT

saves_mib()
{
	[ $(($(cat "$sharing/saved") >> 20)) -ge "$1" ]
}

# Writers see to it that there are both: pages found equal, and written again
counted()
{
	is "$(info "$1" "stat/$2")" -ge "$3"
}

nothing_shared()
{
	is "$(cat "$sharing/shared")" -eq 0 && is "$(cat "$sharing/kept")" -eq 0
}

set_sharing block_gain 1
set_sharing interval 1
set_sharing enabled 1
start vm1 --mem 96M --append "$fill dr.seed=1 dr.secs=0 dr.verify=40"
start vm2 --mem 96M --append "$fill dr.seed=2 dr.secs=0 dr.verify=40"
start vm3 --mem 96M --append "dr.mode=toucher dr.seed=3 dr.secs=0"
for vm in vm1 vm2 vm3; do
	check "$vm comes up" "$guest" ready $vm
done
# Half of two arenas of some 40 MiB, and the kernel of three
check "30 MiB are saved" until_true 120 saves_mib 30
check "vm1 has shared pages" is "$(info vm1 shared)" -gt 4096
check "vm2 saves its part" is "$(info vm2 saved)" -gt 0
check "a guest that writes breaks shares" until_true 60 counted vm3 share_break 1
check "the totals agree" until_true 20 resident_sane vm1
"$guest" kill vm2
"$guest" rm vm2
check "vm2 is gone, the others share on" is "$(info vm1 shared)" -gt 1024
start vm4 --mem 96M --append "$fill dr.seed=4 dr.secs=0 dr.verify=40"
check "another guest comes up" "$guest" ready vm4
check "and shares with those that are there" until_true 120 saves_mib 30
check "share=off is taken" eval "echo off >$SYSFS/guests/vm4/share"
check "and vm4 shares nothing" is "$(info vm4 shared)" -eq 0
check "recount is right" until_true 20 recount_ok
for vm in vm1 vm3 vm4; do
	"$guest" stop $vm
	check "$vm finds every byte right" runs_well $vm
done
calm_down
remove_guests
check "nothing is shared any more" until_true 30 nothing_shared
finish
