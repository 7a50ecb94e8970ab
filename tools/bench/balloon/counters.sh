# shellcheck shell=bash disable=SC2154
# SPDX-License-Identifier: GPL-2.0-only
# What resizing costs, as sums since boot: to be read before and after. To be
# sourced after agent.sh.

syscalls=/sys/kernel/tracing/events/raw_syscalls/sys_enter

# System calls that drop memory: fallocate and madvise of the VMM
trace_syscalls()
{
	# It would break up blocks, with pages that are equal by our making
	echo 0 >"$SYSFS/sharing/enabled"
	# Faults of its samples are not the balloon's
	echo 0 >"$SYSFS/wss/enabled"
	echo "hist:keys=id if id == 285 || id == 28" >$syscalls/trigger
}

syscalls_now()
{
	awk '/hitcount/ && /id: *(285|28)[ }]/ {
		sub(/.*hitcount: */, ""); sum += $1 } END { print sum + 0 }' \
		$syscalls/hist
}

# One question to the guest: answers of the host that it was interrupted for,
# hundredths of a second that it was not idle, MiB that are free
guest_now()
{
	run "awk '/virtio/ && !/config|blk/ { for (i = 2; i <= NF; i++) \
		if (\$i ~ /^[0-9]+\$/) sum += \$i } END { print sum + 0 }' \
		/proc/interrupts; \
		awk '/^cpu / { print \$2 + \$3 + \$4 + \$7 + \$8 }' /proc/stat; \
		awk '/^MemFree:/ { print int(\$2 / 1024) }' /proc/meminfo"
}

# counters: an object
counters()
{
	local calls faults kicks cpu free

	read -r kicks cpu free <<<"$(guest_now)"
	calls=$(syscalls_now) faults=$(info vm1 stat/fault)
	echo "{\"vmm_syscalls\":$calls,\"host_faults\":$faults,\"kicks\":$kicks,\"guest_cpu_s\":$cpu,\"free\":$free}"
}

# cost BEFORE AFTER SECONDS: what happened in between
cost()
{
	jq -nc --argjson a "$1" --argjson b "$2" --argjson seconds "$3" '
		$b | with_entries(.value -= $a[.key]) | del(.free) |
		.guest_cpu_s /= 100 | . + {$seconds}'
}

# A guest that has booted reports its free memory for a while
settle()
{
	local last=-1 now

	until now=$(syscalls_now) && [ "$now" = "$last" ]; do
		last=$now
		sleep 2.5
	done
}
