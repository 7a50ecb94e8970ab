#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# shellcheck disable=SC2317 # check calls functions
#
# A report in a browser: it is drawn, in light and dark, and nothing is said on the
# console. Needs no module. TAP.
set -euo pipefail

# shellcheck source=tools/tests/cli_lib.sh
. "$(dirname "$0")/cli_lib.sh"
# shellcheck source=tools/tests/report_lib.sh
. "$(dirname "$0")/report_lib.sh"
picture=$top/tools/scripts/picture

# quiet NAME OPTIONS...: a picture of the report, and nothing on the console
quiet()
{
	equal "$("$picture" "${@:2}" "$work/report.html" "$work/$1.png")" ""
}

has_size()
{
	file "$work/$1" | grep -F "PNG image data, $2,"
}

# larger FILE TIMES FILE: what is drawn takes room, what is empty does not
larger()
{
	equal "$(($(stat -c %s "$work/$1") > $2 * $(stat -c %s "$work/$3")))" 1
}

differ()
{
	! cmp -s "$work/$1" "$work/$2"
}

console()
{
	"$picture" "$work/loud.html" "$work/loud.png" | grep -F "$1"
}

for second in 0 1 2 3 4 5 6 7; do
	look $second vm1 $((40 + second * second))
done >"$work/record.jsonl"
echo '<html><body></body></html>' >"$work/empty.html"
echo '<html><script>console.error("it is " + "heard")</script></html>' >"$work/loud.html"
"$cli" report -o "$work/report.html" "$work/record.jsonl"
"$picture" "$work/empty.html" "$work/empty.png"

check "what a page says is seen" console "it is heard"
check "a report says nothing" quiet light
check "is drawn as large as asked for" has_size light.png "1100 x 1700"
check "is drawn" larger light.png 4 empty.png
check "nor in the dark" quiet dark --dark
check "which is another picture" differ light.png dark.png
check "on a narrow screen" quiet narrow --size 400,900
check "as well" has_size narrow.png "400 x 900"
finish
