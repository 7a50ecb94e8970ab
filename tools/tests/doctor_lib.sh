# shellcheck shell=bash disable=SC2034
# SPDX-License-Identifier: GPL-2.0-only
# A host that is made up, for denseram doctor --root: all is well with it. Two guests,
# vm1 of a QEMU of its own and 1-vm2 of libvirt.

# shellcheck source=tools/tests/cli_lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/cli_lib.sh"
release=6.12.117+deb13-amd64
healthy=$work/healthy
tree=$work/tree
module=sys/kernel/denseram

# put FILE TEXT: with a line end
put()
{
	mkdir -p "$(dirname "$tree/$1")"
	printf '%s\n' "$2" >"$tree/$1"
}

# put_words FILE WORD...: each ended by a zero byte
put_words()
{
	local file=$tree/$1

	shift
	printf '%s\0' "$@" >"$file"
}

put_link()
{
	mkdir -p "$(dirname "$tree/$2")"
	ln -sfn "$1" "$tree/$2"
}

make_kernel()
{
	local dir=lib/modules/$release

	put proc/sys/kernel/osrelease "$release"
	put proc/sys/kernel/arch x86_64
	put "boot/config-$release" $'CONFIG_TRANSPARENT_HUGEPAGE=y\nCONFIG_MMU_NOTIFIER=y'
	put "$dir/build/Makefile" all:
	put "$dir/modules.dep" $'kernel/fs/ext4/ext4.ko:\nupdates/dkms/denseram.ko:'
	put "$dir/updates/dkms/denseram.ko" ELF~Module\ signature\ appended~
	put etc/os-release $'PRETTY_NAME="Debian"\nID=debian'
	put etc/modules-load.d/denseram.conf denseram
	put sys/module/module/parameters/sig_enforce N
	put sys/kernel/security/lockdown '[none] integrity confidentiality'
	secure_boot 0
}

secure_boot()
{
	local dir=$tree/sys/firmware/efi/efivars

	mkdir -p "$dir"
	printf '%b' "\\6\\0\\0\\0\\$1" >"$dir/SecureBoot-8be4df61-93ca-11d2-aa0d-00e098032b8c"
}

# enroll CERT: into the list of shim, the key of DKMS or another one
enroll()
{
	put var/lib/dkms/mok.pub certificate
	put sys/firmware/efi/efivars/MokListRT-605dab50-e046-4300-abb6-3dd810dd8b23 \
		"list: $1"
}

make_kvm()
{
	put proc/cpuinfo $'processor\t: 0\nflags\t\t: fpu vmx ept'
	put dev/kvm ''
	chmod 0660 "$tree/dev/kvm"
	put sys/module/kvm_intel/parameters/ept Y
	put sys/module/kvm/parameters/tdp_mmu Y
	put sys/module/kvm/parameters/nx_huge_pages N
	put usr/bin/qemu-system-x86_64 'QEMU emulator version 10.0.2 (Debian)'
}

make_access()
{
	mounted rw,mode=755,huge=always,share=domain
	mkdir -p "$tree/run/denseram" "$tree/run/systemd/system"
	chmod 0755 "$tree/run/denseram"
	put etc/fstab $'# none /mnt tmpfs\nnone /run/denseram denseram defaults 0 0'
	put dev/denseram ''
	chmod 0600 "$tree/dev/denseram"
	put etc/libvirt/qemu.conf $'#memory_backing_dir = "/x"\nmemory_backing_dir = "/run/denseram"'
	put sys/module/apparmor/parameters/enabled Y
	put etc/apparmor.d/abstractions/libvirt-qemu 'include if exists <local/abstractions/libvirt-qemu>'
	put etc/apparmor.d/abstractions/libvirt-qemu.d/denseram '  /usr/bin/denseram-qemu rmix,'
	put sys/fs/selinux/enforce 0
	put proc/700/comm denseramd
	put_link /dev/denseram proc/700/fd/3
	put etc/denseram/denseramd.conf $'# settings\npoll = 2'
	put_link /usr/lib/systemd/system/denseramd.service \
		etc/systemd/system/multi-user.target.wants/denseramd.service
}

# mounted OPTIONS: of the file system
mounted()
{
	put proc/self/mountinfo "22 1 8:1 / / rw - ext4 /dev/sda1 rw
40 22 0:52 / /run/denseram rw,nosuid shared:7 - denseram none $1"
}

# make_vmm PID CGROUP WORD...: a QEMU whose memory is on denseram
make_vmm()
{
	local dir=proc/$1

	put "$dir/comm" qemu-system-x86
	put "$dir/maps" '7f20-7f30 rw-s 00000000 00:34 42   /run/denseram/ram0'
	put "$dir/status" $'Name:\tqemu-system-x86\nVmSwap:\t 12 kB\nTHP_enabled:\t1'
	put "$dir/cgroup" "0::$2"
	put_link /usr/bin/qemu-system-x86_64 "$dir/exe"
	put_words "$dir/cmdline" qemu-system-x86_64 "${@:3}"
}

# guest NAME FILE VALUE
guest()
{
	put "$module/guests/$1/$2" "$3"
}

# make_guest NAME ID PID
make_guest()
{
	local file

	guest "$1" id "$2"
	guest "$1" vmm_pid "$3"
	for file in kvm balloon/{device,driver,deflate_on_oom,reporting}; do
		guest "$1" "$file" 1
	done
	for file in unaligned stat/{block_fallback,fault_oom,fault_sigbus}; do
		guest "$1" "$file" 0
	done
	guest "$1" balloon/state settled
	guest "$1" size $((8 << 30))
	guest "$1" max $((8 << 30))
	guest "$1" min $((1 << 30))
	guest "$1" resident $((4 << 30))
}

make_module()
{
	local file

	put "$module/version" "$("$cli" version 2>/dev/null | sed 's/.*tools \(.*\),.*/\1/')"
	for file in stat/swap_error stat/swap_damaged policy/missing; do
		put "$module/$file" 0
	done
	for file in policy sharing wss; do
		put "$module/$file/enabled" 1
	done
	put "$module/policy/level" high
	put "$module/swap/areas_size" $((16 << 30))
	put "$module/swap/stop" none
	make_guest vm1 1 4711
	make_guest 1-vm2 2 4712
	make_vmm 4711 /system.slice/vm1.service -name vm1
	make_vmm 4712 /machine.slice/vm2.scope -name guest=vm2,debug-threads=on \
		-object secret,file=/var/lib/libvirt/qemu/domain-1-vm2/master-key.aes
	for file in system.slice system.slice/vm1.service machine.slice machine.slice/vm2.scope; do
		put "sys/fs/cgroup/$file/memory.max" max
		put "sys/fs/cgroup/$file/memory.high" max
	done
}

make_host()
{
	put proc/meminfo $'MemTotal:       16777216 kB\nHugetlb:               0 kB'
	put proc/zoneinfo $'Node 0, zone   Normal\n        high     16384'
	put proc/sys/vm/overcommit_memory 0
	put sys/kernel/mm/ksm/run 0
	put sys/kernel/mm/transparent_hugepage/enabled 'always [madvise] never'
	put sys/module/zswap/parameters/enabled N
}

# A fresh copy of the host of which all is well
heal()
{
	rm -rf "$tree"
	if [[ -d $healthy ]]; then
		cp -a "$healthy" "$tree"
		return
	fi
	make_kernel
	make_kvm
	make_access
	make_module
	make_host
	cp -a "$tree" "$healthy"
}

# The module is not loaded
unload()
{
	rm -r "${tree:?}/$module"
}

# A QEMU that has its memory elsewhere
elsewhere()
{
	make_vmm 4713 /user.slice -name vm3
	put proc/4713/maps '7f20-7f30 rw-p 00000000 00:00 0 '
}
