#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# shellcheck disable=SC2317 # check calls functions
#
# What is left of guests where they were paged to: all of it when an area is removed,
# nothing when it is wiped, and nothing that can be read on an encrypted device. TAP.
set -euo pipefail

# shellcheck source=tools/tests/cli_lib.sh
. "$(dirname "$0")/cli_lib.sh"

[[ -d $sysfs/swap ]] || {
	skip "paging" "the module is older than it"
	finish
}
area=/tmp/cli_area
umask 077	# what others can read is refused
limit=$(<$sysfs/swap/pool_limit)
loop=''
trap 'stop_paging; cleanup' EXIT

stop_paging()
{
	echo "$limit" >"$sysfs/swap/pool_limit"
	"$cli" swap rm "$area" 2>/dev/null || true
	"$cli" swap rm /dev/mapper/cli_crypt 2>/dev/null || true
	dmsetup remove --retry cli_crypt 2>/dev/null || true
	rm -f /dev/mapper/cli_crypt
	[[ -z $loop ]] || losetup -d "$loop" || true
	rm -f "$area" "$area".*
}

# What is left of a guest in a file or on a disk
canaries()
{
	grep -ac 'canary of a guest' "$1" || true
}

# page_canaries: page a guest out to an area that is there
page_canaries()
{
	mkdir "$mount/cli_c"
	seq -f 'the %.0f. canary of a guest' 250000 >"$mount/cli_c/ram0"
	echo off >"$sysfs/guests/cli_c/share"
	echo 0 >"$sysfs/swap/pool_limit"
	"$cli" guest set cli_c limit=2M
	squeezed cli_c
}

forget_canaries()
{
	rm -f "$mount/cli_c/ram0"
	rmdir "$mount/cli_c"
}

is_zero()
{
	cmp -n "$(stat -c %s "$1")" "$1" /dev/zero
}

# is_left COUNT: many, as opposed to none
is_left()
{
	echo "$1 canaries"
	[[ $1 -gt 10000 ]]
}

# Removed as it is, an area keeps all that guests had there
test_wipe()
{
	"$cli" swap add --size 32M "$area"
	check "a guest is paged to a file" page_canaries
	check "where it can be read" is_left "$(canaries "$area")"
	forget_canaries
	check "the file is removed" "$cli" swap rm "$area"
	check "and has all of it" is_left "$(canaries "$area")"
	check "it is an area again" "$cli" swap add "$area"
	check "a guest is paged there" page_canaries
	cp "$mount/cli_c/ram0" "$work/bytes"
	check "the file is removed and wiped" "$cli" swap rm --wipe "$area"
	check "and is zeros from end to end" is_zero "$area"
	check "no byte of the guest is changed" cmp "$work/bytes" "$mount/cli_c/ram0"
	forget_canaries
	check "wipe of what is no area" fails 1 "no swap area" \
		swap rm --wipe "$area"
}

# As when the file was replaced by another of its name
test_wipe_of_another()
{
	check "a file is added" "$cli" swap add "$area"
	mv "$area" "$area".old
	head -c 32M /dev/urandom >"$area"
	cp "$area" "$work/bytes"
	# Its name is what the module knows
	check "another file of that name is not wiped" fails 1 "another file" \
		swap rm --wipe "$area"
	check "no byte of it is changed" cmp "$work/bytes" "$area"
	mv -f "$area".old "$area"
}

# It takes some time to read so much
test_wipe_interrupted()
{
	local status=0

	rm -f "$area"
	"$cli" swap add --size 700M "$area"
	timeout -s INT 0.3 "$cli" swap rm --wipe "$area" 2>"$work/err" || status=$?
	echo "# status $status: $(<"$work/err")"
	if [[ $status == 0 ]]; then
		skip "a wipe that is interrupted" "it was quicker"
	elif grep -q "goes on to be used" "$work/err"; then
		skip "a wipe that is interrupted" "it was the removal that was"
	else
		check "a wipe that is interrupted says so" \
			grep -q "interrupted with" "$work/err"
		check "and the header is there" grep -aq "denseram swap area" \
			<(head -c 4096 "$area")
		"$cli" swap add --force "$area"
	fi
	"$cli" swap rm --wipe "$area" 2>/dev/null || true
	check "in the end all is zeros" is_zero "$area"
	rm -f "$area"
}

make_loop()
{
	rm -f "$area"
	head -c 32M /dev/zero >"$area"
	modprobe -q loop || true
	loop=$(losetup --find --show "$area")
}

test_wipe_device()
{
	make_loop || {
		skip "devices" "no loop devices"
		return
	}
	check "a device is added" "$cli" swap add "$loop"
	check "a guest is paged to it" page_canaries
	sync
	check "where it can be read" is_left "$(canaries "$area")"
	check "the device is removed and wiped" "$cli" swap rm --wipe "$loop"
	check "nothing is left below it" is_zero "$area"
	forget_canaries
	test_encrypted
	losetup -d "$loop"
	loop=''
}

# What the guide recommends: a key that nobody knows, and that is gone with the host
test_encrypted()
{
	local key

	key=$(od -An -v -tx1 -N64 /dev/urandom | tr -d ' \n')
	modprobe -q dm-crypt || true
	dmsetup create cli_crypt --table \
		"0 65536 crypt aes-xts-plain64 $key 0 $loop 0" 2>"$work/err" || {
		skip "an encrypted device" "$(<"$work/err")"
		return
	}
	dmsetup mknodes
	check "an encrypted device is added" "$cli" swap add --force \
		/dev/mapper/cli_crypt
	check "a guest is paged to it" page_canaries
	cp "$mount/cli_c/ram0" "$work/bytes"
	sync
	check "below it, there is something" differs "$area" /dev/zero
	check "and nothing of the guest" equal "$(canaries "$area")" 0
	check "it is removed" "$cli" swap rm /dev/mapper/cli_crypt
	check "the guest has all its bytes" cmp "$work/bytes" "$mount/cli_c/ram0"
	forget_canaries
	dmsetup remove --retry cli_crypt
}

differs()
{
	! cmp -s -n 16777216 "$1" "$2"
}

test_wipe
test_wipe_of_another
test_wipe_interrupted
test_wipe_device
finish
