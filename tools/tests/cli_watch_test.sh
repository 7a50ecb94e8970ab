#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# shellcheck disable=SC2016,SC2317 # jq has variables; check calls functions
#
# denseram(8) watch: what is changed while it watches is told, once.
set -euo pipefail

# shellcheck source=tools/tests/cli_lib.sh
. "$(dirname "$0")/cli_lib.sh"

begin()
{
	"$cli" watch "$@" >"$work/watch" &
	watcher=$!
	# It has looked once when it sleeps for news.
	sleep 1
}

# Sets its exit status: only its own shell can wait for it.
end()
{
	status=0
	kill -INT "$watcher"
	wait "$watcher" || status=$?
}

# until_told TEXT...: each is a line of what it has told, or becomes one
until_told()
{
	local deadline=$((SECONDS + 10)) text

	for text; do
		until grep -q -- "$text" "$work/watch"; do
			if ((SECONDS >= deadline)); then
				echo "no '$text' in:"
				cat "$work/watch"
				return 1
			fi
			sleep 0.1
		done
	done
}

told_once()
{
	equal "$(grep -c -- "$1" "$work/watch")" 1
}

begin
mkdir "$mount/cli_w"
truncate -s 64M "$mount/cli_w/ram0"
check "a guest came" until_told '^[0-9:.]* cli_w: came, '
"$cli" guest set cli_w min=1M limit=32M share=off
check "its limits" until_told 'cli_w: min 0 B -> 1 MiB$' \
	'cli_w: limit 0 B -> 32 MiB$' 'cli_w: target .* -> 32 MiB$'
check "whom it shares with" until_told 'cli_w: share domain -> off$'
"$cli" guest set cli_w balloon=8M
check "its balloon" until_told 'cli_w: balloon_wanted none -> 8 MiB$'
"$cli" set policy.enabled=off
check "the policy" until_told 'host: policy on -> off$'
"$cli" set policy.enabled=on
check "and back" until_told 'host: policy off -> on$'
rm "$mount/cli_w/ram0"
rmdir "$mount/cli_w"
check "it went" until_told 'cli_w: went$'
check "each once" told_once 'cli_w: came'
check "and once" told_once 'cli_w: limit'
end
check "ends when told to" equal "$status" 0

mkdir "$mount/cli_x" "$mount/cli_y"
truncate -s 64M "$mount/cli_x/ram0" "$mount/cli_y/ram0"
begin --json cli_x
"$cli" guest set cli_y shares=2000 limit=16M
"$cli" guest set cli_x limit=16M
check "as JSON" until_told '"what": "limit"'
check "an object a line" jq -e 'select(.what == "limit") | .schema == 1 and
	.guest == "cli_x" and .from == 0 and .to == 16777216 and
	(.time | test("^[0-9-]+T[0-9:.]+Z$"))' "$work/watch"
check "of the named guest alone" equal "$(jq -r .guest "$work/watch" | sort -u)" cli_x
end
check "ends" equal "$status" 0
check "ends by itself" timeout 20 "$cli" watch --secs 2
check "no such guest" fails 1 "no guest" watch cli_nobody
check "two guests" fails 2 "one guest" watch cli_x cli_y
check "seconds are a number" fails 2 "--secs" watch --secs x
finish
