#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# shellcheck disable=SC2317,SC2034,SC2154 # check calls functions; agent.sh
#
# denseramd(8) and what VMMs have for themselves: it goes to the host's swap when it
# shall, once, and the guest finds all its bytes. In a lab host with a disk.
set -euo pipefail

# shellcheck source=tools/tests/cli_lib.sh
. "$(dirname "$0")/cli_lib.sh"

# shellcheck source=tools/tests/denseramd_lib.sh
. "$(dirname "$0")/denseramd_lib.sh"

export GUESTS=${GUESTS:-/run/guests}
guest=$top/selftests/guest/guest
disk=/dev/vda
trap 'end_all' EXIT

end_all()
{
	stop
	[[ ! -d $GUESTS/vm1 ]] || "$guest" rm vm1 >/dev/null 2>&1 || true
	swapoff "$disk" 2>/dev/null || true
	cleanup
}

# own KEY: in KiB, of the VMM
own()
{
	awk -v key="$1:" '$1 == key { print $2 }' \
		"/proc/$("$guest" pid vm1)/status"
}

most()
{
	echo "$1 is $(own "$1") KiB"
	[[ $(own "$1") -le $2 ]]
}

lines()
{
	grep -c "of its VMM's own memory" "$work/log" || true
}

# stays SECONDS KIB: it has no less all the while
stays()
{
	local end=$((SECONDS + $1))

	while [[ $SECONDS -lt $end ]]; do
		[[ $(own RssAnon) -ge $2 ]] || return 1
		sleep 1
	done
}

# Not within check, which is a shell of its own: nobody would end the daemon
restart()
{
	stop
	printf '%s\n' "$@" >"$work/conf"
	: >"$work/log"
	start
}

# Where it is always done; a VMM that is younger than 30 s is spared
test_always()
{
	local before

	before=$(own RssAnon)
	echo "# the VMM has $before KiB for itself"
	restart "overhead = always"
	check "another starts" soon is_ready
	check "a VMM that is young keeps its memory" stays 15 $((before * 3 / 4))
	check "later, most of it goes" patiently 60 most RssAnon $((before / 2))
	check "to the host's swap" test "$(own VmSwap)" -gt 0
	check "the daemon says so" soon grep -q "of its VMM's own memory" "$work/log"
	sleep 20
	echo "# 20 s later: $(own RssAnon) KiB, and $(own VmSwap) KiB in the swap"
	check "what it needs comes back, and no more" most RssAnon $((before / 2))
	check "it was asked once" equal "$(lines)" 1
	check "the guest finds every byte right" finds_all
}

finds_all()
{
	"$guest" stop vm1
	"$guest" wait vm1 120
	"$guest" result vm1
}

test_not()
{
	local before

	before=$(own RssAnon)
	restart "overhead = short"
	check "a daemon starts, on a host that has enough" soon is_ready
	check "all stays" stays 35 $((before * 3 / 4))
}

test_refused()
{
	echo "overhead = sometimes" >"$work/conf"
	check "another word is refused" refused "short, always or keep"
}

refused()
{
	! "$daemon" -t -c "$work/conf" 2>"$work/err" && grep "$1" "$work/err"
}

begin()
{
	"$top/selftests/guest/launch" --name vm1 --mem 96M \
		--append "dr.mode=fill dr.zero=20 dr.secs=0"
	"$guest" ready vm1
}

if [[ ! -b $disk || -z ${LAB:-} || ! -w /dev/kvm ]]; then
	skip "what VMMs have for themselves" "no lab host with a disk"
	finish
fi
mkswap "$disk" >/dev/null
swapon "$disk"
test_refused
check "a guest comes up" begin
[[ $failed == 1 ]] || test_not
[[ $failed == 1 ]] || test_always
[[ $failed == 0 ]] || sed 's/^/# /' "$work/log"
finish
