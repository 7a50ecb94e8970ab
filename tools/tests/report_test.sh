#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# shellcheck disable=SC2317 # check calls functions
#
# denseram(8) report: a page that stands alone, from figures and recordings that were
# made up. Needs no module. TAP.
set -euo pipefail

# shellcheck source=tools/tests/cli_lib.sh
. "$(dirname "$0")/cli_lib.sh"
# shellcheck source=tools/tests/report_lib.sh
. "$(dirname "$0")/report_lib.sh"
page=$work/page.html

has()
{
	grep -qF -- "$1" "$page"
}

has_not()
{
	! grep -qE -- "$1" "$page"
}

count()
{
	[ "$(grep -oE -- "$1" "$page" | wc -l)" -eq "$2" ]
}

# All that is opened is closed
balanced()
{
	local tag

	for tag in html body section table tr td figure svg details h1 h2 h3; do
		[ "$(grep -oE "<${tag}[ >]" "$page" | wc -l)" -eq \
			"$(grep -oF "</$tag>" "$page" | wc -l)" ] || {
			echo "$tag"
			return 1
		}
	done
}

# refused STATUS TEXT ARGS...: and the page is as it was
refused()
{
	echo before >"$page"
	fails "$1" "$2" report -o "$page" "${@:3}" && [ "$(<"$page")" = before ]
}

mkdir "$work/bench" "$work/none"
for second in 0 1 2 3 4; do
	look $second vm1 $((40 + second))
done >"$work/record.jsonl"
cat >"$work/bench/result.json" <<'JSON'
{"bench": "made-up", "kernel": "6.12", "mixes": {"idle": {"guests": [1, 2]}},
 "nothing": null, "goals": {"fast": true, "small": false}}
JSON
printf '%s\t%s\t%s\n' mix plain stock '  guests' 1 2 '  <b>' - '&' kind "" "" '  x' 3 4 \
	>"$work/bench/table.tsv"
echo '{"command": "make bench-made-up", "cpus": 2}' >"$work/bench/machine.json"
echo '<svg xmlns="http://www.w3.org/2000/svg"/>' >"$work/bench/plot.svg"

check "a recording" "$cli" report -o "$page" "$work/record.jsonl"
check "has two charts" count '<svg ' 2
check "has a band for each part" count '<path class="c' 11
check "has a table at its best and at its end" count '<td>vm1</td>' 2
check "says how much more there is than memory" has "0.25 times its memory"
check "says where it was made" has '<td>node</td><td>host&lt;1&gt;</td>'
check "is closed" balanced
check "loads nothing" has_not '(src|href)="?http|@import|<script|<link'
check "a benchmark and a recording" "$cli" report "$work/bench" "$work/record.jsonl" \
	-o "$page"
check "has the figures" has '<td>mixes.idle.guests[1]</td><td>2</td>'
check "has what there is none of" has '<td>nothing</td><td>-</td>'
check "has what the benchmark showed" has \
	'<tr><td>guests</td><td>1</td><td>2</td></tr>'
check "as a table for each title" count '<tr><th>(mix|kind)</th>' 2
check "and nothing of it is markup" has '<td>&lt;b&gt;</td><td>-</td><td>&amp;</td>'
check "has the command" has '<td>command</td><td>make bench-made-up</td>'
check "has the goals" has '<td>small</td><td>not met</td>'
check "has the picture" has 'src="data:image/svg+xml;base64,PHN2Zy'
check "is closed, too" balanced
rm "$work/bench/machine.json" "$work/bench/table.tsv"
check "a benchmark of an older denseram" "$cli" report "$work/bench" -o "$page"
check "has what there is" has '<td>small</td><td>not met</td>'
look 5 '<b>&\"' 7 >>"$work/record.jsonl"
printf '{"schema":1,"time":"2026' >>"$work/record.jsonl"
check "a recording that was cut off" "$cli" report -o "$page" "$work/record.jsonl"
check "a name is no markup" has '<td>&lt;b&gt;&amp;&quot;</td>'
cp "$work/record.jsonl" "$work/bench/"
check "a directory with both" "$cli" report -o "$page" "$work/bench"
check "has both" count '<section>' 2

(look 0 a 1; look 1 a 1 | sed 's/"name":"a"/"name":null/; s/"rule":"shares"/"rule":[7]/') \
	>"$work/odd.jsonl"
check "a guest without a name" "$cli" report -o "$page" "$work/odd.jsonl"
(look 0 a 1; look 1 a 1 | sed 's/"time":[^,]*/"time":"2026-11-27T14:02:11.1e999Z"/' |
	sed 's/"resident":[^,]*/"resident":1e308/g; s/"size":[^,]*/"size":NaN/g') >"$work/odd.jsonl"
check "numbers that no machine has" "$cli" report -o "$page" "$work/odd.jsonl"
check "are not drawn" has_not '[ ML>]-?(nan|inf)'
(look 0 a 1; look 1 a 1 | sed 's/"time":[^,]*/"time":null/') >"$work/odd.jsonl"
check "no time" refused 1 "odd.jsonl: line 2" "$work/odd.jsonl"
(look 0 a 1; echo '{"schema":1}'; look 2 a 1) >"$work/bad.jsonl"
check "what is no recording" refused 1 "bad.jsonl: line 2" "$work/bad.jsonl"
look 0 a 1 >"$work/short.jsonl"
check "a recording of one look" refused 1 "two lines" "$work/short.jsonl"
check "an empty directory" refused 1 "neither" "$work/none"
check "no such file" refused 1 "No such file" "$work/nothing"
echo '[1, 2]' >"$work/none/result.json"
check "figures that are none" refused 1 "no figures" "$work/none"
check "nothing to report" refused 2 "needs a directory"
check "an option that is none" refused 2 "unknown option" --html "$work/bench"
finish
