# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-only
# What benchmarks say, and what they ask of the host they run on. To be sourced.

say()
{
	echo "$(cut -d. -f1 /proc/uptime) s: $*"
}

# since TIME: seconds
since()
{
	echo "$EPOCHREALTIME $1" | awk '{ printf "%.1f\n", $1 - $2 }'
}

# available: MiB that the kernel could have. No process is started: it is asked for often
available()
{
	local key value

	while read -r key value _; do
		[ "$key" != MemAvailable: ] || echo $((value / 1024))
	done </proc/meminfo
}

# MiB
mem_total()
{
	awk '/^MemTotal:/ { print int($2 / 1024) }' /proc/meminfo
}

# Processes that the host's kernel has killed for want of memory, since it booted
oom_kills()
{
	awk '/^oom_kill / { print $2 }' /proc/vmstat
}
