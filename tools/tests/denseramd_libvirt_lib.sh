# shellcheck shell=bash disable=SC2034,SC2154
# SPDX-License-Identifier: GPL-2.0-only
# A libvirtd of a test's own and its domains, in a lab host. To be sourced after
# denseramd_lib.sh.

libvirtd=''
libvirt_etc=/etc/libvirt

# Another test of the same lab run finds the files as they were installed
keep_settings()
{
	mkdir "$work/etc"
	cp "$libvirt_etc"/{qemu,libvirtd}.conf "$work/etc/"
}

put_settings_back()
{
	cp "$work"/etc/*.conf "$libvirt_etc/"
}

# No security driver, cgroups, namespaces or log daemon: the lab has none
configure_libvirt()
{
	keep_settings
	cat >>$libvirt_etc/qemu.conf <<-TEXT
		user = "root"
		group = "root"
		dynamic_ownership = 0
		remember_owner = 0
		security_driver = "none"
		cgroup_controllers = []
		namespaces = []
		stdio_handler = "file"
		memory_backing_dir = "$mount"
	TEXT
	echo 'auth_unix_rw = "none"' >>$libvirt_etc/libvirtd.conf
}

start_libvirt()
{
	libvirtd >>"$work/libvirtd.log" 2>&1 &
	libvirtd=$!
}

stop_libvirt()
{
	[[ -z $libvirtd ]] || kill -KILL "$libvirtd" 2>/dev/null || true
	[[ -z $libvirtd ]] || wait "$libvirtd" 2>/dev/null || true
	libvirtd=''
}

# Where the test is skipped, domains and their memory belong to others
end_all()
{
	stop
	! [[ -e $work/libvirtd.log ]] || end_libvirt
	! [[ -d $work/etc ]] || put_settings_back
	rm -rf "$work"
}

# Its domains and its logs with it
end_libvirt()
{
	local name

	for name in vm1 vm2 vm3; do
		timeout 20 virsh -q destroy $name >/dev/null 2>&1 || true
	done
	stop_libvirt
	rm -rf "$mount"/libvirt
	cp "$work"/{log,libvirtd.log} /out/ 2>/dev/null || true
}

libvirt_answers()
{
	timeout 20 virsh -q list
}

libvirt_answers_or_ends()
{
	libvirt_answers || ! kill -0 "$libvirtd" 2>/dev/null
}

# obstacle: why there can be no such test here; says nothing when there can
obstacle()
{
	local program

	[[ -d $sysfs ]] || echo "no module"
	[[ -n ${LAB:-} ]] || echo "no lab host, whose /etc/libvirt may be changed"
	[[ -w /dev/kvm ]] || echo "no KVM"
	for program in libvirtd virsh qemu-system-x86_64; do
		command -v "$program" >/dev/null || echo "no $program"
	done
}

# The same of a libvirtd that was started; one that hangs is a failure
obstacle_of_libvirt()
{
	local said status=0

	if ! kill -0 "$libvirtd" 2>/dev/null; then
		said=$(tail -n 1 "$work/libvirtd.log")
		echo "libvirtd ends: ${said##* error : }"
		return
	fi
	said=$(timeout 120 virsh -q domcapabilities --virttype kvm 2>&1) ||
		status=$?
	[[ $status != 1 ]] || echo "libvirt offers no KVM: $said"
}

# skip_if TEXT: the test ends here when there is one, its first line is why
skip_if()
{
	[[ -n $1 ]] || return 0
	skip "denseramd and libvirt" "${1%%$'\n'*}"
	finish
}

guest_command_line()
{
	echo "console=ttyS0 quiet panic=-1 mitigations=off tsc=reliable" \
		"no_timer_check pci=noearly cryptomgr.notests lsm= audit=0"
}

# A domain with no more than it needs
domain_xml()
{
	cat <<-XML
		<domain type='kvm'>
		<name>vm1</name>
		<memory unit='MiB'>256</memory>
		<memoryBacking>
		<source type='file'/><access mode='shared'/>
		</memoryBacking>
		<vcpu>1</vcpu>
		<cpu mode='host-passthrough' check='none'/>
		<os>
		<type arch='x86_64' machine='q35'>hvm</type>
		<kernel>$(realpath "$work/images/$kernel")</kernel>
		<initrd>$work/images/initramfs.cpio.gz</initrd>
		<cmdline>$(guest_command_line)</cmdline>
		</os>
		<features><acpi/></features>
		<on_reboot>destroy</on_reboot>
		<devices>
		<controller type='usb' model='none'/>
		<serial type='file'><source path='$work/console'/></serial>
		<memballoon model='virtio' autodeflate='on' freePageReporting='on'/>
		</devices>
		</domain>
	XML
}
