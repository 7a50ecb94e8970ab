#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# shellcheck disable=SC2317,SC2034 # functions are called by check
# Direct I/O between a disk and guest RAM (short-term pins of our pages),
# while the balloon punches holes next to it.
set -euo pipefail
. "$(dirname "$0")/lib.sh"

image=$(mktemp)
"$TOP/build/guest/workload" --mkdisk "$image" 32 9
# A block device pins the pages it is given; tmpfs would only copy
free_before=$(mem_free_kib)	# the image lies in memory, too
modprobe -q loop || :
loop=$(losetup --find --show --direct-io=off "$image")
trap 'remove_guests >/dev/null 2>&1; losetup -d $loop; rm -f $image' EXIT

actual_is()
{
	local actual

	actual=$("$guest" qmp vm1 query-balloon | jq '.return.actual / 1048576')
	echo "actual $actual MiB"
	test "$actual" "$1" "$2"
}

balloon_to()
{
	"$guest" qmp vm1 balloon "{\"value\":$(($1 * 1024 * 1024))}" >/dev/null
}

# Inflating touches what it takes, so resident first grows; but of 62 MiB in
# the balloon no more than its ragged edges may stay in the host's memory.
given_back()
{
	local absent

	absent=$((($(info vm1 size) - $(info vm1 resident)) >> 20))
	echo "absent $absent MiB"
	test "$absent" -ge 50
}

has_done()
{
	local report

	report=$("$guest" latest vm1)
	echo "$report"
	jq -e ".ops > $1" >/dev/null <<<"$report"
}

start vm1 --mem 192M --disk "$loop" --cache none --balloon deflate-on-oom=on \
	--append "dr.mode=file dr.mem=48 dr.dseed=9 dr.secs=0 dr.write=30"
check "a guest with a cache=none disk comes up" "$guest" ready vm1
for round in 1 2; do
	balloon_to 130
	check "the balloon takes memory ($round)" until_true 60 actual_is -le 132
	check "the host has it back ($round)" until_true 10 given_back
	balloon_to 192
	check "the balloon gives it back ($round)" until_true 60 actual_is -ge 190
done
check "the guest counted disk operations" until_true 60 has_done 20
"$guest" stop vm1
check "no byte of disk or memory is wrong" runs_well vm1
finish
