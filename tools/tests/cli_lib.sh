# shellcheck shell=bash disable=SC2034
# SPDX-License-Identifier: GPL-2.0-only
# What the tests of denseram(8) share. They run as root in a host with the
# module loaded and the file system at /run/denseram, and print TAP.

top=$(realpath "$(dirname "${BASH_SOURCE[0]}")/../..")
cli=${DENSERAM:-$top/build/tools/denseram}
mount=/run/denseram
sysfs=/sys/kernel/denseram
work=$(mktemp -d)
nr=0
failed=0
trap cleanup EXIT

cleanup()
{
	rm -f "$mount"/cli_*/ram* "$mount"/cli_file
	rmdir "$mount"/cli_* 2>/dev/null || true
	rm -rf "$work"
}

# check WHAT COMMAND...
check()
{
	local what=$1 out

	shift
	nr=$((nr + 1))
	if out=$("$@" 2>&1); then
		echo "ok $nr - $what"
	else
		failed=1
		echo "not ok $nr - $what"
		echo "$* -> $out" | sed 's/^/# /'
	fi
}

skip()
{
	nr=$((nr + 1))
	echo "ok $nr - $1 # SKIP $2"
}

# fails STATUS TEXT ARGS...: exit status, one line on stderr with TEXT, and
# nothing on stdout
fails()
{
	local expected=$1 text=$2 status=0

	shift 2
	"$cli" "$@" >"$work/out" 2>"$work/err" || status=$?
	echo "status $status: $(<"$work/err")"
	[[ $status == "$expected" && ! -s $work/out ]] &&
		[[ $(wc -l <"$work/err") == 1 ]] &&
		grep -qF -- "$text" "$work/err"
}

json()
{
	"$cli" "$@" --json | jq -e .
}

# field GUEST JQ: from guest show
field()
{
	"$cli" guest show --json "$1" | jq -r ".guest.$2"
}

equal()
{
	echo "'$1' and '$2'"
	[[ $1 == "$2" ]]
}

not()
{
	! "$@"
}

# patiently SECONDS COMMAND...: true within so many
patiently()
{
	local deadline=$((SECONDS + $1))

	shift
	until "$@"; do
		[[ $SECONDS -lt $deadline ]] || return 1
		sleep 0.1
	done
}

soon()
{
	patiently 20 "$@"
}

# squeezed GUEST: some of it is on disk within half a minute
squeezed()
{
	patiently 30 on_disk "$1"
}

on_disk()
{
	[[ $(field "$1" swap.disk) -ge 1048576 ]]
}

finish()
{
	echo "1..$nr"
	exit "$failed"
}
