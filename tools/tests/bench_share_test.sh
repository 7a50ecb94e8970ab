#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# The figures of bench-share from samples that were made up: which goals count
# as met, and what is said of it. Needs no module. TAP.
set -euo pipefail

bench=share
# shellcheck source-path=SCRIPTDIR
. "$(dirname "${BASH_SOURCE[0]}")/bench_lib.sh"
mib=1048576

# samples NAME SAVED RESIDENT METADATA: in MiB, the last one in bytes
samples()
{
	local name=$1 saved=$(($2 * mib)) resident=$(($3 * mib))

	{
		printf '0\t0\t0\t%d\t0\t0\t0\t0\t0\n' $((saved + resident))
		printf '1\t%d\t%d\t%d\t1000000000\t1000\t1\t%d\t%d\n' \
			$saved $((10 * mib)) $resident "$4" $((saved + 10 * mib))
	} >"$dir/$name.tsv"
	tail -n 1 "$dir/$name.tsv" >"$dir/$name.end.tsv"
	jq -n "{pages: 25600, distinct: ($3 * 256), zero: 0, absent: 1,
		mapped_zero: 0}" >"$dir/$name.oracle"
	echo true >"$dir/$name.stable"
	echo 0 >"$dir/$name.bad"
	echo "\"boot $name\"" >"$dir/$name.boot"
}

echo '{"kernel": "x", "sharing": {"rate_max": 0}}' >"$dir/setup.json"

# 60 of 100 MiB saved; 12 bytes for each page used are 30 for each that is left
samples denseram 60 40 $((25600 * 12))
summarize
check "30 bytes for each resident page" '.metadata_bytes_per_page == 30'
check "12 for each page used" '.metadata_bytes_per_page_used == 12'
check "the goal is about resident pages" '.goals.metadata == false and
	.metadata_per_resident_page_met == false and
	.metadata_per_page_used_met'
check "that the two differ is said" '.metadata_note | test("differ")'
status=0
grep -q 'two verdicts differ' "$dir/text" || status=1
result $status "in the table, too"

samples denseram 10 90 $((25600 * 12))
samples ksm 10 90 0
summarize
check "less than 24 for each resident page meets it" '.goals.metadata'
check "nothing to say then" 'has("metadata_note") | not'
check "the knobs are in the result" '.sharing.rate_max == 0'
check "each part names its boot" '.denseram.boot_id == "boot denseram" and
	.ksm.boot_id == "boot ksm" and (.boot_ids | length) == 2'

finish
