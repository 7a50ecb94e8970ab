#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# shellcheck disable=SC2317 # functions are called by check
# Live migration of a guest with a half-inflated balloon, from one VMM to
# another, both on denseram: no byte of a process changes, and the balloon keeps
# its size and follows.
set -euo pipefail
. "$(dirname "$0")/lib.sh"

# shellcheck source=selftests/vm/agent.sh
. "$(dirname "$0")/agent.sh"

trap 'stop_daemon; remove_guests >/dev/null 2>&1; rm -rf "$work"' EXIT
MIB=1048576
daemon=''

stop_daemon()
{
	[ -z "$daemon" ] || kill "$daemon" 2>/dev/null || :
	[ -z "$daemon" ] || wait "$daemon" 2>/dev/null || :
	daemon=''
}

actual_is()
{
	is "$("$guest" qmp "$1" query-balloon |
		jq '.return.actual / 1048576 | floor')" -eq "$2"
}

status_is()
{
	is "$("$guest" qmp "$1" query-status | jq -r .return.status)" = "$2"
}

migration_is()
{
	is "$("$guest" qmp vm1 query-migrate | jq -r .return.status)" = "$1"
}

fact()
{
	is "$(info "$1" "$2")" = "$3"
}

# boot_vm NAME WORDS...: both VMMs have the same devices
boot_vm()
{
	local name=$1

	shift
	GUEST_IMAGES=$work/images start "$name" --mem 256M --kernel "$kernel" \
		--append "no_console_suspend rcupdate.rcu_cpu_stall_suppress=1" -- \
		-device pcie-root-port,id=slot0,slot=1,chassis=1 \
		-object iothread,id=hints \
		-device "virtio-balloon-pci,id=balloon,bus=slot0,deflate-on-oom=on,free-page-reporting=on,free-page-hint=on,iothread=hints" \
		-qmp "unix:$GUESTS/$name/daemon.qmp,server=on,wait=off" "$@"
}

# run lines in the guest wherever it is: its serial line moved with it
run_at()
{
	local answer log status turn=$EPOCHREALTIME name=$1

	shift
	log=$("$guest" log "$name")
	{
		echo "$turn $*"
		until_true 60 said_or_gone "$name" "@$turn " || true
	} | socat -t 0.1 - "UNIX-CONNECT:$GUESTS/$name/serial" >/dev/null
	answer=$(grep -a "^@$turn " "$log" | tr -d '\r') || return 124
	status=$(cut -d ' ' -f 2 <<<"$answer")
	cut -d ' ' -f 3- <<<"$answer"
	return "$status"
}

fill_is_right()
{
	local final

	run_at vm2 "echo stop >&9" &&
		until_true 30 run_at vm2 "grep -q final /fill.log"
	final=$(run_at vm2 "grep final /fill.log" | grep -o '{"final"[^}]*}')
	echo "$final"
	jq -e '.bad == 0 and .sweeps > 0' >/dev/null <<<"$final"
}

test_migration()
{
	local sent

	"$guest" qmp vm1 migrate-set-capabilities '{"capabilities":[
		{"capability":"events","state":true}]}' >/dev/null
	"$guest" qmp vm1 migrate-set-parameters \
		'{"max-bandwidth":1073741824}' >/dev/null
	check "migration starts" "$guest" qmp vm1 migrate \
		"{\"uri\":\"unix:$GUESTS/migration\"}"
	check "it completes" until_true 120 migration_is completed
	sent=$("$guest" qmp vm1 query-migrate | jq '.return.ram.transferred')
	echo "# $((sent / MIB)) MiB were sent, $("$guest" qmp vm1 query-migrate |
		jq -c '.return | {"total-time", downtime}')"
	check "the target runs" until_true 30 status_is vm2 running
	check "the balloon has its size there" until_true 30 actual_is vm2 160
	echo "# resident there: $(($(info vm2 resident) / MIB)) MiB"
}

driver=${DR_DRIVER:-denseram_balloon}
make_images
echo "# guests run $release with $driver"
echo "qmp = $GUESTS/*/daemon.qmp" >"$work/conf"
"$TOP/build/tools/denseramd" -v -c "$work/conf" >/dev/null 2>"$work/log" &
daemon=$!
boot_vm vm1
check "a guest comes up" is_up vm1
run_at vm1 "mkfifo /fill.in; exec 9<>/fill.in; \
	/workload --native mode=fill mem=48 secs=0 <&9 >/fill.log 2>&1 &" >/dev/null
check "a process fills memory" until_true 30 run_at vm1 "grep -q ready /fill.log"
"$TOP/build/tools/denseram" guest set vm1 balloon=96M
check "the balloon is inflated" until_true 60 actual_is vm1 160
check "a target VMM waits" boot_vm vm2 -incoming "unix:$GUESTS/migration"
check "it is told that it migrates" until_true 15 fact vm2 migrating 1
test_migration
check "the source is left alone" until_true 15 fact vm1 run_state paused
check "the target is no longer migrating" until_true 15 fact vm2 migrating 0
check "no byte of that process changed" fill_is_right
"$TOP/build/tools/denseram" guest set vm2 balloon=32M
check "its balloon follows there" until_true 60 actual_is vm2 224
check "all memory can be used" run_at vm2 \
	"/workload --native mode=fill mem=100 secs=1 </dev/null >/hog.log"
check "the guest's kernel has nothing to say" \
	run_at vm2 "! dmesg | grep -E 'BUG|WARNING|Oops|Bad page|resizing failed'"
stop_daemon
[ $failures -eq 0 ] || tail -n 30 "$work/log" | note
"$guest" rm vm1
vm=vm2
end_guest
rm -r "$work"
finish
