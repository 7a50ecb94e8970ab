#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# shellcheck disable=SC2317,SC2034,SC2154 # check calls functions; agent.sh
#
# denseramd(8) and a libvirtd that is real, in a lab host: a domain whose memory
# is on denseram is found by its process, its balloon follows, and neither a
# libvirtd that stops nor one that is killed makes the daemon lose it. For a
# libvirt that misbehaves: denseramd_bridge_test.sh.
set -euo pipefail

# shellcheck source=tools/tests/cli_lib.sh
. "$(dirname "$0")/cli_lib.sh"

# shellcheck source=tools/tests/denseramd_lib.sh
. "$(dirname "$0")/denseramd_lib.sh"

# shellcheck source=tools/tests/denseramd_libvirt_lib.sh
. "$(dirname "$0")/denseramd_libvirt_lib.sh"

TOP=$top
# shellcheck source=selftests/vm/agent.sh
. "$top/selftests/vm/agent.sh"

driver=virtio_balloon
trap 'end_all' EXIT

is_up()
{
	grep -aq '^@up' "$work/console"
}

# The domain's own directory is the guest, whatever number it has
guest_name()
{
	local names=("$sysfs"/guests/*vm1*)

	basename "${names[0]}"
}

# fact FILE VALUE
fact()
{
	local value

	value=$(<"$sysfs/guests/$vm/$1")
	echo "$1 is $value"
	[[ $value == "$2" ]]
}

at_least()
{
	local value

	value=$(<"$sysfs/guests/$vm/$1")
	echo "$1 is $value"
	# "none" as long as nobody has told
	[[ $value != none && $value -ge $2 ]]
}

# In the words of libvirt: what is left to the guest
libvirt_says()
{
	virsh dommemstat vm1
	virsh dommemstat vm1 | grep -qx "actual $(((256 - $1) * 1024))"
}

has_regions()
{
	[[ $("$cli" guest show --json "$vm" | jq .guest.nr_regions) -ge 1 ]]
}

ask()
{
	"$cli" guest set "$vm" "balloon=$1"
}

says()
{
	grep -q -- "$1" "$work/log"
}

bridge()
{
	pgrep -P "$pid" denseramd-virt
}

test_domain()
{
	make_images
	domain_xml >"$work/vm1.xml"
	check "libvirt starts a domain" virsh -q create "$work/vm1.xml"
	check "it comes up" patiently 240 is_up
	vm=$(guest_name)
	echo "# the guest is $vm, its process $(<"$sysfs/guests/$vm/vmm_pid"); the file says $(</run/libvirt/qemu/vm1.pid)"
}

test_balloon()
{
	check "the daemon finds it by libvirt" \
		patiently 30 says "VMM .* at libvirt:vm1"
	check "it runs" patiently 30 fact run_state running
	check "its device is seen" patiently 30 fact balloon/device 1
	check "and what it can do" patiently 30 fact balloon/deflate_on_oom 1
	check "the layout arrives" patiently 60 has_regions
	ask 96M
	check "the guest gives memory up" \
		patiently 60 fact balloon/actual $((96 * mib))
	check "the host has it" \
		patiently 20 at_least balloon/backed $((95 * mib))
	check "it has settled" patiently 20 fact balloon/state settled
	check "libvirt knows it, too" patiently 20 libvirt_says 96
	check "statistics arrive" \
		patiently 30 at_least balloon/guest_total $((64 * mib))
	check "there is a driver" fact balloon/driver 1
	ask 32M
	check "the guest takes memory back" \
		patiently 60 fact balloon/actual $((32 * mib))
}

# The next look is up to 8 seconds away: events are faster
test_events()
{
	virsh -q suspend vm1
	check "a paused domain is told" patiently 4 fact run_state paused
	virsh -q resume vm1
	check "a resumed one, too" patiently 4 fact run_state running
	virsh -q setmem vm1 $((200 * 1024)) --live
	check "a size that others set is seen" \
		patiently 60 fact balloon/actual $((56 * mib))
}

test_libvirt_killed()
{
	stop_libvirt
	check "libvirtd is killed: the daemon notices" \
		patiently 20 fact run_state unknown
	ask 64M
	check "it says so" patiently 20 says "libvirt at .*qemu:///"
	check "the daemon lives" kill -0 "$pid"
	start_libvirt
	check "libvirtd is back" patiently 60 libvirt_answers
	check "the guest gets what was asked meanwhile" \
		patiently 90 fact balloon/actual $((64 * mib))
}

test_libvirt_stopped()
{
	kill -STOP "$libvirtd"
	check "libvirtd hangs: the guest is given up" \
		patiently 30 fact run_state unknown
	check "the daemon is at rest" cpu_below 50
	ask 48M
	kill -CONT "$libvirtd"
	check "libvirtd goes on, and so does the guest" \
		patiently 90 fact balloon/actual $((48 * mib))
}

test_killed()
{
	kill -KILL "$pid"
	wait "$pid" 2>/dev/null || true
	ask 80M
	: >"$work/log"
	start
	check "a daemon that was killed goes on" \
		patiently 60 fact balloon/actual $((80 * mib))
}

test_end()
{
	virsh -q destroy vm1
	check "a domain that ends is let go" patiently 20 not bridge
	check "the daemon lives" kill -0 "$pid"
}

test_all()
{
	printf 'qmp = %s\npoll = 8\ntimeout = 5\n' "$work/none/*" >"$work/conf"
	: >"$work/log"
	start
	check "the daemon starts" soon is_ready
	test_domain
	# Without one all else would only wait
	[[ $failed == 0 ]] || return 0
	test_balloon
	test_events
	test_libvirt_killed
	test_libvirt_stopped
	test_killed
	test_end
}

skip_if "$(obstacle)"
configure_libvirt
start_libvirt
patiently 120 libvirt_answers_or_ends >/dev/null 2>&1 || true
skip_if "$(obstacle_of_libvirt)"
check "libvirtd answers" libvirt_answers
[[ $failed == 1 ]] || test_all
if [[ $failed == 1 ]]; then
	tail -n 40 "$work/log" "$work/libvirtd.log" "$work/console" \
		/var/log/libvirt/qemu/vm1.log 2>&1 | sed 's/^/# /' || true
fi
finish
