#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# shellcheck disable=SC2317 # functions are called by check
# The packages for hosts: what they bring, that an upgrade leaves guests alone, that
# they do not go while there are guests, and that nothing is left of them.
set -uo pipefail

# shellcheck source-path=SCRIPTDIR
. "$(dirname "$0")/deb_lib.sh"
packages=(denseram-dkms denseram-tools)
units=(denseramd.service run-denseram.mount)
sysfs=/sys/kernel/denseram
conf=/etc/denseram/denseramd.conf

lintian_is_content()
{
	lintian --allow-root --fail-on error,warning "$work/$version"/*.deb
}

made_at_once()
{
	DEB_BUILD_OPTIONS=noopt made "$@"
}

# has PATH MODE
has()
{
	equal "$(stat -c '%A %U:%G' "$1")" "$2 root:root"
}

is_documented()
{
	local page

	for page in man8/denseram.8 man8/denseramd.8 man5/denseramd.conf.5 \
		man1/denseram-qemu.1; do
		[ -s "/usr/share/man/$page.gz" ] || return
	done
	for page in "${packages[@]}"; do
		[ -s "/usr/share/doc/$page/copyright" ] &&
			zcat "/usr/share/doc/$page/changelog.gz" | grep "$version" || return
	done
	compgen -G '/usr/share/doc/denseram-tools/admin-guide/installation.rst*'
}

says_version()
{
	equal "$(denseram --version | grep -oF "$1")" "$1" &&
		equal "$(denseramd --version | grep -oF "$1")" "$1"
}

group_may_look()
{
	getent group denseram && udevadm_real verify /usr/lib/udev/rules.d/60-denseram.rules
	grep 'GROUP="denseram", MODE="0640"' /usr/lib/udev/rules.d/60-denseram.rules
}

udevadm_real()
{
	[ ! -x /usr/bin/udevadm ] || /usr/bin/udevadm "$@"
}

# A mount there may have another mode
mount_point_keeps_its_mode()
{
	has /run/denseram drwxr-xr-x && chmod 711 /run/denseram &&
		systemd-tmpfiles --create denseram.conf &&
		has /run/denseram drwx--x--x
}

is_enabled()
{
	equal "$(systemctl is-enabled "$1")" enabled &&
		[ -L "/etc/systemd/system/dev-denseram.device.wants/$1" ]
}

is_conffile()
{
	dpkg-query -W -f '${Conffiles}\n' denseram-tools | grep -F " $conf "
}

guests_run()
{
	mkdir -p "$sysfs"/guests/{vm1,vm2} /sys/module/denseram
	echo "$version" >"$sysfs/version"
	: >"$calls"
}

guests_are_gone()
{
	rmdir "$sysfs"/guests/*
	: >"$calls"
}

upgraded()
{
	installed "$newer" "${packages[@]}" >"$work/log" 2>&1 </dev/null
	cat "$work/log"
	grep -F "$version stays in use; $newer serves when" "$work/log"
}

# is_refused PACKAGE
is_refused()
{
	local out status=0

	out=$(dpkg -r "$1" 2>&1) || status=$?
	echo "status $status: $out"
	[ "$status" != 0 ] &&
		grep -F "$1: not removed, there are guests: vm1 vm2" <<<"$out" &&
		equal "$(dpkg-query -W -f '${db:Status-Status}' "$1")" installed
}

# By either: the one that goes first may find it in use
is_unloaded()
{
	grep -x "rmmod denseram" "$calls" && equal "$(grep -c rmmod "$calls")" 2
}

nothing_is_left()
{
	diff "$work/before" <(tree) &&
		! grep denseram /lib/modules/*/modules.{dep,alias}
}

as_host
tree >"$work/before"
# A build takes its time: one for each kernel, the newest comes with the upgrade.
headers=/lib/modules/${kernels[1]}/build
mv "$headers" "$work/headers"
check "they are made" made "$version"
check "lintian is content" lintian_is_content
: >"$calls"
check "they are installed" installed "$version" "${packages[@]}"
check "the module is built for ${kernels[0]}" \
	is_built "${kernels[0]}" denseram "$version"
check "the driver of guests is not" has_no_module "${kernels[0]}" denseram_balloon
check "the module is loaded" called '^modprobe -q denseram$'
check "and at boot" grep -x denseram /usr/lib/modules-load.d/denseram.conf
check "the programs are there" says_version "$version"
check "who may run them, and change settings" has /usr/sbin/denseramd -rwxr-xr-x
check "manual pages and documents are there" is_documented
check "completion is there" bash -c \
	'. /usr/share/bash-completion/completions/denseram && complete -p denseram'
check "a group may look" group_may_look
check "the mount point keeps its mode" mount_point_keeps_its_mode
for unit in "${units[@]}"; do
	check "$unit is valid" systemd-analyze verify "/usr/lib/systemd/system/$unit"
	check "$unit is enabled" is_enabled "$unit"
	check "$unit is started" called "^systemctl.* start .*$unit"
done
check "the settings are a conffile" is_conffile
check "and valid" denseramd -t

# To replace these, they need not be fast.
check "newer ones are made" made_at_once "$newer"
echo "# of the administrator" >>"$conf"
guests_run
mv "$work/headers" "$headers"
check "an upgrade under guests tells what is still old" upgraded
check "the module in use is left alone" not_called '^(modprobe|rmmod)'
check "the daemon is started again" called '^systemctl.* restart denseramd.service'
check "the mount is left alone" not_called ' (stop|restart) .*\.mount'
check "for ${kernels[1]} the new one is built" is_built "${kernels[1]}" denseram "$newer"
check "the old one is gone" dkms_has denseram "$newer"
check "so are the programs" says_version "$newer"
check "settings are kept" grep -x "# of the administrator" "$conf"

: >"$calls"
for name in "${packages[@]}"; do
	check "with guests, $name stays" is_refused "$name"
done
check "nothing was stopped" not_called '(^rmmod| stop )'
check "the module is still there" is_built "${kernels[1]}" denseram "$newer"
guests_are_gone
check "without guests, they are removed" dpkg -r "${packages[@]}"
for unit in "${units[@]}"; do
	check "$unit is stopped" called "^systemctl.* stop .*$unit"
done
check "the module is unloaded" is_unloaded
check "and gone" has_no_module "${kernels[1]}" denseram
check "settings are kept until they are purged" test -e "$conf"
check "they are purged" dpkg -P "${packages[@]}"
check "nothing is left of them" nothing_is_left
check "but the group" getent group denseram
finish
