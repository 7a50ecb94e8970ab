# shellcheck shell=bash disable=SC2154
# SPDX-License-Identifier: GPL-2.0-only
# What the tests with the mean host do again and again. To be sourced by "test",
# which sets top, build, host, slow, idle and before.

clean()
{
	[ ! -d "$host" ] || echo 0 >"$host/mode"
	rmmod dr_mean_host 2>/dev/null || :
	rmmod denseram_balloon 2>/dev/null || :
}

check()
{
	local what=$1 out

	shift
	tests=$((tests + 1))
	if out=$("$@" 2>&1); then
		echo "ok $tests - $what"
	else
		failures=$((failures + 1))
		echo "not ok $tests - $what"
		echo "$* -> $out" | sed 's/^/# /'
	fi
}

until_true()
{
	local deadline=$((SECONDS + $1 * slow))

	shift
	until "$@"; do
		[ $SECONDS -lt $deadline ] || return 1
		sleep 0.2
	done
}

is()
{
	echo "$1 $2 $3"
	test "$1" "$2" "$3"
}

meminfo()
{
	awk "/^$1:/ { print int(\$2 / 1024) }" /proc/meminfo
}

actual_is()
{
	is "$(cat "$host/actual")" "$1" "$2"
}

counter()
{
	awk "\$1 == \"$1\" { print \$2 }" \
		/sys/kernel/debug/denseram_balloon/*/counters
}

# A process that fills memory and keeps checking it: a page that the host still
# scribbles over would show
start_filler()
{
	mkfifo /tmp/mean.in
	"$top/build/guest/workload" --native mode=fill mem=128 secs=0 \
		<>/tmp/mean.in >/tmp/mean.log 2>&1 &
	filler=$!
	until_true 30 grep -q ready /tmp/mean.log
}

# Not by check, whose shell is another one: only its parent can wait for a process
stop_filler()
{
	[ -n "$filler" ] || return 0
	echo stop >/tmp/mean.in
	wait "$filler" || echo "# the process ended with status $?"
	filler=''
	rm -f /tmp/mean.in
}

filler_is_right()
{
	tail -n 3 /tmp/mean.log
	dmesg | grep -iE 'killed process|segfault|bus error' | tail -n 3
	grep final /tmp/mean.log | sed 's/^@dr //' | jq -e '.bad == 0'
}

# plug MODE [FEATURES]: a device in that mode, and the driver on it
plug()
{
	echo "$1" >"$host/mode"
	echo 0 >"$host/target"
	[ $# -lt 2 ] || echo "$2" >"$host/features"
	echo 1 >"$host/plugged"
}

unplug()
{
	timeout $((20 * slow)) sh -c "echo 0 >$host/plugged"
}

# Memory of before, but for what the test itself uses
is_back()
{
	is "$(meminfo MemAvailable)" -ge $((before - 64))
}

no_kills()
{
	! dmesg | grep -i 'out of memory'
}

# Nothing moved for two seconds, and something did before
rests()
{
	local was

	was=$(cat "$host/actual")
	sleep 2
	[ "$was" -gt 0 ] && actual_is -eq "$was"
}

# Hundredths of a second that all processors worked so far
work_of()
{
	awk '/^cpu / { print $2 + $3 + $4 + $7 + $8 }' /proc/stat
}

# What they do over three seconds, in percent of one
work_share()
{
	local a b from to

	from=$(tr -d . </proc/uptime | cut -d ' ' -f 1)
	a=$(work_of)
	sleep 3
	b=$(work_of)
	to=$(tr -d . </proc/uptime | cut -d ' ' -f 1)
	echo $(((b - a) * 100 / (to - from)))
}

# A worker that spins is a processor more at work than without the driver. Two
# thirds of one are not: a target that moves is followed, and the host writes to all
# that it is given
is_quiet()
{
	local share

	share=$(work_share)
	echo "$share % of a processor, $idle % without the driver"
	[ "$share" -lt $((idle + 67)) ]
}
