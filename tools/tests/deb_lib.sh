# shellcheck shell=bash disable=SC2034
# SPDX-License-Identifier: GPL-2.0-only
# What the tests of the Debian packages share. They run in the lab root, which has
# kernels, headers and DKMS, and nothing of ours; whatever they change there is
# forgotten. TAP.

cd "$(dirname "${BASH_SOURCE[0]}")/../.." || exit 1
if [ -z "${DENSERAM_CHROOT:-}" ]; then
	echo "1..0 # SKIP it installs packages: for the lab root only"
	exit 0
fi
version=$(sed -n 's/^VERSION := //p' Makefile)
newer=$version+1
mapfile -t kernels < <(cat /etc/denseram/kernel.{stock,next})
work=$(mktemp -d)
calls=$work/calls
nr=0 failed=0

# check TEXT CMD...: its output when it fails
check()
{
	local text=$1 out

	shift
	nr=$((nr + 1))
	if out=$("$@" 2>&1 </dev/null); then
		echo "ok $nr - deb: $text"
	else
		printf '%s\n' "$out" | sed 's/^/# /'
		echo "not ok $nr - deb: $text"
		failed=1
	fi
}

finish()
{
	echo "1..$nr"
	exit "$failed"
}

# made VERSION [OPTION...]: packages into $work/VERSION
made()
{
	O=$work/$1 tools/packaging/deb "$@"
}

# package NAME VERSION
package()
{
	compgen -G "$work/$2/$1_$2_*.deb"
}

# installed VERSION NAME...
installed()
{
	local name files=()

	for name in "${@:2}"; do
		files+=("$(package "$name" "$1")")
	done
	dpkg -i "${files[@]}"
}

equal()
{
	echo "'$1' and '$2'"
	[[ $1 == "$2" ]]
}

# stub NAME [LINE...]: a program that only tells $calls how it was called
stub()
{
	local file=/usr/local/sbin/$1

	{
		printf '#!/bin/sh\n'
		printf '%s\n' "${@:2}"
		printf 'echo "%s $*" >>%s\n' "$1" "$calls"
	} >"$file"
	chmod 755 "$file"
}

# A host, as far as packages can tell: systemd runs, and all that would reach this
# machine's kernel, or a manager that is not there, is only noted. Kernels of our own
# are no packages, and take their time; mmdebstrap's root has no manual pages.
as_host()
{
	local dir

	for dir in /lib/modules/*/; do
		[ -e "/boot/vmlinuz-$(basename "$dir")" ] || rm -r "$dir"
	done
	rm -f /etc/dpkg/dpkg.cfg.d/99mmdebstrap /usr/sbin/policy-rc.d
	mount -t tmpfs none /sys/kernel
	mount -t tmpfs none /sys/module
	mkdir -p /run/systemd/system
	stub modprobe
	stub rmmod
	stub udevadm
	# What is in files it may see to.
	# shellcheck disable=SC2016 # for the script
	stub systemctl 'case " $* " in' \
		'*" --root=/ "*) exec /usr/bin/systemctl "$@" ;;' \
		'*" is-enabled "*) exec /usr/bin/systemctl --root=/ "$@" ;;' \
		'*" is-active "*) exit 0 ;;' 'esac'
	: >"$calls"
	# Its key for signing comes with the first module that DKMS builds, and stays.
	dkms generate_mok >/dev/null 2>&1 || true
}

# called PATTERN: since the calls were forgotten
called()
{
	cat "$calls"
	grep -qE -- "$1" "$calls"
}

not_called()
{
	! grep -E -- "$1" "$calls"
}

# is_built KERNEL MODULE VERSION
is_built()
{
	modinfo -k "$1" -F filename "$2" | grep /updates/dkms/ &&
		equal "$(modinfo -k "$1" -F version "$2")" "$3"
}

has_no_module()
{
	! modinfo -k "$1" -F filename "$2"
}

# dkms_has MODULE [VERSION]: and no other
dkms_has()
{
	equal "$(dkms status "$1" | sed -n "s|^$1/\([^,]*\),.*|\1|p" | sort -u)" \
		"${2:-}"
}

# What is there, and what the settings say. Not of the packages: what dpkg and depmod
# keep about all, logs, caches, systemd's mark that it has read units, and the groups.
tree()
{
	find / /run -xdev \( -path "$work" -o -path /var/lib/dpkg -o -path /var/log \
		-o -path /var/cache -o -path '/lib/modules/*/modules.*' \
		-o -path '/usr/lib/modules/*/modules.*' -o -path '/etc/g*shadow*' \
		-o -path '/etc/group*' -o -path /run/systemd/systemd-units-load \) \
		-prune -o \
		-printf '%p %y %m %u:%g %l\n' | sort
	find /etc -xdev -type f ! -path '/etc/g*shadow*' ! -path '/etc/group*' \
		! -path '/etc/ld.so.cache' -exec sha256sum {} + | sort -k 2
}
