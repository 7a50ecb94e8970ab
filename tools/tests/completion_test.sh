#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# What bash offers after the words of a denseram command line. TAP.
set -uo pipefail

top=$(realpath "$(dirname "${BASH_SOURCE[0]}")/../..")
nr=0 failed=0

# No readline here to take the hint.
compopt() { :; }

# shellcheck source=tools/completion/denseram.bash
. "$top/tools/completion/denseram.bash"
# In place of the guests of this host.
_denseram_guests() { echo vm1; }
# In place of the module.
denseram()
{
	case $* in
	'get --json')
		printf '      "name": "%s",\n' policy.tax policy.enabled swap.compressor ;;
	'get policy.enabled') printf 'is on\n  takes on or off\n' ;;
	'get swap.compressor') printf 'is lz4\n  takes lz4 or zstd\n' ;;
	'get policy.tax') printf 'is 75%%\n  takes 0%% to 99%%\n' ;;
	esac
}

# offers "WORDS" TYPED...: these after what is typed, the last word of which is
# being completed
offers()
{
	local want=$1

	shift
	COMP_WORDS=(denseram "$@") COMP_CWORD=$# COMPREPLY=()
	_denseram
	nr=$((nr + 1))
	if [[ ${COMPREPLY[*]} == "$want" ]]; then
		echo "ok $nr - completion: $* -> $want"
	else
		echo "# got: ${COMPREPLY[*]}"
		echo "not ok $nr - completion: $* -> $want"
		failed=1
	fi
}

offers "status" st
offers "trim" guest tr
offers "vm1" guest set ''
offers "shares= share=" guest set vm1 sh
offers "off guest domain all" guest set vm1 share =
offers "domain" guest set vm1 share = d
offers "on off" guest set vm1 share = off scan =
offers "" guest set vm1 min = 1
offers "min= max=" guest set vm1 share = off m
offers "balloon=" guest set vm1 b
offers "balloon" ba
offers "--json vm1" balloon ''
offers "balloon" help ba
offers "--sample" share tree --s
offers "tree" share ''
offers "get" guest g
offers "set" se
offers "policy.tax policy.enabled" get po
offers "policy.tax= policy.enabled=" set po
offers "on off" set policy.enabled = o
offers "lz4 zstd" set swap.compressor =
offers "" set policy.tax =
offers "--wipe" swap rm --w
offers "--prio" swap add --p
offers "pinned" guest get vm1 p
offers "--secs" watch --s
offers "vm1" watch v
offers "" watch --secs 1
offers "target" top --sort t
offers "--sort" top --s
offers "top" help to
offers "report" repo
offers "doctor" doc
offers "--root" doctor --r
offers "/usr" doctor --root /us
offers "explain exporter" ex
offers "--listen" exporter -
echo "1..$nr"
exit "$failed"
