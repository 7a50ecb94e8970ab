# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-only
#
# common.sh - names, messages and locks that every part of the lab uses.
# shellcheck disable=SC2034 # they use them

LAB_DIR=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
TOP=$(cd "$LAB_DIR/../.." && pwd)
CACHE=${DENSERAM_CACHE:-/var/cache/denseram}

# Exit codes of "lab run" that are not the command's own.
readonly EXIT_KERNEL=90 EXIT_NO_STATUS=91 EXIT_SETUP=92 EXIT_TIMEOUT=124

say() {
	printf 'lab: %s\n' "$*" >&2
}

die() {
	say "$*"
	exit "$EXIT_SETUP"
}

need_root() {
	[ "$(id -u)" -eq 0 ] || die "must be run as root (mounts and chroot)"
}

# hash_of FILE... - a short key of the contents.
hash_of() {
	cat "$@" | sha256sum | cut -c1-12
}

# with_lock NAME CMD... - one builder of NAME at a time on this machine. The
# lock goes with the process, so a killed builder blocks nobody.
with_lock() {
	local name=$1
	shift
	mkdir -p "$CACHE"
	(
		exec {lock}>"$CACHE/.lock-$name"
		flock -n "$lock" || {
			say "waiting for another builder of $name"
			flock "$lock"
		}
		"$@" {lock}>&-
	)
}

# install_missing COMMAND:PACKAGE... - with apt, only what is not there.
install_missing() {
	local pair missing=()
	for pair; do
		command -v "${pair%%:*}" >/dev/null || missing+=("${pair#*:}")
	done
	[ ${#missing[@]} -eq 0 ] || install_packages "${missing[@]}"
}

# install_packages PACKAGE... - or their newest version, if an older is there.
install_packages() {
	need_root
	say "installing $*"
	if ! { apt-get update -q && DEBIAN_FRONTEND=noninteractive \
		apt-get install -y -q --no-install-recommends "$@"; } >&2; then
		die "cannot install $*"
	fi
}
