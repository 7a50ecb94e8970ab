#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# shellcheck disable=SC2317 # functions are called by check
# denseram_balloon.ko in a guest that needs its memory: bursts are served
# without a kill, absurd targets leave it enough, and a parameter bounds what it
# takes back by itself.
set -euo pipefail
. "$(dirname "$0")/lib.sh"

# shellcheck source=selftests/vm/agent.sh
. "$(dirname "$0")/agent.sh"

trap 'remove_guests >/dev/null 2>&1; rm -rf "$work"' EXIT
MIB=1048576

target()
{
	"$guest" qmp vm1 balloon "{\"value\":$(($1 * MIB))}" >/dev/null
}

actual_mib()
{
	"$guest" qmp vm1 query-balloon | jq '.return.actual / 1048576 | floor'
}

actual_is()
{
	is "$(actual_mib)" "$1" "$2"
}

available_mib()
{
	run "awk '/^MemAvailable:/ { print int(\$2 / 1024) }' /proc/meminfo" |
		tr -d ' '
}

counter()
{
	run "awk '\$1 == \"$1\" { print \$2 }' \
		/sys/kernel/debug/denseram_balloon/*/counters" | tr -d ' '
}

no_kills()
{
	run "! dmesg | grep -E 'Out of memory|oom-kill:|Kernel panic|BUG:|WARNING:'"
}

# Fill so many MiB at full speed, check every byte
hog()
{
	run "/workload --native mode=fill mem=$1 secs=1 </dev/null >/hog.log" &&
		run "grep -q '\"bad\":0' /hog.log"
}

# As small as it gets: at rest within a second, twice
is_at_rest()
{
	local a b

	a=$(actual_mib)
	sleep 1
	b=$(actual_mib)
	echo "$a then $b"
	[ "$a" = "$b" ]
}

test_absurd()
{
	target 1
	until_true 60 is_at_rest || :
	check "a target below all sense leaves the guest something" \
		is "$(available_mib)" -ge 4
	check "it gave what it could" actual_is -lt 128
	check "it lives" run true
	check "nothing was killed" no_kills
}

test_bursts()
{
	local size

	for size in 40 80 120; do
		target 1
		until_true 60 is_at_rest || :
		check "a burst of $size MiB is served" hog $size
	done
	check "no process was killed for it" no_kills
	check "blocks were given back at once" is "$(counter yield_shrinker)" \
		-gt 0
	check "the balloon does not grow again unasked" is_at_rest
}

# Targets that change faster than anybody can follow
test_flapping()
{
	local i

	{
		echo '{"execute":"qmp_capabilities"}'
		for ((i = 0; i < 400; i++)); do
			echo "{\"execute\":\"balloon\",\"arguments\":{\"value\":$(((i * 37 % 255 + 1) * MIB))}}"
		done
		sleep 2
	} | socat -t 5 - "UNIX-CONNECT:$GUESTS/vm1/qmp" >/dev/null
	check "the guest lives through four hundred targets" run true
	check "and works meanwhile" hog 16
	target 256
	check "and follows the last" until_true 60 actual_is -eq 256
	check "nothing was killed" no_kills
}

test_bound()
{
	run "echo 8 >/sys/module/denseram_balloon/parameters/self_deflate_mib"
	target 100
	until_true 60 is_at_rest || :
	run "/workload --native mode=fill mem=200 secs=1 </dev/null >/hog.log \
		2>&1" >/dev/null || :
	check "self-deflation is bounded" is "$(($(counter yield_shrinker) + \
		$(counter yield_oom) + $(counter yield_stall) - yields))" \
		-le $((8 * 256 + 1024))
	run "echo 4294967295 >/sys/module/denseram_balloon/parameters/self_deflate_mib"
	run "dmesg -c >/dev/null"
	target 256
	check "the host can give it all back" until_true 60 actual_is -eq 256
}

# Page cache is what a balloon is to replace
test_cache()
{
	run "mkdir -p /t; mount -t tmpfs none /t; umount /t"
	target 110
	check "a balloon reaches its target over page cache" \
		until_true 60 actual_is -le 112
	target 256
	until_true 60 actual_is -eq 256
}

has_moved()
{
	is "$(counter migrations)" -gt 0
}

test_pages_only()
{
	run "echo 0 >/sys/module/denseram_balloon/parameters/blocks"
	target 100
	until_true 60 is_at_rest || :
	check "without blocks it gives pages" is "$(counter held_blocks)" -eq 0
	run "echo 1 >/proc/sys/vm/compact_memory"
	check "compaction moves them" until_true 10 has_moved
	check "a burst is served from those, too" hog 100
	check "no process was killed for it" no_kills
	target 256
	check "all come back" until_true 60 actual_is -eq 256
	run "echo 1 >/sys/module/denseram_balloon/parameters/blocks"
}

balloon_props=,free-page-reporting=on
make_images
echo "# guests run $release"
check "a guest comes up" boot on
run "mount -t debugfs none /sys/kernel/debug"
test_absurd
test_bursts
test_flapping
test_cache
test_pages_only
yields=$(($(counter yield_shrinker) + $(counter yield_oom) + \
	$(counter yield_stall)))
test_bound
run "cat /sys/kernel/debug/denseram_balloon/*/counters" | note
end_guest
rm -r "$work"
finish
