#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# shellcheck disable=SC2016,SC2317 # jq has variables; check calls functions
#
# denseram(8) doctor on a live host: what is broken on purpose is found, and the
# remedies mend it. doctor_test.sh has all checks, on hosts that are made up.
set -euo pipefail

# shellcheck source=tools/tests/cli_lib.sh
. "$(dirname "$0")/cli_lib.sh"
vmm=()
# Others may have left it off; a host in order has it on
scanner=$("$cli" get --bare sharing.enabled)
trap 'end_vmms; "$cli" set policy.enabled=on "sharing.enabled=$scanner"; cleanup' EXIT

end_vmms()
{
	for pid in "${vmm[@]}"; do
		kill "$pid" 2>/dev/null || true
		wait "$pid" 2>/dev/null || true
	done
	vmm=()
}

visit()
{
	status=0
	"$cli" doctor --json >"$work/out" 2>"$work/err" || status=$?
}

# found SEVERITY ID TEXT [SUBJECT]: its finding has the text in it
found()
{
	visit
	jq -r --arg severity "$1" --arg id "$2" --arg text "$3" --arg subject "${4-}" '
		first(.checks[] | select(.id == $id and .severity == $severity and
			(.what | contains($text)) and
			($subject == "" or .subject == $subject))) | .remedy' \
		"$work/out" >"$work/remedy"
	jq -c --arg id "$2" '.checks[] | select(.id == $id)' "$work/out"
	[[ -s $work/remedy ]]
}

# mend [SED]: do what the last one said
mend()
{
	sed -E "${1-}" "$work/remedy"
	PATH=$(dirname "$cli"):$PATH bash -ec "$(sed -E "${1-}" "$work/remedy")"
}

# well ID...: and the host has nothing to say of them
well()
{
	local id

	visit
	for id; do
		jq -c --arg id "$id" '.checks[] | select(.id == $id)' "$work/out"
		jq -e --arg id "$id" '[.checks[] | select(.id == $id).severity] == ["ok"]' \
			"$work/out" >"$work/well" || return 1
	done
}

not_of_guest()
{
	visit
	jq -e --arg id "$1" --arg guest "$2" \
		'all(.checks[]; .id != $id or .subject != $guest)' "$work/out"
}

complete()
{
	visit
	cat "$work/err"
	[[ ! -s $work/err && $(jq -r '.checks[].id' "$work/out" | uniq) == \
		"$("$cli" doctor --list | cut -d' ' -f1)" ]]
}

status_fits()
{
	visit
	jq -e --argjson status "$status" \
		'(.sum.warning + .sum.error > 0) == ($status == 1)' "$work/out"
}

# Without root it says what it could not see, and of the module what all may know
as_nobody()
{
	setpriv --reuid 65534 --regid 65534 --clear-groups -- \
		"$cli" doctor --json >"$work/out" 2>"$work/err" || true
	cat "$work/err"
	jq -e 'all(.checks[]; .id != "module-loaded" or .severity == "ok") and
		any(.checks[]; .unknown and .what == "run as root")' "$work/out"
}

changes_nothing()
{
	local before

	before=$("$cli" get --bare; "$cli" guest get cli_d; stat -c '%a %U' /dev/denseram "$mount")
	"$cli" doctor >"$work/out" || true
	equal "$before" \
		"$("$cli" get --bare; "$cli" guest get cli_d; stat -c '%a %U' /dev/denseram "$mount")"
}

# What the manual says to pack tells another machine what this one is told
bundled()
{
	local ids='"module-loaded", "mount-there", "mount-access", "device", "guest-vmm",
		"guest-min", "host-knobs", "kernel-release"'
	local filter="[.checks[] | select([.id] | inside([$ids])) | {id, severity, subject}] |
		sort_by(.id, .subject)"

	sed -n '/^    mkdir bundle$/,/^$/s/^    //p' \
		"$top/Documentation/admin-guide/troubleshooting.rst" >"$work/pack"
	[[ $(wc -l <"$work/pack") -gt 10 ]] || return 1
	(cd "$work" && bash pack) || true
	visit
	"$cli" doctor --root "$work/bundle" --json >"$work/elsewhere" || true
	diff <(jq "$filter" "$work/out") <(jq "$filter" "$work/elsewhere")
}

# run_vmm ARGS...: a QEMU that holds memory and does nothing
run_vmm()
{
	qemu-system-x86_64 -accel tcg -S -display none -nodefaults -m 32M "$@" \
		</dev/null >"$work/qemu" 2>&1 &
	vmm+=($!)
}

until_mapped()
{
	local deadline=$((SECONDS + 60))

	until [[ $(<"$sysfs/guests/cli_q/vmm_pid") != 0 ]]; do
		((SECONDS < deadline)) || { cat "$work/qemu"; return 1; }
		sleep 0.5
	done
}

test_host()
{
	check "all checks are there" complete
	check "the exit status fits" status_fits
	check "what a lab host has" well kernel-release kernel-arch module-loaded \
		module-version secure-boot mount-there device swap-health daemon-conf
	check "people get the same sum" equal \
		"$("$cli" doctor | sed -nE 's/^([0-9]+) checks: .*/\1/p')" \
		"$("$cli" doctor --list | wc -l)"
	check "a user who is not root" as_nobody
	check "changes nothing" changes_nothing
	check "a bundle, looked at" bundled
}

test_mending()
{
	"$cli" set policy.enabled=off sharing.enabled=on
	check "a knob that is off" found note host-knobs policy.enabled
	check "its remedy" mend
	check "all are on" well host-knobs
	chmod 0644 /dev/denseram
	check "a device for all" found warning device 0644
	check "its remedy" mend
	check "it is for root" well device
	mount -o remount,huge=never "$mount"
	check "a mount without blocks" found warning mount-options never "$mount"
	check "its remedy" mend
	check "a mount with blocks" well mount-options
	mount -o remount,share=all "$mount"
	check "a mount where all share" found note mount-share all "$mount"
	check "its remedy" mend 's/^[^:]*: //'
	check "a mount where owners share" well mount-share
}

test_guests()
{
	check "a guest without a VMM" found warning guest-vmm "no process maps" cli_d
	check "it has no min" found note guest-min "promised nothing" cli_d
	check "its remedy" mend s/SIZE/1M/
	check "it has one" not_of_guest guest-min cli_d
	truncate -s 64G "$mount/cli_d/ram1"
	check "guests are larger than the host" found warning swap-behind "GiB more than the host"
	rm "$mount/cli_d/ram1"
}

test_vmms()
{
	if ! command -v qemu-system-x86_64 >/dev/null; then
		skip "QEMUs" "no QEMU"
		return
	fi
	mkdir "$mount/cli_q"
	run_vmm -name cli_q -machine q35,memory-backend=ram \
		-object "memory-backend-file,id=ram,size=32M,mem-path=$mount/cli_q/ram0,share=on,align=2M"
	run_vmm -name guest=cli_else -machine q35
	check "a QEMU that maps its guest" until_mapped
	check "it has no KVM" found warning guest-kvm "has no KVM" cli_q
	check "its memory is aligned" not_of_guest guest-align cli_q
	check "its VMM is known" not_of_guest guest-vmm cli_q
	check "it is on denseram" not_of_guest qemu-elsewhere cli_q
	check "another one is not" found note qemu-elsewhere elsewhere cli_else
	check "they are recent" well qemu-version qemu-running
	end_vmms
}

mkdir "$mount/cli_d"
truncate -s 64M "$mount/cli_d/ram0"
dd if=/dev/urandom of="$mount/cli_d/ram0" bs=1M count=4 conv=notrunc status=none
test_host
test_mending
test_guests
test_vmms
finish
