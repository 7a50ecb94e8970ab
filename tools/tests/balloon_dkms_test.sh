#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# shellcheck disable=SC2317 # functions are called by check
# The package for guests: the driver is built for all kernels, is there before the
# kernel's own, and nothing is left when the package goes.
set -uo pipefail

# shellcheck source-path=SCRIPTDIR
. "$(dirname "$0")/deb_lib.sh"
name=denseram-balloon-dkms

# Whoever has modprobe load what the device needs gets ours before theirs
comes_first()
{
	local order

	modinfo -k "$1" -F alias denseram_balloon |
		grep -x 'virtio:d00000005v\*' || return
	order=$(/usr/sbin/modprobe -S "$1" -D virtio:d00000005v00001AF4 |
		grep -oE '(denseram|virtio)_balloon\.ko' | awk '!seen[$0]++')
	echo "$order"
	[ "${order%%$'\n'*}" = denseram_balloon.ko ]
}

serves_alone()
{
	local order

	order=$(/usr/sbin/modprobe -S "$1" -D virtio_balloon)
	echo "$order"
	grep -q '/virtio_balloon\.ko' <<<"$order" && ! grep denseram <<<"$order"
}

nothing_is_left()
{
	diff "$work/before" <(tree) &&
		! grep denseram_balloon /lib/modules/*/modules.{dep,alias}
}

as_host
echo "autoinstall_all_kernels=y" >/etc/dkms/framework.conf.d/test.conf
tree >"$work/before"
check "the guests' is made" made "$version" --build=all
check "it is installed" installed "$version" "$name"
for kernel in "${kernels[@]}"; do
	check "the driver is built for $kernel" \
		is_built "$kernel" denseram_balloon "$version"
	check "it is loaded before virtio_balloon" comes_first "$kernel"
done
check "the host's module is not built" has_no_module "${kernels[0]}" denseram
check "a newer one is made" made "$newer" --build=all
check "and takes its place" installed "$newer" "$name"
check "the old one is gone" dkms_has denseram-balloon "$newer"
check "the driver in use is left alone" not_called '^(modprobe|rmmod)'
dkms remove "denseram-balloon/$newer" -k "${kernels[1]}" >/dev/null
check "where it is not built, virtio_balloon is loaded" \
	serves_alone "${kernels[1]}"
check "it is removed" dpkg -P "$name"
check "nothing is left of it" nothing_is_left
finish
