#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# shellcheck disable=SC2317 # check calls functions
#
# denseramd(8) with VMMs that only pretend to be one: it passes requests on in
# no time, finds its way after it was killed, and no VMM that hangs, lies or
# shouts keeps it from the others. For VMMs that are real: selftests/vm.
set -euo pipefail

# shellcheck source=tools/tests/cli_lib.sh
. "$(dirname "$0")/cli_lib.sh"

# shellcheck source=tools/tests/denseramd_lib.sh
. "$(dirname "$0")/denseramd_lib.sh"

test_good()
{
	vmm good good
	check "a VMM is found" soon fact good run_state running
	check "its device is seen" soon fact good balloon/device 1
	check "statistics arrive" soon fact good balloon/guest_free 4096
	check "what it does not know is told so" fact good balloon/guest_swap_in none
	check "the layout arrives" soon equal 1 "$(regions good)"
	ask good 16M
	check "a balloon follows" soon fact good balloon/actual $((16 * mib))
	check "and has settled" soon fact good balloon/state settled
}

regions()
{
	local i

	for ((i = 0; i < 50; i++)); do
		[[ $(field "cli_$1" nr_regions) == 0 ]] || break
		sleep 0.1
	done
	field "cli_$1" nr_regions
}

# requests NR: one after another, each at rest
requests()
{
	local i before

	for ((i = 0; i < $1; i++)); do
		sleep 0.3
		before=$(lines_of good)
		echo $(((i % 8 + 1) * mib)) >"$sysfs/guests/cli_good/balloon/wanted"
		soon more_lines good "$before" || return 1
	done
}

lines_of()
{
	wc -l <"$work/$1.out"
}

more_lines()
{
	[[ $(lines_of "$1") -gt $2 ]]
}

# What the daemon says of itself: from the notice to the VMM's socket
test_latency()
{
	local status median

	check "twenty requests arrive" requests 20
	status=$(grep -a 'requests' "$work/notify" | tr -d '\0')
	tail -n 1 <<<"$status" | sed 's/^/# /'
	# Of those that a sign of life told of: one may have met a busy machine
	median=$(sed -n 's/.*the last took \([0-9]*\) us.*/\1/p' <<<"$status" | sort -n |
		awk '{ took[NR] = $1 } END { print took[int((NR + 1) / 2)] }')
	check "in less than 10 ms of the daemon's time" test "${median:-99999}" -lt 10000
}

test_killed()
{
	kill -KILL "$pid"
	wait "$pid" 2>/dev/null || true
	ask good 24M
	: >"$work/log"
	start
	check "a daemon that was killed starts again" soon is_ready
	check "and goes on with what was asked meanwhile" \
		soon fact good balloon/actual $((24 * mib))
	kill -KILL "${vmms[good]}"
	wait "${vmms[good]}" 2>/dev/null || true
	check "a VMM that died is told of" soon fact good run_state unknown
	"$fake" "$mount/cli_good/ram0" "$work/good.qmp" good \
		>"$work/good.out" 2>/dev/null &
	vmms[good]=$!
	check "its successor gets what is wanted" soon more_lines good 0
	check "and follows" soon fact good balloon/actual $((24 * mib))
}

# One that misbehaves beside one that does not
test_bad()
{
	local how=$1 size=$((RANDOM % 30 + 1))

	vmm bad "$how"
	[[ $how == hang || $how == mute ]] || ask bad 8M
	sleep 1
	ask good "${size}M"
	check "$how: the other guest follows" \
		soon fact good balloon/actual $((size * mib))
	check "$how: the daemon lives" kill -0 "$pid"
	sleep 3		# until it is patient with the bad one
	check "$how: it does not run hot" cpu_below 50
	end_vmm bad
}

# A guest with nothing left to give is asked ever less often, but not forgotten
test_stuck()
{
	local before

	vmm stuck stuck
	ask stuck 8M
	check "stuck: it is told its target" soon grep -q '^balloon$' "$work/stuck.out"
	sleep 4
	before=$(lines_of stuck)
	sleep 5
	echo "# asked $(($(lines_of stuck) - before)) times in 5 s"
	check "stuck: it is looked at" equal_or_more 10 "$(($(lines_of stuck) - before))"
	check "stuck: but not all the time" equal_or_more "$(($(lines_of stuck) - before))" 60
	end_vmm stuck
}

test_silent()
{
	vmm mute mute
	check "a mute VMM is given up after the timeout" \
		soon grep -q "guest cli_mute: .*does not answer" "$work/log"
	check "and tried again later" \
		soon equal_or_more 2 "$(grep -c 'cli_mute: VMM' "$work/log")"
	check "its balloon was never heard of" fact mute balloon/state none
	end_vmm mute
}

equal_or_more()
{
	[[ $2 -ge $1 ]]
}

# A socket that others use is held for moments only
test_shared()
{
	stop
	echo "qmp-shared = $work/*.qmp" >"$work/conf"
	printf 'poll = 1\ntimeout = 2\n' >>"$work/conf"
	: >"$work/log"
	start
	ask good 5M
	check "a shared socket is used" soon fact good balloon/actual $((5 * mib))
	sleep 1.5
	check "by others, too" soon answers_us
	ask good 6M
	check "and again" soon fact good balloon/actual $((6 * mib))
	check "the state stays known" fact good run_state running
}

answers_us()
{
	timeout 5 socat -t 1 - "UNIX-CONNECT:$work/good.qmp" </dev/null |
		grep -q QMP
}

test_settings()
{
	echo "poll = never" >"$work/bad.conf"
	check "settings with a mistake are refused" \
		bash -c "! '$daemon' -t -c '$work/bad.conf' 2>'$work/err'"
	check "with the line" grep -q "bad.conf:1: " "$work/err"
	check "no file that was named is an error" \
		bash -c "! '$daemon' -t -c '$work/nonesuch' 2>/dev/null"
	check "the example is right" "$daemon" -t -c \
		"$top/tools/denseramd/denseramd.conf"
	: >"$work/log"
	echo nonsense >>"$work/conf"
	kill -HUP "$pid"
	check "a reload with a mistake changes nothing" \
		soon grep -q "stay as they were" "$work/log"
	check "the daemon lives" kill -0 "$pid"
}

test_privileges()
{
	check "no capability but one is left" equal 0000000000000002 \
		"$(awk '/^CapEff/ { print $2 }' "/proc/$pid/status")"
	check "none can be had again" equal 1 \
		"$(awk '/^NoNewPrivs/ { print $2 }' "/proc/$pid/status")"
}

test_stop()
{
	local status=0

	kill -TERM "$pid"
	wait "$pid" || status=$?
	check "it ends when it is told" equal 0 "$status"
	pid=''
	check "and says that it knows nothing any more" \
		soon fact good run_state unknown
}

[[ -d $sysfs ]] || { skip "denseramd" "no module"; finish; }
printf 'qmp = %s\ntimeout = 2\npoll = 1\n' "$work/*.qmp" >"$work/conf"
export NOTIFY_SOCKET=$work/notify.sock WATCHDOG_USEC=2000000
socat -u "UNIX-RECV:$NOTIFY_SOCKET" "OPEN:$work/notify,creat,append" \
	>/dev/null 2>&1 &
listener=$!
check "somebody listens" soon test -S "$NOTIFY_SOCKET"
: >"$work/log"
start
check "the daemon starts" soon is_ready
check "it tells systemd so" soon grep -qa READY=1 "$work/notify"
test_privileges
test_good
test_latency
check "it gives signs of life" equal_or_more 3 \
	"$(grep -ca WATCHDOG=1 "$work/notify")"
test_killed
for how in hang mute full garbage endless deep chatter liar wrong nasty huge; do
	test_bad "$how"
done
test_stuck
test_silent
test_shared
test_settings
test_stop
kill "$listener"
finish
