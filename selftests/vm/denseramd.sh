#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# shellcheck disable=SC2317 # functions are called by check
# denseramd between the module and real VMMs: what is wanted reaches the guest,
# with the kernel's own driver, with ours and with none; what the VMM and the
# guest say reaches the module; a daemon that was killed goes on.
set -euo pipefail
. "$(dirname "$0")/lib.sh"

# shellcheck source=selftests/vm/agent.sh
. "$(dirname "$0")/agent.sh"

trap 'stop_daemon; remove_guests >/dev/null 2>&1; rm -rf "$work"' EXIT
MIB=1048576
daemon=''

start_daemon()
{
	"$TOP/build/tools/denseramd" -v -c "$work/conf" 2>>"$work/log" &
	daemon=$!
}

stop_daemon()
{
	[ -z "$daemon" ] || kill "$daemon" 2>/dev/null || :
	[ -z "$daemon" ] || wait "$daemon" 2>/dev/null || :
	daemon=''
}

kill_daemon()
{
	kill -KILL "$daemon"
	wait "$daemon" 2>/dev/null || :
	daemon=''
}

balloon()
{
	cat "$SYSFS/guests/vm1/balloon/$1"
}

# fact FILE VALUE: of the guest, or of its balloon
fact()
{
	local is

	is=$(info vm1 "$1")
	echo "$1 is $is"
	[ "$is" = "$2" ]
}

at_least()
{
	is "$(info vm1 "$1")" -ge "$2"
}

ask()
{
	denseram guest set vm1 "balloon=$1"
}

denseram()
{
	"$TOP/build/tools/denseram" "$@"
}

test_tie()
{
	check "$driver: the daemon finds the guest" \
		until_true 10 fact run_state running
	check "$driver: it tells where the guest's memory is" \
		until_true 10 regions_cover_guest
	check "$driver: it sees the balloon device" \
		until_true 10 fact balloon/device 1
	check "$driver: and what it can do" \
		until_true 10 fact balloon/deflate_on_oom 1
	check "$driver: nothing was asked of it" fact balloon/state settled
}

# One without VGA has no hole for it
regions_cover_guest()
{
	local nr

	nr=$(denseram guest show --json vm1 | jq .guest.nr_regions)
	echo "$nr regions"
	[ "$nr" -ge 1 ]
}

test_follow()
{
	ask 96M
	check "$driver: the guest gives memory up" \
		until_true 60 fact balloon/actual $((96 * MIB))
	check "$driver: it has settled" until_true 5 fact balloon/state settled
	check "$driver: the host has it" \
		until_true 10 at_least balloon/backed $((95 * MIB))
	check "$driver: it tells its statistics" \
		until_true 20 at_least balloon/guest_total $((64 * MIB))
	check "$driver: and they are recent" \
		is "$(balloon stats_ms)" -lt $((10000 * slow))
	check "$driver: there is a driver" fact balloon/driver 1
	ask 32M
	check "$driver: the guest takes memory back" \
		until_true 60 fact balloon/actual $((32 * MIB))
	denseram balloon vm1 | note
}

test_killed()
{
	kill_daemon
	ask 64M
	sleep 1
	check "$driver: without the daemon nothing moves" \
		fact balloon/actual $((32 * MIB))
	start_daemon
	check "$driver: a new one goes on where the old one was" \
		until_true 60 fact balloon/actual $((64 * MIB))
}

test_states()
{
	"$guest" qmp vm1 stop >/dev/null
	check "$driver: a paused guest is told" \
		until_true 10 fact run_state paused
	ask 80M
	check "$driver: its balloon is idle after 2 s" \
		until_true 10 fact balloon/state idle
	"$guest" qmp vm1 cont >/dev/null
	check "$driver: a resumed guest is told" \
		until_true 10 fact run_state running
	check "$driver: and follows" until_true 60 fact balloon/state settled
	# Set by somebody else behind our back
	"$guest" qmp vm1 balloon "{\"value\":$((224 * MIB))}" >/dev/null
	check "$driver: another's target is seen" \
		until_true 60 fact balloon/actual $((32 * MIB))
	ask none
	check "$driver: a balloon may be left alone" fact balloon/wanted none
}

# test_with DRIVER
test_with()
{
	driver=$1
	make_images
	echo "# guests run $release with $driver"
	check "$driver: a guest comes up" boot on
	: >"$work/log"
	start_daemon
	test_tie
	test_follow
	test_killed
	test_states
	stop_daemon
	check "$driver: without the daemon its state is unknown" \
		fact run_state unknown
	"$guest" rm vm1
}

test_without_driver()
{
	driver=none
	make_images
	check "a guest without a driver comes up" boot on
	start_daemon
	check "its device is seen" until_true 10 fact balloon/device 1
	ask 64M
	check "it is idle after 2 s" until_true 10 fact balloon/state idle
	check "and shown so" grep -q "^idle .* no " <(denseram balloon vm1)
	check "in status, too" jq -e '.balloons.states.idle == 1' \
		<(denseram status --json)
	check "there is no driver" fact balloon/driver 0
	check "the driver is loaded late" \
		run "insmod /modules/denseram_balloon.ko"
	check "and follows at once" \
		until_true 60 fact balloon/actual $((64 * MIB))
	stop_daemon
	"$guest" rm vm1
}

echo "qmp = $GUESTS/*/daemon.qmp" >"$work/conf"
machine_args=(-qmp "unix:$GUESTS/vm1/daemon.qmp,server=on,wait=off")
for name in virtio_balloon denseram_balloon; do
	test_with "$name"
done
test_without_driver
[ $failures -eq 0 ] || tail -n 40 "$work/log" | note
rm -r "$work"
finish
