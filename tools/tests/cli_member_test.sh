#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# shellcheck disable=SC2317 # functions are called by check
#
# denseram(8) for one who may read the device but not write it, as members of its group
# do where the packages are: all is seen, nothing is changed. TAP output.
set -euo pipefail

# shellcheck source=tools/tests/cli_lib.sh
. "$(dirname "$0")/cli_lib.sh"
nobody=65534

member()
{
	setpriv --reuid "$nobody" --regid "$nobody" --clear-groups -- "$cli" "$@"
}

# sees FILTER ARGS...
sees()
{
	member "${@:2}" --json | jq -e "$1"
}

# is_refused ARGS...: and told what helps
is_refused()
{
	local status=0

	member "$@" 2>"$work/err" || status=$?
	echo "status $status: $(<"$work/err")"
	[[ $status == 1 ]] && grep -q "not permitted; run as root" "$work/err"
}

unchanged()
{
	equal "$(field cli_member limits)" "$before"
}

if ! command -v setpriv >/dev/null; then
	echo "1..0 # SKIP no setpriv"
	exit 0
fi
mkdir "$mount/cli_member"
truncate -s 16M "$mount/cli_member/ram0"
before=$(field cli_member limits)

chgrp "$nobody" /dev/denseram
chmod 0640 /dev/denseram
check "a member sees the host" sees .host status
check "and a guest" sees .guest.id guest show cli_member
for change in limit=1G balloon=1M share=off; do
	check "$change is refused" is_refused guest set cli_member "$change"
done
check "so is to trim" is_refused guest trim cli_member
check "nothing has changed" unchanged
chmod 0600 /dev/denseram
check "without the permission nothing is seen" is_refused status
chgrp 0 /dev/denseram
finish
