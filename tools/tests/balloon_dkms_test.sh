#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# shellcheck disable=SC2317 # functions are called by check
# The package for guests, in the lab root, where whatever is installed is
# forgotten: the driver is built for all kernels, is there before the kernel's
# own, and nothing is left when the package goes. TAP.
set -uo pipefail

cd "$(dirname "$0")/../.." || exit 1
if [ -z "${DENSERAM_CHROOT:-}" ]; then
	echo "1..0 # SKIP it installs packages: for the lab root only"
	exit 0
fi
name=denseram-balloon-dkms
version=$(sed -n 's/^VERSION := //p' Makefile)
mapfile -t kernels < <(cat /etc/denseram/kernel.{stock,next})
nr=0 failed=0

# check TEXT CMD...: its output when it fails
check()
{
	local text=$1 out

	shift
	nr=$((nr + 1))
	if out=$("$@" 2>&1 </dev/null); then
		echo "ok $nr - package: $text"
	else
		printf '%s\n' "$out" | sed 's/^/# /'
		echo "not ok $nr - package: $text"
		failed=1
	fi
}

# Kernels of our own are no packages, and take their time
only_packaged_kernels()
{
	local dir

	for dir in /lib/modules/*/; do
		[ -e "/boot/vmlinuz-$(basename "$dir")" ] || rm -r "$dir"
	done
	echo "autoinstall_all_kernels=y" >/etc/dkms/framework.conf.d/test.conf
}

installed()
{
	dpkg -i "build/${name}_$1_all.deb"
}

is_built()
{
	modinfo -k "$1" -F filename denseram_balloon | grep /updates/dkms/ &&
		modinfo -k "$1" -F alias denseram_balloon |
		grep -x 'virtio:d00000005v\*'
}

has_no_host_module()
{
	! modinfo -k "$1" -F filename denseram
}

# Whoever has modprobe load what the device needs gets ours before theirs
comes_first()
{
	local order

	order=$(modprobe -S "$1" -D virtio:d00000005v00001AF4 |
		grep -oE '(denseram|virtio)_balloon\.ko' | awk '!seen[$0]++')
	echo "$order"
	[ "${order%%$'\n'*}" = denseram_balloon.ko ]
}

serves_alone()
{
	local order

	order=$(modprobe -S "$1" -D virtio_balloon)
	echo "$order"
	grep -q '/virtio_balloon\.ko' <<<"$order" && ! grep denseram <<<"$order"
}

versions_are()
{
	local got

	got=$(dkms status | sed -n 's|^denseram-balloon/\([^,]*\),.*|\1|p' |
		sort -u)
	echo "$got"
	[ "$got" = "$1" ]
}

nothing_is_left()
{
	! find / -xdev -name '*denseram*balloon*' ! -path '/tmp/*' | grep . &&
		! grep denseram_balloon /lib/modules/*/modules.{dep,alias}
}

check "it is made" tools/packaging/balloon-dkms "$version"
only_packaged_kernels
check "it is installed" installed "$version"
for kernel in "${kernels[@]}"; do
	check "the driver is built for $kernel" is_built "$kernel"
	check "it is loaded before virtio_balloon" comes_first "$kernel"
done
check "the host's module is not built" has_no_host_module "${kernels[0]}"
check "a newer one is made" tools/packaging/balloon-dkms "$version+1"
check "and takes its place" installed "$version+1"
check "the old one is gone" versions_are "$version+1"
dkms remove "denseram-balloon/$version+1" -k "${kernels[1]}" >/dev/null
check "where it is not built, virtio_balloon is loaded" \
	serves_alone "${kernels[1]}"
check "it is removed" dpkg -P "$name"
check "nothing is left of it" nothing_is_left
rm -f "build/${name}_$version+1_all.deb"
echo "1..$nr"
exit "$failed"
