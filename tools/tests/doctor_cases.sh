# shellcheck shell=bash disable=SC2154
# SPDX-License-Identifier: GPL-2.0-only
# One thing broken after the other: see doctor_test.sh.

# Kernel and module
put proc/sys/kernel/osrelease 6.1.0-43-amd64
broken error kernel-release "6.12 or newer" kernel-config kernel-headers module-installed
put proc/sys/kernel/arch aarch64
broken error kernel-arch x86-64
put "boot/config-$release" $'CONFIG_TRANSPARENT_HUGEPAGE=y\n# CONFIG_MMU_NOTIFIER is not set'
broken error kernel-config CONFIG_MMU_NOTIFIER=y
rm -r "$tree/lib/modules/$release/build"
broken note kernel-headers "apt install linux-headers-$release"
put etc/os-release $'ID="alma"\nID_LIKE="rhel centos fedora"'
rm -r "$tree/lib/modules/$release/build"
broken note kernel-headers "dnf install kernel-devel-$release"
rm -r "$tree/lib/modules/$release"
broken error kernel-headers "apt install linux-headers-" module-installed
rm -r "$tree/lib/modules/$release/updates"
broken warning module-installed "make dkms-install"
rm -r "$tree/lib/modules/$release/updates"
mkdir -p "$tree/usr/src/denseram-0.1.0"
broken warning module-installed "dkms autoinstall"
put "lib/modules/$release/modules.dep" kernel/fs/ext4/ext4.ko:
broken error module-installed depmod
unload
check "module-loaded: what it is for is unknown then" \
	shows error module-loaded "modprobe denseram" \
	module-version mount-{there,access,options,share} device \
	guest-{vmm,kvm,align,thp,blocks,faults,min} \
	balloon-{report,device,driver,deflate,reporting} \
	swap-{behind,health,room} host-{level,promises,knobs,cgroup}
shown+='module-loaded '
heal
put etc/modules-load.d/denseram.conf '#denseram'
put etc/fstab ''
broken note module-boot /etc/modules-load.d/denseram.conf mount-boot
put "$module/version" 0.0.1
broken warning module-version "make dkms-install"

# Secure Boot: the kernel has not taken the module yet
insist()
{
	secure_boot 1
	put sys/kernel/security/lockdown 'none [integrity] confidentiality'
	unload
	visit --json
	mapfile -t others < <(jq -r '.checks[] | select(.unknown) | .id' "$work/out")
	others+=(module-loaded)
}

insist
enroll certificate
broken note secure-boot "mokutil --sb-state" "${others[@]}"
insist
enroll certificate
put "lib/modules/$release/updates/dkms/denseram.ko" ELF
broken error module-signature "mokutil --import" secure-boot "${others[@]}"
insist
enroll another
broken error module-key "mokutil --import /var/lib/dkms/mok.pub" secure-boot "${others[@]}"
insist
broken error module-key "dkms generate_mok" secure-boot "${others[@]}"

# KVM
rm "$tree/dev/kvm"
broken error kvm-device "modprobe kvm_intel" kvm-access
rm "$tree/dev/kvm"
put proc/cpuinfo 'flags : fpu'
broken error kvm-device "firmware" kvm-access
chmod 0600 "$tree/dev/kvm"
broken warning kvm-access "chmod 0660 /dev/kvm"
put proc/cpuinfo 'flags : fpu vmx hypervisor'
broken note kvm-nested "use the hardware"
put sys/module/kvm_intel/parameters/ept N
broken warning kvm-paging "modprobe kvm_intel ept=1"
rm -r "$tree/sys/module/kvm_intel"
put sys/module/kvm_amd/parameters/npt 0
broken warning kvm-paging "modprobe kvm_amd npt=1"
put sys/module/kvm/parameters/tdp_mmu N
broken note kvm-paging "modprobe kvm tdp_mmu=1"
put sys/module/kvm/parameters/nx_huge_pages Y
broken note kvm-nx-pages nx_huge_pages

# QEMU
mv "$tree/usr/bin/qemu-system-x86_64" "$tree/usr/bin/other"
for pid in 4711 4712; do
	put_link /usr/bin/other proc/$pid/exe
done
broken warning qemu-installed "apt install qemu-system-x86" qemu-version
put usr/bin/kvm 'QEMU emulator version 6.2.0'
broken warning qemu-version "QEMU 7.2"
# Across the parts in which it is read
(head -c 65520 /dev/zero; echo 'QEMU emulator version 7.1.0'; head -c 9999 /dev/zero) \
	>"$tree/usr/bin/kvm"
broken warning qemu-version "QEMU 7.2"
put usr/bin/qemu-old 'QEMU emulator version 5.2.0'
put_link /usr/bin/qemu-old proc/4711/exe
broken warning qemu-running "start it again"
elsewhere
broken note qemu-elsewhere "mem-path=/run/denseram/NAME/ram0,share=on,align=2M"
put proc/4712/maps ''
guest 1-vm2 vmm_pid 0
guest 1-vm2 resident 0
broken note qemu-elsewhere "virsh edit vm2"
make_vmm 4713 / -name probe -machine none,accel=kvm:tcg
put proc/4713/maps ''
check "qemu-elsewhere: a QEMU that libvirt asks what it can do is no VM" all_well
heal

# Mounts and access
put proc/self/mountinfo '22 1 8:1 / / rw - ext4 /dev/sda1 rw'
broken error mount-there "mount -t denseram none /run/denseram" libvirt-conf
chmod 0777 "$tree/run/denseram"
broken warning mount-access "chmod o-w /run/denseram"
mounted rw,mode=755,size=1048576k,huge=always
broken warning mount-options "mount -o remount,size=0 /run/denseram"
mounted rw,mode=755,huge=never
broken warning mount-options "mount -o remount,huge=always /run/denseram"
mounted rw,mode=755,huge=always,share=all
broken note mount-share "mount -o remount,share=domain /run/denseram"
put etc/fstab '#none /run/denseram denseram defaults 0 0'
broken note mount-boot "in /etc/fstab: none /run/denseram denseram"
put etc/fstab ''
put etc/systemd/system/run-denseram.mount $'[Mount]\nType=denseram\nWhere=/run/denseram'
check "mount-boot: a unit of systemd will do" all_well
rm "$tree/etc/systemd/system/run-denseram.mount"
put_link /usr/lib/systemd/system/run-denseram.mount \
	etc/systemd/system/multi-user.target.wants/run-denseram.mount
check "mount-boot: and so will the package's" all_well
heal
rm "$tree/dev/denseram"
put sys/class/misc/denseram/dev 10:123
broken error device "mknod -m 0600 /dev/denseram c 10 123"
chmod 0666 "$tree/dev/denseram"
broken warning device "chmod 0640 /dev/denseram"
put etc/libvirt/qemu.conf '#memory_backing_dir = "/run/denseram"'
broken note libvirt-conf 'in /etc/libvirt/qemu.conf: memory_backing_dir = "/run/denseram"'
put etc/apparmor.d/local/abstractions/libvirt-qemu '  /run/denseram/** rwk,'
broken warning apparmor "take /run/denseram out of /etc/apparmor.d/local/abstractions/libvirt-qemu"
rm "$tree/etc/apparmor.d/abstractions/libvirt-qemu.d/denseram"
broken note apparmor "apt install --reinstall denseram-tools"
put sys/fs/selinux/enforce 1
broken warning selinux "context=system_u:object_r:svirt_image_t:s0"
mounted rw,context=system_u:object_r:svirt_image_t:s0
put sys/fs/selinux/enforce 1
check "selinux: a mount with a label" all_well
heal

# denseramd
rm -r "$tree/proc/700"
broken warning daemon-running "systemctl enable --now denseramd" daemon-connected
put_link /dev/null proc/700/fd/3
broken warning daemon-connected "journalctl -u denseramd"
put etc/denseram/denseramd.conf $'poll = 2\npoll = often'
broken error daemon-conf "mend line 2 of /etc/denseram/denseramd.conf"
rm "$tree/etc/systemd/system/multi-user.target.wants/denseramd.service"
broken note daemon-boot "systemctl enable denseramd"

# Guests; what is of no guest that runs is no fault
guest vm1 vmm_pid 0
broken warning guest-vmm "below /run/denseram"
guest vm1 kvm 0
broken warning guest-kvm "-accel kvm"
guest vm1 unaligned 1
broken warning guest-align align=2M
guest 1-vm2 unaligned 1
broken warning guest-align denseram-qemu
put proc/4711/status $'Name:\tx\nTHP_enabled:\t0'
broken warning guest-thp PR_SET_THP_DISABLE
guest vm1 stat/block_fallback 7
broken note guest-blocks "echo 1 >/proc/sys/vm/compact_memory"
guest vm1 stat/fault_oom 1
broken warning guest-faults "denseram swap add PATH"
guest vm1 stat/fault_sigbus 1
broken warning guest-faults "denseram guest show vm1"
guest 1-vm2 min 0
broken note guest-min "denseram guest set 1-vm2 min=SIZE"
guest vm1 balloon/state none
broken warning balloon-report "/run/denseramd/vmm/NAME"
guest 1-vm2 balloon/state silent
broken warning balloon-report "systemctl status denseramd"
guest vm1 balloon/device 0
guest vm1 balloon/driver 0
broken warning balloon-device "virtio-balloon-pci,deflate-on-oom=on"
guest 1-vm2 balloon/device 0
broken warning balloon-device "<memballoon model='virtio'"
guest vm1 balloon/driver 0
broken warning balloon-driver "modprobe denseram_balloon"
guest vm1 balloon/deflate_on_oom 0
broken warning balloon-deflate deflate-on-oom=on
guest 1-vm2 balloon/reporting 0
broken note balloon-reporting freePageReporting

# Paging
guest vm1 max $((40 << 30))
broken note swap-behind "denseram swap add --size 16G /var/lib/denseram.swap"
guest vm1 max $((9 << 30))
put "$module/swap/areas_size" 0
broken warning swap-behind "swap add --size 1G "
put "$module/stat/swap_damaged" 3
broken error swap-health "denseram swap rm PATH"
put "$module/swap/stop" 'areas full'
broken warning swap-room "denseram swap add"

# The host
put "$module/policy/level" hard
broken warning host-level "denseram top"
put "$module/policy/missing" 4096
broken warning host-promises "denseram guest set NAME min=SIZE"
for knob in policy sharing wss; do
	put "$module/$knob/enabled" 0
	broken note host-knobs "denseram set $knob.enabled=on"
done
put sys/kernel/mm/ksm/run 1
broken warning host-ksm "/sys/kernel/mm/ksm/run"
elsewhere
put sys/kernel/mm/ksm/run 1
broken note host-ksm "/sys/kernel/mm/ksm/run" qemu-elsewhere
elsewhere
put sys/module/zswap/parameters/enabled Y
broken note host-zswap "qemu-elsewhere" qemu-elsewhere
put proc/4711/status $'VmSwap:\t 200000 kB\nTHP_enabled:\t1'
check "host-swap: what a VMM on denseram does not use may go" all_well
elsewhere
put proc/4713/status $'VmSwap:\t 200000 kB\nTHP_enabled:\t1'
broken warning host-swap "sysctl vm.swappiness=1" qemu-elsewhere
elsewhere
put sys/kernel/mm/transparent_hugepage/enabled 'always madvise [never]'
broken note host-thp "echo madvise >/sys/kernel/mm/transparent_hugepage/enabled" qemu-elsewhere
put proc/sys/vm/overcommit_memory 2
broken warning host-overcommit "sysctl vm.overcommit_memory=0"
put proc/zoneinfo $'Node 0\n        high     300000\n        high     200000'
broken warning host-watermarks vm.min_free_kbytes
put proc/meminfo $'MemTotal: 16777216 kB\nHugetlb: 2097152 kB'
broken note host-hugetlb vm.nr_hugepages=0
put sys/fs/cgroup/system.slice/vm1.service/memory.max $((2 << 30))
broken warning host-cgroup "systemctl set-property vm1.service MemoryMax=infinity"
put sys/fs/cgroup/machine.slice/memory.high $((2 << 30))
broken warning host-cgroup "systemctl set-property machine.slice MemoryHigh=infinity"
put proc/4711/cgroup 0::/vms/vm1
put sys/fs/cgroup/vms/memory.max 4096
broken warning host-cgroup "echo max >/sys/fs/cgroup/vms/memory.max"
