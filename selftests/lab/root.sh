# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-only
#
# root.sh - the cached Debian 13 root: build it once, enter it cheaply.

root_key() {
	hash_of "$LAB_DIR/mkroot" "$LAB_DIR/packages" "$LAB_DIR/mend-emulator"
}

root_path() {
	echo "$CACHE/root-$(root_key)"
}

# The mirror that this machine uses already; it serves trixie as well.
root_mirror() {
	local uri
	uri=$(cat /etc/apt/sources.list /etc/apt/sources.list.d/* 2>/dev/null |
		grep -oE '^[^#]*https?://[^ ]*/debian/?( |$)' |
		grep -oE 'https?://[^ ]*/debian' | head -n 1 || true)
	echo "${uri:-http://deb.debian.org/debian}"
}

# The keys of Debian 13: other systems may have none of Debian's, and older
# releases of it have these since an update only.
root_keys() {
	local dir=/usr/share/keyrings
	[ -e "$dir/debian-archive-keyring.gpg" ] &&
		compgen -G "$dir/debian-archive-trixie-automatic.*" >/dev/null
}

root_build() {
	local root=$1 tmp log
	[ ! -d "$root" ] || return 0
	tmp=$root.tmp log=$CACHE/root.log
	install_missing mmdebstrap:mmdebstrap
	root_keys || install_packages debian-archive-keyring
	root_keys || die "debian-archive-keyring has no keys of Debian 13: update the machine"
	say "building the Debian 13 root (about 2 minutes, log in $log)"
	root_remove "$tmp"
	if ! DENSERAM_MIRROR=${DENSERAM_MIRROR:-$(root_mirror)} \
		setpriv --pdeathsig TERM "$LAB_DIR/mkroot" "$tmp" >"$log" 2>&1; then
		tail -n 20 "$log" >&2
		root_remove "$tmp"
		die "building the root failed, see $log"
	fi
	# The rename is what makes the root exist: a half-built one never has the name.
	mv -T "$tmp" "$root"
}

# root_remove DIR - an interrupted build may have left /proc mounted in there.
root_remove() {
	local mnt
	[ -e "$1" ] || return 0
	awk -v d="$1/" 'index($2, d) == 1 { print $2 }' /proc/self/mounts |
		sort -r | while read -r mnt; do
		umount -l "$mnt"
	done
	rm -rf --one-file-system "$1"
}

# root_ensure - build the root when it is missing; prints nothing.
root_ensure() {
	local root
	root=$(root_path)
	[ -d "$root" ] || {
		need_root
		with_lock root root_build "$root"
	}
}

# root_enter CMD... - run CMD in the root. Everything it mounts and starts
# lives in namespaces of its own and dies with it. Writes to the root go to
# memory and are forgotten; /src, /cache and what ROOT_BIND names are real.
# ROOT_DIR is another root than the lab's.
#
# A signal to us kills the lot. unshare blocks SIGTERM while its child runs,
# hence SIGKILL, and --kill-child takes process 1 of the namespace along.
root_enter() {
	need_root
	local cmd pid status=0
	cmd=(setpriv --pdeathsig KILL
		unshare --mount --pid --ipc --fork --kill-child
		--propagation private
		env "ROOT_KERNELS=$(kernel_links)"
		"$LAB_DIR/enter" "${ROOT_DIR:-$(root_path)}" "$TOP" "$CACHE")
	if [ -n "${ROOT_TTY:-}" ]; then
		"${cmd[@]}" "$@"
		return
	fi
	"${cmd[@]}" "$@" <&0 &
	pid=$!
	trap 'kill_quietly '"$pid"'; exit 130' INT
	trap 'kill_quietly '"$pid"'; exit 143' TERM HUP
	wait "$pid" || status=$?
	trap - INT TERM HUP
	return "$status"
}

# kill_quietly PID - and keep the shell from reporting it.
kill_quietly() {
	exec 2>/dev/null
	kill -KILL "$1"
	wait "$1"
}
