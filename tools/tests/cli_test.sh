#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# shellcheck disable=SC2317 # functions are called by check
#
# denseram(8) against a loaded module: its JSON and sysfs tell the same, limits
# and trim do what they say, errors are one line with the documented exit
# status. Run as root with the file system at /run/denseram. TAP output.
set -euo pipefail

# shellcheck source=tools/tests/cli_lib.sh
. "$(dirname "$0")/cli_lib.sh"

# same GUEST FILE JQ: sysfs and JSON agree
same()
{
	local live told

	live=$(<"$sysfs/guests/$1/$2")
	told=$(field "$1" "$3")
	echo "$2: sysfs $live, JSON $told"
	[[ $live == "$told" ]]
}

make_guests()
{
	mkdir "$mount/cli_a" "$mount/cli_b"
	# The scanner would be faster than some of the tests
	[[ ! -d $sysfs/sharing ]] || for guest in cli_a cli_b; do
		echo 0 >"$sysfs/guests/$guest/scan"
	done
	truncate -s 64M "$mount/cli_a/ram0"
	fallocate -l 4M "$mount/cli_a/ram0"
	dd if=/dev/urandom of="$mount/cli_a/ram0" bs=1M count=1 seek=8 \
		conv=notrunc status=none
	truncate -s 16M "$mount/cli_b/ram0"
	# 1 MiB of a word that is not zero, in pages of 4 KiB
	head -c 1M /dev/zero | tr '\0' '\125' |
		dd of="$mount/cli_b/ram0" bs=4096 conv=notrunc \
			iflag=fullblock status=none
	truncate -s 1M "$mount/cli_file"
}

test_usage()
{
	check "no verb" fails 2 "no verb"
	check "unknown verb" fails 2 "unknown verb 'foo'" foo
	check "guest without a verb" fails 2 "needs ls" guest
	check "unknown option" fails 2 "unknown option '--foo'" status --foo
	check "unexpected word" fails 2 "unexpected 'foo'" guest ls foo
	check "show without a guest" fails 2 "needs one guest" guest show
	check "show of two guests" fails 2 "needs one guest" guest show a b
	check "set without a key" fails 2 "what to set" guest set cli_a
	check "set of an unknown key" fails 2 "unknown key" \
		guest set cli_a foo=1
	check "set of no size" fails 2 "not a size" guest set cli_a min=1.5
	check "set twice" fails 2 "given twice" guest set cli_a min=1 min=1
	check "share without a verb" fails 2 "needs tree" share
	check "sample without a number" fails 2 "from 0 to 16" \
		share tree --sample
	check "sample too large" fails 2 "from 0 to 16" share tree --sample=17
	check "tree takes no guest" fails 2 "unexpected" share tree cli_a
	check "set of an unknown mode" fails 2 "off, guest, domain or all" \
		guest set cli_a share=yes
	check "set of scan to what it is not" fails 2 "on or off" \
		guest set cli_a scan=1
	check "trim without a guest" fails 2 "needs one guest" guest trim
	check "help of an unknown verb" fails 2 "unknown verb" help foo
	check "help lists every verb" equal 28 \
		"$("$cli" help | grep -cE '^  [a-z]')"
	check "help of a verb, in two ways" equal "$("$cli" help guest set)" \
		"$("$cli" guest set --help)"
}

test_failures()
{
	check "a guest that is not there" fails 1 "no guest 'nobody'" \
		guest show nobody
	check "an id that is not there" fails 1 "no guest '99999999'" \
		guest show 99999999
	check "limits that contradict each other" fails 1 "contradict" \
		guest set cli_a min=2G max=1G
	check "a full disk under the output" full_disk
	if command -v setpriv >/dev/null; then
		check "an ordinary user is told what helps" no_permission
	else
		skip "an ordinary user is told what helps" "no setpriv"
	fi
}

full_disk()
{
	local status=0

	"$cli" help >/dev/full 2>"$work/err" || status=$?
	cat "$work/err"
	[[ $status == 1 ]] && grep -q 'No space' "$work/err"
}

no_permission()
{
	local status=0

	setpriv --reuid 65534 --regid 65534 --clear-groups -- \
		"$cli" status 2>"$work/err" || status=$?
	cat "$work/err"
	[[ $status == 1 ]] && grep -q 'run as root' "$work/err"
}

# What the files of sysfs say, and the JSON, in one form: "file value" lines
sysfs_fields()
{
	local file

	for file in id uid vmm_pid run_state files size resident metadata \
		blocks pages shared swapped holes min limit shares pinned; do
		echo "$file $(<"$sysfs/guests/$1/$file")"
	done
}

json_fields()
{
	"$cli" guest show --json "$1" | jq -r '.guest |
		"id \(.id)", "uid \(.uid)", "vmm_pid \(.vmm_pid)",
		"run_state \(.run_state)", "files \(.nr_files)",
		(.usage | "size \(.size)", "resident \(.resident)",
		 "metadata \(.metadata)", "blocks \(.nr_blocks)",
		 "pages \(.nr_pages)", "shared \(.nr_shared)",
		 "swapped \(.nr_swapped)", "holes \(.nr_holes)"),
		(.limits | "min \(.min)", "limit \(.limit)",
		 "shares \(.shares)", "pinned \(if .pinned then 1 else 0 end)")'
}

sysfs_events()
{
	(cd "$sysfs/guests/$1/stat" && grep -H '' -- *) | tr ':' ' ' | sort
}

json_events()
{
	"$cli" guest show --json "$1" | jq -r \
		'.guest.events | to_entries[] | "\(.key) \(.value)"' | sort
}

test_guest()
{
	check "$1: sysfs and JSON agree" \
		diff <(sysfs_fields "$1") <(json_fields "$1")
	check "$1: on the counters, too" \
		diff <(sysfs_events "$1") <(json_events "$1")
	check "$1: every byte is in one place" jq -e \
		'.guest.usage | .size == (.where | add)' \
		<("$cli" guest show --json "$1")
}

test_reports()
{
	local ids

	check "status is JSON" json status
	check "guest ls is JSON" json guest ls
	check "version is JSON" json version
	check "version of the module" equal "$(<$sysfs/version)" \
		"$("$cli" version --json | jq -r .module.release)"
	check "all guests are listed" equal "$(ls $sysfs/guests)" \
		"$("$cli" guest ls --json | jq -r '.guests[].name' | sort)"
	check "the sums are those of the guests" jq -e \
		'.usage.size == ([.guests[].usage.size] | add) and
		 .usage.resident == ([.guests[].usage.resident] | add)' \
		<("$cli" status --json)
	check "the host's memory" equal \
		"$("$cli" status --json | jq .host.total)" \
		$(($(awk '/^MemTotal:/ { print $2 }' /proc/meminfo) * 1024))
	ids=$(field cli_a id)
	check "a guest by its id" equal cli_a "$(field "$ids" name)"
	check "tables fit 80 columns" awk \
		'length > 80 { wide = 1 } END { exit wide || NR < 30 }' \
		<("$cli" status; "$cli" guest ls; "$cli" guest show cli_a)
	check "nothing is coloured" test -z \
		"$("$cli" status | tr -d '[:print:]\n')"
}

test_limits()
{
	check "limits are set together" "$cli" guest set cli_a min=8M max=1G \
		limit=1.5G shares=500
	for file in min max limit; do
		check "$file is what sysfs says" same cli_a "$file" \
			"limits.$file"
	done
	check "in bytes" equal "8388608 1073741824 1610612736 500" \
		"$(field cli_a 'limits | "\(.min) \(.max) \(.limit) \(.shares)"')"
	check "all or nothing" fails 1 contradict guest set cli_a shares=7 \
		min=2G
	check "nothing then" equal 500 "$(<$sysfs/guests/cli_a/shares)"
	check "words for zero" "$cli" guest set cli_a max=size limit=none
	check "max is the size again" equal \
		"$(<$sysfs/guests/cli_a/size)" "$(<$sysfs/guests/cli_a/max)"
}

admission()
{
	"$cli" status --json | jq ".admission.$1"
}

test_admission()
{
	local promised

	promised=$(admission promised)
	check "what is promised is what sysfs says" equal \
		"$(<$sysfs/admission/promised)" "$promised"
	check "as is the room" equal "$(<$sysfs/admission/room)" \
		"$(admission room)"
	check "status tells people, too" grep -q '^Promised to guests: ' \
		<("$cli" status)
	check "pinned is on or off" fails 2 "pinned is on or off" \
		guest set cli_b pinned=maybe
	check "a guest is pinned" "$cli" guest set cli_b pinned=1 min=1M
	check "sysfs says so" equal 1 "$(<$sysfs/guests/cli_b/pinned)"
	check "the CLI says so" grep -q ', pinned$' \
		<("$cli" guest show cli_b)
	check "all of it is promised" equal $((promised + (16 << 20))) \
		"$(admission promised)"
	check "it is pinned no more" "$cli" guest set cli_b pinned=off min=0
	check "and was given back" equal "$promised" "$(admission promised)"
	truncate -s 64G "$mount/cli_file"
	check "a min that does not fit" fails 1 \
		"the host cannot promise guest 'cli_file' that much: it has" \
		guest set cli_file min=64G shares=7
	check "nothing of it was set" equal 1000 \
		"$(<$sysfs/guests/cli_file/shares)"
	echo 1 >$sysfs/admission/strict
	check "nor, when strict, more to be paged" fails 1 "of swap space" \
		guest set cli_file min=64G
	check "status says that it is strict" grep -q '^Strict: .* promised$' \
		<("$cli" status)
	echo 0 >$sysfs/admission/strict
	truncate -s 1M "$mount/cli_file"
}

test_trim()
{
	local before after

	before=$(field cli_b usage.resident)
	check "trim of zeros finds none" equal 0 \
		"$("$cli" guest trim --zero --json cli_b | jq .trim.freed)"
	check "trim of same words frees the pages" equal 256 \
		"$("$cli" guest trim --blocks --json cli_b | jq .trim.freed)"
	after=$(field cli_b usage.resident)
	check "resident fell by them" equal $((before - 256 * 4096)) "$after"
	check "they are swapped" equal 256 "$(field cli_b usage.nr_swapped)"
	check "and read as before" cmp -n $((256 * 4096)) \
		"$mount/cli_b/ram0" <(head -c 1M /dev/zero | tr '\0' '\125')
	check "trim of a block of zeros" "$cli" guest trim --zero --blocks cli_a
	check "leaves what is not zero" equal $((256 * 4096)) \
		"$(field cli_a usage.resident)"
}

# A name with a terminal's control sequence must not reach the terminal
test_names()
{
	local name=$'cli_\e[31m\xff'

	mkdir "$mount/$name"
	check "a wild name is escaped" grep -qF 'cli_\x1b[31m\xff' \
		<("$cli" guest ls)
	check "and makes valid JSON" json guest ls
	check "and finds its guest" equal 'cli_\x1b[31m\xff' \
		"$(field "$name" name)"
	mkdir "$mount/cli_--json"
	check "a name like an option needs --" \
		"$cli" guest show -- cli_--json
}

make_guests
test_usage
test_failures
for guest in cli_a cli_b cli_file; do
	test_guest "$guest"
done
test_reports
test_limits
test_admission
test_trim
test_names
finish
