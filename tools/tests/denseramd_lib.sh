# shellcheck shell=bash disable=SC2034,SC2154
# SPDX-License-Identifier: GPL-2.0-only
# A daemon, and guests whose VMMs only pretend to be one. To be sourced after
# cli_lib.sh.

fake=$top/build/tools/tests/fake_vmm
daemon=$top/build/tools/denseramd
pid=''
mib=1048576
declare -A vmms=()
trap 'stop; end_vmms; cleanup' EXIT

start()
{
	"$daemon" -v -c "$work/conf" >/dev/null 2>>"$work/log" &
	pid=$!
}

is_ready()
{
	grep -q 'ready$' "$work/log"
}

stop()
{
	[[ -z $pid ]] || kill "$pid" 2>/dev/null || true
	[[ -z $pid ]] || wait "$pid" 2>/dev/null || true
	pid=''
}

# vmm NAME HOW: a guest of 64 MiB with such a VMM
vmm()
{
	mkdir "$mount/cli_$1"
	truncate -s 64M "$mount/cli_$1/ram0"
	"$fake" "$mount/cli_$1/ram0" "$work/$1.qmp" "$2" \
		>"$work/$1.out" 2>/dev/null &
	vmms[$1]=$!
}

end_vmm()
{
	kill -KILL "${vmms[$1]}" 2>/dev/null || true
	wait "${vmms[$1]}" 2>/dev/null || true
	unset "vmms[$1]"
	rm -f "$mount/cli_$1/ram0" "$work/$1.qmp"
	rmdir "$mount/cli_$1"
}

end_vmms()
{
	local name

	for name in "${!vmms[@]}"; do
		end_vmm "$name" || true
	done
}

# fact NAME FILE VALUE
fact()
{
	local value

	value=$(<"$sysfs/guests/cli_$1/$2")
	echo "$2 of $1: $value"
	[[ $value == "$3" ]]
}

ask()
{
	"$cli" guest set "cli_$1" "balloon=$2"
}

# Hundredths of a second: of the clock, and of the daemon's CPU time
cpu_now()
{
	tr -d . </proc/uptime | cut -d ' ' -f 1 | tr '\n' ' '
	awk '{ print $14 + $15 }' "/proc/$pid/stat"
}

# cpu_below PERCENT: of one CPU, over two seconds
cpu_below()
{
	local a b from to

	read -r from a <<<"$(cpu_now)"
	sleep 2
	read -r to b <<<"$(cpu_now)"
	echo "$((b - a)) ticks of $((to - from))"
	[[ $(((b - a) * 100 / (to - from))) -lt $1 ]]
}
