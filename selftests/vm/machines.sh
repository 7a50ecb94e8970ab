#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# shellcheck disable=SC2317 # functions are called by check
# Machines and firmware other than the other tests', and processes other than the VMM
# that map a guest's memory (vhost-user): a directory of the host by virtiofs and a disk
# of qemu-storage-daemon, while the guest is paged out.
set -euo pipefail
. "$(dirname "$0")/lib.sh"

# shellcheck source=selftests/vm/agent.sh
. "$(dirname "$0")/agent.sh"

MIB=1048576
ovmf=/usr/share/OVMF
servers=()
trap 'tidy_up' EXIT

tidy_up()
{
	remove_guests >/dev/null 2>&1 || :
	end_servers
	rm -rf "$work"
}

end_servers()
{
	[ ${#servers[@]} -eq 0 ] || kill "${servers[@]}" 2>/dev/null || :
	[ ${#servers[@]} -eq 0 ] || wait "${servers[@]}" 2>/dev/null || :
	servers=()
}

keeps_to()
{
	local now

	now=$(($(info "$1" resident) / MIB))
	echo "$now MiB"
	[ "$now" -le $(($2 + 6)) ]
}

has_blocks()
{
	is "$(info vm1 blocks)" -ge 16
}

# test_machine WHAT ARGUMENT OF LAUNCH...: it fills its memory, is paged out, and
# finds all as it was
test_machine()
{
	local what=$1

	shift
	start vm1 --mem 160M "$@"
	check "$what: the guest comes up" "$guest" ready vm1 $((300 * slow))
	check "$what: a KVM VM maps it" is "$(info vm1 kvm)" -eq 1
	check "$what: at an address fit for 2 MiB" is "$(info vm1 unaligned)" -eq 0
	check "$what: it has blocks" has_blocks
	echo 96M >"$SYSFS/guests/vm1/limit"
	check "$what: it keeps to 96M" until_true 120 keeps_to vm1 96
	echo 0 >"$SYSFS/guests/vm1/limit"
	"$guest" stop vm1
	# Without ACPI a guest cannot power off: it says its last word, and halts
	check "$what: it finds every byte right" \
		until_true 240 "$guest" result vm1
	"$guest" rm vm1
}

# Its flash is memory of QEMU's own
test_firmware()
{
	local vars=$work/vars.fd

	[ -e $ovmf/OVMF_CODE_4M.fd ] || {
		skip "UEFI firmware" "no OVMF"
		return
	}
	cp $ovmf/OVMF_VARS_4M.fd "$vars"
	test_machine "UEFI firmware" --kernel vmlinuz --append "$fill" -- \
		-drive "if=pflash,unit=0,format=raw,readonly=on,file=$ovmf/OVMF_CODE_4M.fd" \
		-drive "if=pflash,unit=1,format=raw,file=$vars"
}

# serve COMMAND...: a process for the guest's memory
serve()
{
	"$@" >>"$work/server.log" 2>&1 &
	servers+=($!)
}

has_socket()
{
	[ -S "$work/$1" ]
}

sum_of()
{
	local line

	line=$(sha256sum <"$1")
	echo "${line%% *}"
}

# same FILE_OF_THE_GUEST FILE
same()
{
	local want

	want=$(sum_of "$2")
	run "sha256sum <$1" | tee /dev/stderr | grep -q "^$want "
}

# The file of 48 MiB is read into memory, and read again when that is paged out
test_directory()
{
	check "virtiofs: it is mounted" \
		run "mkdir -p /host /tmp && mount -t virtiofs host /host && mount -t tmpfs none /tmp"
	check "virtiofs: a file arrives" run "cp /host/big /tmp/big"
	echo 96M >"$SYSFS/guests/vm1/limit"
	check "virtiofs: the guest is paged out" until_true 120 keeps_to vm1 96
	check "virtiofs: its copy is right" same /tmp/big "$work/shared/big"
	check "virtiofs: what it writes leaves its memory" run "cp /tmp/big /host/back"
	check "virtiofs: and arrives" cmp "$work/shared/big" "$work/shared/back"
	echo 0 >"$SYSFS/guests/vm1/limit"
	run "umount /host" >/dev/null || :
}

# By another process's copy between its file and the guest's memory
test_disk()
{
	echo 96M >"$SYSFS/guests/vm1/limit"
	check "vhost-user-blk: the guest is paged out" until_true 120 keeps_to vm1 96
	check "vhost-user-blk: it writes its disk" \
		run "dd if=/tmp/big of=/dev/vda bs=1M conv=fsync"
	check "vhost-user-blk: all of it is there" \
		cmp -n $((48 * MIB)) "$work/shared/big" "$work/disk"
	check "vhost-user-blk: it reads it" \
		run "dd if=/dev/vda of=/tmp/again bs=1M count=48 && cmp /tmp/big /tmp/again"
	echo 0 >"$SYSFS/guests/vm1/limit"
}

# Not within check, which is a shell of its own: nobody would end them
start_servers()
{
	mkdir "$work/shared"
	# 48 MiB, no page of it as another, and all to be compressed
	seq 1000000 7291455 >"$work/shared/big"
	truncate -s 64M "$work/disk"
	serve /usr/libexec/virtiofsd --socket-path="$work/fs" \
		--shared-dir="$work/shared" --sandbox=none --cache=never
	serve qemu-storage-daemon \
		--blockdev "driver=file,node-name=disk,filename=$work/disk" \
		--export "type=vhost-user-blk,id=disk,node-name=disk,writable=on,addr.type=unix,addr.path=$work/blk"
}

boot_with_servers()
{
	until_true 30 has_socket fs
	until_true 30 has_socket blk
	driver=virtio_balloon
	extra_modules=(virtiofs virtio_blk)
	machine_args=(-chardev "socket,id=fs,path=$work/fs"
		-device "vhost-user-fs-pci,chardev=fs,tag=host"
		-chardev "socket,id=blk,path=$work/blk"
		-device "vhost-user-blk-pci,chardev=blk")
	make_images
	boot on
}

test_servers()
{
	[ -x /usr/libexec/virtiofsd ] || {
		skip "vhost-user" "no virtiofsd"
		return
	}
	start_servers
	check "vhost-user: a guest with two servers comes up" boot_with_servers
	[ $failures -eq 0 ] || {
		note <"$work/server.log"
		return
	}
	check "vhost-user: the VMM is QEMU" \
		is "$(info vm1 vmm_pid)" -eq "$("$guest" pid vm1)"
	test_directory
	test_disk
	check "vhost-user: the totals agree" until_true 20 resident_sane vm1
	"$guest" rm vm1
	end_servers
	rm -rf "$work/shared" "$work/disk"
}

fill="dr.mode=fill dr.zero=20 dr.secs=0"
test_machine "microvm" --machine microvm --append "$fill"
test_firmware
test_servers
finish
