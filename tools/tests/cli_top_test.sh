#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# shellcheck disable=SC2016,SC2317 # jq has variables; check calls functions
#
# denseram(8) top: in a batch, as JSON, and on a terminal of 80 columns and 24
# lines, where keys do what they say and the terminal is left as it was.
set -euo pipefail

# shellcheck source=tools/tests/cli_lib.sh
. "$(dirname "$0")/cli_lib.sh"

# batch ARGS...: what it writes, once
batch()
{
	"$cli" top --batch --count 1 "$@"
}

top_json()
{
	"$cli" top --json --count 1 | jq -e "$1"
}

# The guests in the order they are shown.
order()
{
	batch "$@" | awk '/NAME$/ { rows = 1; next } rows { printf "%s ", $NF }'
}

two_looks()
{
	equal "$("$cli" top --json --count 2 --delay 1 | jq -c .schema | paste -sd ' ')" \
		"1 1"
}

# on_terminal KEYS...: a second before each; what the terminal got is in $work/tty
on_terminal()
{
	local key

	{
		for key; do
			sleep 1
			printf %b "$key"
		done
		sleep 1
	} | TERM=xterm timeout 60 script -qec \
		"stty rows 24 cols 80; '$cli' top --delay 1; echo ended \$?; stty -a" \
		"$work/tty" >/dev/null
}

has()
{
	grep -aqF -- "$1" "$work/tty"
}

mkdir "$mount/cli_small" "$mount/cli_tall"
truncate -s 16M "$mount/cli_small/ram0"
truncate -s 64M "$mount/cli_tall/ram0"
dd if=/dev/urandom of="$mount/cli_small/ram0" bs=1M count=8 conv=notrunc status=none
sleep 1.5

check "batch: all guests" equal "$(order | wc -w)" "$("$cli" guest ls | tail -n +2 | wc -l)"
check "batch: most resident first" equal "$(order)" "cli_small cli_tall "
check "batch: the other way round" equal "$(order --reverse)" "cli_tall cli_small "
check "batch: by size" equal "$(order --sort size)" "cli_tall cli_small "
check "batch: by name" equal "$(order --sort name)" "cli_small cli_tall "
check "batch: fits 80 columns" equal "$(batch | awk 'length > 80')" ""
check "batch: the level" grep -q "level $(<"$sysfs/policy/level") " <(batch)
check "batch: bars" equal "$(batch | grep -c '^\(Host\|Guests\) .*\[.*\]$')" 2
check "batch: needs no terminal" batch </dev/null
check "JSON: what status says" top_json ".host.total ==
	$("$cli" status --json | jq .host.total)"
check "JSON: the guests" top_json '[.guests[].name] == ["cli_small", "cli_tall"]'
check "JSON: the time" top_json '.time | test("^[0-9-]+T[0-9:.]+Z$")'
check "JSON: where it was made" top_json ".machine |
	.kernel == \"$(uname -r)\" and .cpus == $(nproc) and .module == .tools"
check "JSON: a guest" top_json '.guests[0] | .size == 16777216 and
	.resident >= 8388608 and .target > 0 and .rule != "none"'
check "JSON: an object each look" two_looks
check "no terminal, no batch" fails 1 "no terminal" top </dev/null
check "no such column" fails 2 "no column 'sizes'" top --sort sizes
check "no delay of nothing" fails 2 "--delay takes 1 to 3600" top --delay 0
check "no such option" fails 2 "unknown option" top --count 1 --fast

check "terminal: begins and ends" on_terminal q
check "terminal: the guests" has cli_tall
check "terminal: its keys are told" has "Enter explain"
check "terminal: ends well" has "ended 0"
check "terminal: echoes again" has " echo "
# Down: the second guest
check "terminal: why" on_terminal '\033OB' '\r' q q
check "terminal: the second guest's" has "Why it has what it has: cli_tall"
check "terminal: in words" has "may have without asking"
# What help covered is written anew, the sort with it
check "terminal: help" on_terminal '>' h q R q
check "terminal: is there" has "Page Up, Page Down"
check "terminal: another column" has "sort by target"
finish
