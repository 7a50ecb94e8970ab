# shellcheck shell=bash disable=SC2034,SC2154 # variables are of those who source it, and theirs
# SPDX-License-Identifier: GPL-2.0-only
# What tests of a benchmark's figures have in common. To be sourced with $bench set,
# the benchmark's name; "finish" is the end.

top=$(realpath "$(dirname "${BASH_SOURCE[0]}")/../..")
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
nr=0 failed=0

# result STATUS WHAT
result()
{
	nr=$((nr + 1))
	if [ "$1" = 0 ]; then
		echo "ok $nr - bench-$bench: $2"
	else
		echo "not ok $nr - bench-$bench: $2"
		failed=1
	fi
}

# check WHAT FILTER: of the result
check()
{
	local status=0

	jq -e "$2" "$dir/result.json" >/dev/null || status=1
	[ $status = 0 ] || sed 's/^/# /' "$dir/result.json"
	result $status "$1"
}

summarize()
{
	"$top/tools/bench/$bench/summarize" "$dir" >"$dir/text"
}

check_output()
{
	local status=0

	tail -n 1 "$dir/text" | grep -q "^RESULT {\"bench\":\"$bench\"" &&
		[ -s "$dir/$bench.svg" ] || status=1
	result $status "one line of result, and a plot"
}

finish()
{
	echo "1..$nr"
	exit "$failed"
}
