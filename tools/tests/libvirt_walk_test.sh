#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# shellcheck disable=SC2317,SC2034,SC2154 # check calls functions; agent.sh
#
# The manual's page on libvirt, done as it says, in a lab host: its blocks of settings
# and XML are taken from it. libvirt is confined by AppArmor, as on Debian, and runs
# QEMU as a user of its own. Two domains; each has its target, and no way to the
# other's memory.
set -euo pipefail

# shellcheck source=tools/tests/cli_lib.sh
. "$(dirname "$0")/cli_lib.sh"

# shellcheck source=tools/tests/denseramd_lib.sh
. "$(dirname "$0")/denseramd_lib.sh"

# shellcheck source=tools/tests/denseramd_libvirt_lib.sh
. "$(dirname "$0")/denseramd_libvirt_lib.sh"

# shellcheck source=tools/tests/domain_lib.sh
. "$(dirname "$0")/domain_lib.sh"

# shellcheck source=tools/tests/libvirt_walk_lib.sh
. "$(dirname "$0")/libvirt_walk_lib.sh"

TOP=$top
# shellcheck source=selftests/vm/agent.sh
. "$top/selftests/vm/agent.sh"

driver=virtio_balloon
trap 'end_all' EXIT

is_up()
{
	grep -aq '^@up' "$work/$1.console"
}

begin()
{
	domain "$@" >"$work/$1.xml"
	virsh -q create "$work/$1.xml"
}

runs_as()
{
	equal "$(stat -c %U "/proc/$(value "$1" vmm_pid)")" "$2"
}

profile_of()
{
	local text

	text=$(</proc/"$(value "$1" vmm_pid)"/attr/current)
	echo "${text% (enforce)}"
}

is_qemu()
{
	readlink "/proc/$(value "$1" vmm_pid)/exe" | grep -x /usr/bin/qemu-system-x86_64
}

# opens PROFILE FILE: whether a process under that profile may, though it is root
opens()
{
	(
		printf 'changeprofile %s' "$1" >/proc/self/attr/current
		exec 3<"$2"
	)
}

warned()
{
	"$cli" status | grep 'denseram-qemu' || return 1
	# Its status tells that there is something
	"$cli" doctor >"$work/doctor" || true
	grep 'denseram-qemu' "$work/doctor"
}

# told NAME KIB: by libvirt
told()
{
	virsh dommemstat "$1"
	virsh dommemstat "$1" | grep -qx "actual $2"
}

faults()
{
	local stat=$sysfs/guests/$1/stat

	echo "# $1 came up with $(<"$stat/fault") faults, of them" \
		"$(<"$stat/fault_block") of blocks"
}

test_start()
{
	for name in vm1 vm2; do
		check "$name: libvirt starts it" begin $name
	done
	for name in 1-vm1 2-vm2; do
		check "$name: it is a guest" test -d "$sysfs/guests/$name"
		[[ $failed == 0 ]] || return 0
		check "$name: it comes up" patiently 240 is_up "${name#*-}"
		check "$name: its VMM is QEMU" is_qemu $name
		check "$name: it is libvirt's user" runs_as $name libvirt-qemu
		check "$name: AppArmor confines it" is_confined $name
		check "$name: a KVM VM maps it" has $name kvm 1
		check "$name: at an address fit for 2 MiB" has $name unaligned 0
		check "$name: it has blocks" has_at_least $name blocks 8
		faults $name
	done
	check "status has nothing to warn of" no_warning
}

test_balloons()
{
	check "the daemon finds both" \
		patiently 60 has 2-vm2 run_state running
	check "and their devices" patiently 30 has 1-vm1 balloon/device 1
	"$cli" guest set 1-vm1 balloon=64M
	"$cli" guest set 2-vm2 balloon=96M
	check "vm1 gives up its part" \
		patiently 90 has 1-vm1 balloon/actual $((64 * mib))
	check "vm2 gives up another" \
		patiently 90 has 2-vm2 balloon/actual $((96 * mib))
	check "libvirt says so of vm1" patiently 20 told vm1 $((128 * 1024))
	check "and of vm2" patiently 20 told vm2 $((96 * 1024))
	check "the host has it" \
		patiently 20 has_at_least 2-vm2 balloon/backed $((95 * mib))
}

test_apart()
{
	local file="$mount/libvirt/qemu" profile

	profile=$(profile_of 1-vm1)
	echo "# vm1 is $profile"
	check "vm1 may open its own memory" opens "$profile" "$file"/1-vm1/*ram*
	check "but not that of vm2" not opens "$profile" "$file"/2-vm2/*ram*
	check "AppArmor has refused that, and nothing else" only_that_refused
}

only_that_refused()
{
	dmesg | grep 'apparmor="DENIED"' | grep -v 'comm="libvirt_walk_te"' \
		>"$work/denied" || true
	cat "$work/denied"
	! grep -q "$mount\|denseram" "$work/denied"
}

# As the page says of who does without
test_without()
{
	check "without denseram-qemu a domain starts" \
		begin vm3 /usr/bin/qemu-system-x86_64
	check "and comes up" patiently 240 is_up vm3
	faults 3-vm3
	if [[ $(value 3-vm3 unaligned) == 0 ]]; then
		skip "and there is a warning" "its address happens to be fit"
	else
		check "there is a warning, with its remedy" warned
	fi
	virsh -q destroy vm3
}

test_end()
{
	virsh -q destroy vm1
	virsh -q destroy vm2
	check "domains that end leave nothing" patiently 20 no_guests
}

no_guests()
{
	! compgen -G "$sysfs/guests/*vm*"
}

test_all()
{
	printf 'poll = 2\n' >"$work/conf"
	: >"$work/log"
	start
	check "the daemon starts" soon is_ready
	images_for_all
	test_start
	# Without domains all else would only wait
	[[ $failed == 0 ]] || return 0
	test_balloons
	test_apart
	test_without
	test_end
}

skip_if "$(obstacle)"
skip_if "$(command -v apparmor_parser >/dev/null || echo "no AppArmor")"
install_it
configure_as_documented
start_libvirt
patiently 120 libvirt_answers_or_ends >/dev/null 2>&1 || true
skip_if "$(obstacle_of_libvirt)"
check "libvirtd answers" libvirt_answers
check "AppArmor confines it" grep libvirtd "/proc/$libvirtd/attr/current"
[[ $failed == 1 ]] || test_all
if [[ $failed == 1 ]]; then
	tail -n 40 "$work"/{log,libvirtd.log,*.console} \
		/var/log/libvirt/qemu/*.log 2>&1 | sed 's/^/# /' || true
	dmesg | grep apparmor | tail -n 20 | sed 's/^/# /' || true
fi
finish
