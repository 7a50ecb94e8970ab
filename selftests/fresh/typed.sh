# shellcheck shell=bash disable=SC2154
# SPDX-License-Identifier: GPL-2.0-only
# What a document tells its reader to type, and doing that. To be sourced.

# typed DOCUMENT LINE: the indented block that follows this line
typed()
{
	awk -v line="$2" '
		$0 == line { follows = 1; next }
		follows && /^    / { print substr($0, 5); inside = 1; next }
		inside && NF { exit }
		inside { print "" }' "$1"
}

# run_typed FILE: as root's shell would, each command in turn, until one fails. Nobody is
# there to say yes
run_typed()
{
	cat "$1"
	[[ -s $1 ]] || return 1
	{
		echo 'apt() { DEBIAN_FRONTEND=noninteractive apt-get -y -q "$@"; }'
		cat "$1"
	} >"$1.sh"
	bash -ex "$1.sh" </dev/null
}
