#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# shellcheck disable=SC2317 # functions are called by check
# A balloon in a guest that is paged: its memory is nearly full, a limit keeps a
# good part of it on a disk, and the balloon inflates and deflates while pages go
# out and come back. It gets its sizes, the guest keeps to its limit, and finds
# every byte as it wrote it.
set -euo pipefail
. "$(dirname "$0")/lib.sh"

# shellcheck source=selftests/vm/agent.sh
. "$(dirname "$0")/agent.sh"

cli=$TOP/build/tools/denseram
area=/dev/vda
if [ ! -b "$area" ] || [ -z "${LAB:-}" ]; then
	echo "1..0 # SKIP no disk to page to (lab run --disk)"
	exit 0
fi
pool=$(cat "$SYSFS/swap/pool_limit")
limit=112
daemon=''
trap 'tidy_up' EXIT

tidy_up()
{
	[ -z "$daemon" ] || kill "$daemon" 2>/dev/null || :
	remove_guests >/dev/null 2>&1 || :
	echo "$pool" >"$SYSFS/swap/pool_limit"
	"$cli" swap rm "$area" 2>/dev/null || :
	rm -rf "$work"
}

start_daemon()
{
	echo "qmp = $GUESTS/*/daemon.qmp" >"$work/conf"
	"$TOP/build/tools/denseramd" -v -c "$work/conf" >/dev/null \
		2>"$work/log" &
	daemon=$!
}

stop_daemon()
{
	kill "$daemon"
	wait "$daemon" || :
	daemon=''
	[ $failures -eq 0 ] || tail -n 30 "$work/log" | note
}

# A process of the guest fills memory and keeps checking it
fill_start()
{
	run "mkfifo /fill.in; exec 9<>/fill.in; /workload --native mode=fill \
		mem=152 secs=0 verify=40 <&9 >/fill.log 2>&1 &"
	until_true 60 run "grep -q ready /fill.log"
}

fill_is_right()
{
	local final

	run "echo stop >&9" && until_true 120 run "grep -q final /fill.log"
	final=$(run "grep final /fill.log | sed 's/^@dr //'")
	echo "$final"
	jq -e '.bad == 0 and .sweeps > 0' >/dev/null <<<"$final"
}

available_mib()
{
	run "awk '/^MemAvailable:/ { print int(\$2 / 1024) }' /proc/meminfo" |
		tr -d ' '
}

# Within the slack that a growing guest has
keeps_to_limit()
{
	is "$(($(info vm1 resident) >> 20))" -le $((limit + 6))
}

balloon_is()
{
	is "$(($(info vm1 balloon/actual) >> 20))" -eq "$1" &&
		is "$(info vm1 balloon/state)" = settled
}

# has_grown COUNTER SINCE BY
has_grown()
{
	is "$(info vm1 "stat/$1")" -ge $(($2 + $3))
}

# resize MIB WHAT: pages go out and come back meanwhile
resize()
{
	local out in

	out=$(info vm1 stat/swap_out) in=$(info vm1 stat/swap_in)
	"$cli" guest set vm1 balloon="$1M"
	check "the balloon $2 to $1 MiB" until_true 120 balloon_is "$1"
	check "pages go out" until_true 60 has_grown swap_out "$out" 500
	check "and come back" until_true 60 has_grown swap_in "$in" 500
	check "the guest keeps to $limit MiB" until_true 60 keeps_to_limit
}

machine_args=(-qmp "unix:$GUESTS/vm1/daemon.qmp,server=on,wait=off")
balloon_props=,free-page-reporting=on
guest_mem=320M
make_images
echo "# guests run $release"
check "a disk is added" "$cli" swap add --force "$area"
echo 4M >"$SYSFS/swap/pool_limit"
start_daemon
check "a guest comes up" boot on
check "a process fills its memory" fill_start
large=$(($(available_mib) - 28))
echo "# the guest has $((large + 28)) MiB left," \
	"$(($(info vm1 resident) >> 20)) MiB are resident"
check "it has some to give" is "$large" -ge 32
"$cli" guest set vm1 limit="${limit}M"
check "the guest keeps to $limit MiB" until_true 180 keeps_to_limit
check "pages are on the disk" is "$(info vm1 swap/disk)" -gt 4096
for round in 1 2 3; do
	resize "$large" inflates
	resize $((round * 3)) deflates
done
check "the totals agree" until_true 20 resident_sane vm1
"$cli" guest set vm1 balloon=0
check "the balloon empties" until_true 120 balloon_is 0
check "no byte of that process changed" fill_is_right
check "no process was killed" run "! dmesg | grep -E 'Out of memory|oom-kill:'"
check "the guest's kernel has nothing to say" \
	run "! dmesg | grep -E 'BUG|WARNING|Oops|Bad page|resizing failed'"
stop_daemon
end_guest
check "the disk is removed" "$cli" swap rm "$area"
tidy_up
trap - EXIT
finish
