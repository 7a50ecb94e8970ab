#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# shellcheck disable=SC2016,SC2317 # jq has variables; check calls functions
#
# denseram(8) on sharing: what it reports is what sysfs says, modes do what they
# say, and the tree tells who shares how much with whom.
set -euo pipefail

# shellcheck source=tools/tests/cli_lib.sh
. "$(dirname "$0")/cli_lib.sh"

[[ -d $sysfs/sharing ]] || {
	skip "sharing" "the module is older than it"
	finish
}
gain=$(<$sysfs/sharing/block_gain)
enabled=$(<$sysfs/sharing/enabled)

# Two guests of the same 2 MiB, whatever pages it comes in
make_alike()
{
	local name

	head -c 2M /dev/urandom >"$work/same"
	for name in cli_x cli_y; do
		mkdir "$mount/$name"
		truncate -s 4M "$mount/$name/ram0"
		dd if="$work/same" of="$mount/$name/ram0" bs=4096 \
			conv=notrunc iflag=fullblock status=none
	done
}

# have_shared BYTES: within a minute both guests share as much
have_shared()
{
	local deadline=$((SECONDS + 60)) x y

	while x=$(field cli_x sharing.shared) y=$(field cli_y sharing.shared); do
		[[ $x -lt $1 || $y -lt $1 ]] || return 0
		[[ $SECONDS -lt $deadline ]] || break
		sleep 0.5
	done
	echo "$x and $y of $1"
	return 1
}

# tree JQ [ARGS...]: true of what the tree tells of cli_x and cli_y
tree()
{
	local what=$1

	shift
	"$cli" share tree --json "$@" | jq -e "
		(.guests[] | select(.name == \"cli_x\")) as \$x |
		(.guests[] | select(.name == \"cli_y\")) as \$y |
		([.pairs[] | select(.a == \$x.id and .b == \$y.id)] | first)
		as \$xy | $what"
}

written_apart()
{
	printf x | dd of="$mount/cli_x/ram0" bs=1 seek=5000 conv=notrunc \
		status=none
	cmp "$work/same" <(head -c 2M "$mount/cli_y/ram0") &&
		! cmp -s "$work/same" <(head -c 2M "$mount/cli_x/ram0")
}

test_state()
{
	check "sharing is told of" jq -e \
		'.sharing | .enabled and (.level | length > 0) and
		 .saved == .shared - .kept' <("$cli" status --json)
	check "and for people" grep -q \
		"^Sharing of identical pages: scanner on" <("$cli" status)
	check "tables fit 80 columns" awk \
		'length > 80 { print; wide = 1 } END { exit wide || NR < 30 }' \
		<("$cli" status; "$cli" guest show cli_x)
}

test_modes()
{
	local mode

	for mode in off guest domain all; do
		check "share=$mode is set" "$cli" guest set cli_x share=$mode
		check "and told" equal "$mode $mode" \
			"$(<$sysfs/guests/cli_x/share) $(field cli_x sharing.mode)"
	done
	check "scan=off is set with a limit" \
		"$cli" guest set cli_x scan=off shares=7
	check "and both are told" equal "0 false 7" \
		"$(<$sysfs/guests/cli_x/scan) $(field cli_x \
			sharing.scanned) $(field cli_x limits.shares)"
	check "with a limit that is refused, nothing changes" \
		fails 1 contradict guest set cli_x share=off min=2G max=1G
	check "the mode is as before" equal all "$(<$sysfs/guests/cli_x/share)"
	"$cli" guest set cli_x scan=on share=domain
}

# The scanner rests while it is looked at; it needs no more than a second, but
# may come back later for some
test_tree()
{
	local common

	check "two guests of the same bytes share most of them" \
		have_shared 1048576
	echo 0 >$sysfs/sharing/enabled
	check "the tree tells of what they have in common" tree \
		'$xy.common >= 1048576 and $xy.common <= $x.shared and
		 $xy.common <= $y.shared and $x.within == 0 and
		 $y.mode == "domain"'
	common=$("$cli" share tree --json | jq "[.pairs[].common] | add // 0")
	check "by a sample, about" tree "\$xy.common > $common / 2 and
		\$xy.common < $common * 2" --sample 2
	check "the matrix tells the same" grep -Fq \
		"  $(awk "BEGIN { printf \"%.1f\", $common / 1048576 }")  " \
		<("$cli" share tree)
	check "the matrix fits 80 columns" awk 'length > 80 { exit 1 }' \
		<("$cli" share tree)
	echo 1 >$sysfs/sharing/enabled
}

test_apart()
{
	check "what one guest writes, the other does not see" written_apart
	check "sharing of one is ended" "$cli" guest set cli_x share=off
	check "at once" equal 0 "$(field cli_x sharing.shared)"
	check "no byte of the other changes" cmp "$work/same" \
		<(head -c 2M "$mount/cli_y/ram0")
	check "they have nothing in common then" tree '$xy == null'
}

echo 1 >$sysfs/sharing/block_gain
echo 1 >$sysfs/sharing/enabled
make_alike
test_state
test_tree
test_apart
test_modes
echo "$gain" >$sysfs/sharing/block_gain
echo "$enabled" >$sysfs/sharing/enabled
finish
