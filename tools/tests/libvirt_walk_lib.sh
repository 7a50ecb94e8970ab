# shellcheck shell=bash disable=SC2154
# SPDX-License-Identifier: GPL-2.0-only
# A lab host as the manual's page on libvirt has it, and domains with the elements that
# are there. To be sourced after denseramd_libvirt_lib.sh.

# What the package does, and what systemd does for it. denseram-qemu is where the manual
# says, and so is the profile.
install_it()
{
	install -m 755 "$top/build/tools/denseram-qemu" /usr/bin/
	install -Dm 644 "$top/tools/libvirt/apparmor" \
		/etc/apparmor.d/abstractions/libvirt-qemu.d/denseram
	# As udev has it
	chgrp kvm /dev/kvm
	chmod 0660 /dev/kvm
	mount -t securityfs none /sys/kernel/security
	apparmor_parser -r /etc/apparmor.d/usr.sbin.libvirtd \
		/etc/apparmor.d/usr.lib.libvirt.virt-aa-helper
}

# The lab has no systemd to make control groups and to keep logs, no policy kit, and a
# /dev that libvirt's private one does not come from
configure_as_documented()
{
	keep_settings
	block ini >>"$libvirt_etc/qemu.conf"
	cat >>"$libvirt_etc/qemu.conf" <<-TEXT
		cgroup_controllers = []
		stdio_handler = "file"
		namespaces = []
		security_driver = "apparmor"
	TEXT
	echo 'auth_unix_rw = "none"' >>"$libvirt_etc/libvirtd.conf"
}

# domain NAME [EMULATOR]: 192 MiB, with the manual's elements
domain()
{
	local emulator

	emulator=$(block xml 2)
	[[ -z ${2:-} ]] || emulator="<emulator>$2</emulator>"
	cat <<-XML
		<domain type='kvm'>
		<name>$1</name>
		<memory unit='MiB'>192</memory>
		$(block xml 1)
		<vcpu>1</vcpu>
		<cpu mode='host-passthrough' check='none'/>
		<os>
		<type arch='x86_64' machine='q35'>hvm</type>
		<kernel>$work/images/$kernel</kernel>
		<initrd>$work/images/initramfs.cpio.gz</initrd>
		<cmdline>$(guest_command_line)</cmdline>
		</os>
		<features><acpi/></features>
		<on_reboot>destroy</on_reboot>
		<devices>
		$emulator
		<controller type='usb' model='none'/>
		<serial type='file'><source path='$work/$1.console'/></serial>
		$(block xml 3)
		</devices>
		</domain>
	XML
}

# Links to files are followed by libvirt as root, by QEMU as itself: it gets files
images_for_all()
{
	make_images
	cp --remove-destination "$(realpath "$work/images/$kernel")" \
		"$work/images/$kernel"
	chmod 755 "$work" "$work/images"
	chmod 644 "$work"/images/*
}
