# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-only
#
# accel.sh - KVM for the lab host, if it works; TCG otherwise.

# /dev/kvm may exist and still not boot a stock kernel, or boot one that has
# no nested KVM. Only a trial says: a lab host whose own guest runs. The
# answer holds as long as this machine's kernel and CPU stay the same.
accel_choose() {
	local key answer
	if [ -n "${LAB_ACCEL:-}" ]; then
		echo "$LAB_ACCEL"
		return
	fi
	if ! [ -c /dev/kvm ]; then
		echo tcg
		return
	fi
	key=$({ uname -rv; grep -m1 'model name' /proc/cpuinfo; root_key; } | hash_of)
	answer=$CACHE/accel-$key
	[ -e "$answer" ] || with_lock accel accel_trial "$answer"
	cat "$answer"
}

accel_trial() {
	local accel=tcg
	[ ! -e "$1" ] || return 0
	say "trying whether /dev/kvm boots a lab host with a guest in it"
	if LAB_ACCEL=kvm "$LAB_DIR/lab" run --no-modules --mem 2G --timeout 60 -- \
		selftests/lab/nested-trial >"$CACHE/accel.log" 2>&1; then
		accel=kvm
	fi
	say "the lab host will run under $accel"
	echo "$accel" >"$1.tmp"
	mv "$1.tmp" "$1"
}
