#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# shellcheck disable=SC2317 # check calls functions
#
# denseramd(8) and libvirt, both whole, between a module and a libvirt that
# only pretend: tests/fake/module.c, tests/fake/virt.c. Needs no privileges.
# For a libvirt that is real: denseramd_libvirt_test.sh.
set -euo pipefail

# shellcheck source=tools/tests/cli_lib.sh
. "$(dirname "$0")/cli_lib.sh"

# shellcheck source=tools/tests/denseramd_lib.sh
. "$(dirname "$0")/denseramd_lib.sh"

# shellcheck source=tools/tests/denseramd_bridge_lib.sh
. "$(dirname "$0")/denseramd_bridge_lib.sh"

# One that misbehaves, beside vm1, which does not
beside()
{
	local what=$1 size=$((RANDOM % 30 + 1))

	want 1 "$size"
	check "$what: the other guest follows" at_once holds 1 "$size"
	check "$what: the daemon lives" kill -0 "$pid"
}

# ---- the tests

test_tie()
{
	check "a domain is found" soon told 1 run_state=1
	check "another, too" soon told 2 run_state=1
	check "statistics arrive" soon told 1 free=4096
	want 1 16
	check "a balloon follows" soon holds 1 16
	check "libvirt was asked for it" \
		grep -qx $((48 * mib)) "$FAKE_VIRT/asked/vm1"
	want 1 8
	check "and again, at once" at_once holds 1 8
	sleep 1.2
	want 1 9
	check "and a third time, at rest" at_once holds 1 9
	sleep 1.2
	check "in less than 10 ms of the daemon's time" took_less_than 10000
	check "each has a connection of its own, and so has the list" \
		equal 3 "$(wc -l <"$FAKE_VIRT/opened")"
	check "the bridge has neither device nor sockets of VMMs" \
		equal "" "$(readlink "/proc/$(bridge)/fd/"* | grep -v \
			-e "$work/log" -e socket -e /dev/null -e pipe)"
}

asked_more()
{
	[[ $(wc -l <"$FAKE_VIRT/asked/vm1") -gt $1 ]]
}

# The next look is 8 seconds away: only events can tell
test_events()
{
	local asked

	settings "poll = 8"
	kill -HUP "$pid"
	check "at rest, looks are rare" soon says "read again"
	sleep 3
	event vm1 BALLOON_CHANGE "{\"actual\": $((32 * mib))}"
	check "an event tells of a balloon's size" at_once holds 1 32
	event vm1 MIGRATION '{"status": "active"}'
	check "of a migration" at_once told 1 migrating=1
	event vm1 MIGRATION '{"status": "completed"}'
	check "of its end" at_once told 1 migrating=0
	event vm1 "NO EVENT" "}"
	asked=$(wc -l <"$FAKE_VIRT/asked/vm1")
	event vm1 RESET '{"guest": true}'
	check "of a reset: what is wanted is said again" \
		at_once asked_more "$asked"
	settings "poll = 1"
	kill -HUP "$pid"
}

# A VMM that hangs holds one thread, and nobody else
test_domain_hangs()
{
	local before

	domain vm2 hang
	sleep 1.5
	beside "a VMM hangs"
	check "it is given up" soon says "guest vm2: .*does not answer"
	check "and told of" soon told 2 run_state=0
	before=$(threads)
	sleep 4
	check "tries do not add up" equal "$before" "$(threads)"
	beside "a VMM hangs for long"
	domain vm2 good
	check "it comes back" soon told 2 run_state=1
}

test_bad()
{
	domain vm2 "$1"
	check "$1: it is given up" soon told 2 run_state=0
	beside "$1"
	check "$1: it does not run hot" cpu_below 50
	domain vm2 good
	check "$1: and comes back" soon told 2 run_state=1
}

test_crash()
{
	local before

	before=$(bridge)
	domain vm2 crash
	check "a library that dies takes the bridge along" soon is_gone "$before"
	check "not the daemon" kill -0 "$pid"
	check "who says so" soon says "libvirt at qemu:///system: "
	domain vm2 good
	check "all guests come back" soon told 2 run_state=1
	check "the other, too" soon told 1 run_state=1
	before=$(bridge)
	kill -KILL "$before"
	check "a bridge that was killed is replaced" soon told 1 run_state=0
	check "and carries on" soon told 1 run_state=1
}

# libvirtd hangs: guests with a socket are served, and the watchdog
test_libvirt_hangs()
{
	local signs

	truncate -s 64M "$work/ram"
	"$fake" "$work/ram" "$work/vm3.qmp" good >"$work/vm3.out" 2>&1 &
	socket_vmm=$!
	guests "1 vm1 1001" "2 vm2 1002" "3 vm3 $socket_vmm"
	check "a guest with a socket is found" soon told 3 run_state=1
	mode hang
	signs=$(grep -ca WATCHDOG=1 "$work/notify")
	want 3 8
	check "libvirtd hangs: a guest with a socket follows" at_once holds 3 8
	check "libvirtd hangs: its guests are told of" soon told 1 run_state=0
	check "libvirtd hangs: the list is given up" \
		soon says "libvirt at .*does not answer"
	want 3 4
	check "libvirtd hangs for long: a guest with a socket follows" \
		at_once holds 3 4
	check "libvirtd hangs: the watchdog sees signs of life" \
		equal_or_more $((signs + 3)) "$(grep -ca WATCHDOG=1 "$work/notify")"
	check "libvirtd hangs: the daemon does not run hot" cpu_below 50
	want 1 5
	mode good
	check "libvirtd goes on: so do its guests" soon holds 1 5
	check "and the log has it" soon says "answers again"
}

# A libvirtd that was restarted: all connections are cut
test_libvirt_dies()
{
	mode dead
	check "libvirtd is gone: its guests are told of" soon told 1 run_state=0
	check "libvirtd is gone: it is said" soon says "the fake is dead"
	want 3 2
	check "libvirtd is gone: a guest with a socket follows" \
		at_once holds 3 2
	want 1 6
	mode good
	check "libvirtd is back: so are its guests" soon holds 1 6
}

# vm3 has a socket, and is a domain as well
test_choice()
{
	domain vm3 good "$socket_vmm"
	restart
	check "who has both uses the socket" soon says "vm3: VMM.*vm3.qmp"
	settings "poll = 1" "way = vm3 libvirt" "way = vm2 qmp"
	restart
	check "unless told otherwise" soon says "vm3: VMM.*libvirt:vm3"
	check "the others stay with theirs" soon says "vm1: VMM.*libvirt:vm1"
	check "a domain may be left out" not says "vm2: VMM"
	settings "poll = 1" "libvirt = off"
	restart
	check "without libvirt" soon says "vm3: VMM.*vm3.qmp"
	check "there is no bridge" not bridge
	settings "poll = 1" "rescan = 3600"
	restart
	check "searches are rare" soon told 1 run_state=1
	guests "1 vm1 1001" "3 vm3 $socket_vmm" "5 vm5 1005"
	domain vm5 good 1005
	check "a new guest is found at once all the same" soon told 5 run_state=1
	settings "poll = 1"
}

# A domain that was restarted: another process, and another guest's number
test_another_process()
{
	restart
	check "a domain runs" soon told 1 run_state=1
	guests "4 vm1 1004" "2 vm2 1002"
	domain vm1 good 1004
	want 4 3
	check "its successor is another guest" soon holds 4 3
}

test_killed()
{
	local before

	before=$(bridge)
	kill -KILL "$pid"
	wait "$pid" 2>/dev/null || true
	check "a daemon that is killed takes its bridge along" \
		soon is_gone "$before"
	want 4 11
	: >"$work/log"
	start
	check "its successor goes on with what was asked meanwhile" \
		soon holds 4 11
}

test_no_library()
{
	mkdir "$work/broken"
	echo "no library" >"$work/broken/libvirt.so.0"
	LD_LIBRARY_PATH=$work/broken restart
	check "without the library the daemon says so" \
		soon says "left alone until the settings are read again"
	sleep 2
	check "once" equal 1 "$(grep -c "left alone" "$work/log")"
	check "and lives" kill -0 "$pid"
}

test_stop()
{
	local before status=0

	restart
	check "it runs" soon told 4 run_state=1
	before=$(bridge)
	kill -TERM "$pid"
	wait "$pid" || status=$?
	pid=''
	check "it ends when it is told" equal 0 "$status"
	check "and so does its bridge" soon is_gone "$before"
	check "the module knows nothing any more" told 4 run_state=0
}

socat -u "UNIX-RECV:$NOTIFY_SOCKET" "OPEN:$work/notify,creat,append" \
	>/dev/null 2>&1 &
listener=$!
check "somebody listens" soon test -S "$NOTIFY_SOCKET"
settings "poll = 1"
mode good
domain vm1 good 1001
domain vm2 good 1002
: >"$work/log"
start
check "the daemon starts" soon is_ready
check "nobody needs libvirt: there is no bridge" not bridge
guests "1 vm1 1001" "2 vm2 1002"
test_tie
test_events
test_domain_hangs
for how in garbage endless refuse; do
	test_bad "$how"
done
test_crash
test_libvirt_hangs
test_libvirt_dies
test_choice
test_another_process
test_killed
test_no_library
test_stop
kill "$listener" "$socket_vmm"
! [[ $failed == 1 ]] || tail -n 60 "$work/log" | sed 's/^/# /'
finish
