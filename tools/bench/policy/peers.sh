# shellcheck shell=bash disable=SC2154 # of "measure" and guests.sh
# SPDX-License-Identifier: GPL-2.0-only
# Two other rules drive the kernel's balloon by QMP: what they decide is in
# proxmox.jq and mom.jq, each a function of what their daemons look at. Both look every
# ten seconds.

round_s=10
balloon_path=/machine/peripheral/balloon

# ask NAME COMMAND [ARGUMENTS]: the answer
ask()
{
	"$guest" qmp "$@" | jq -c .return
}

# told NAME: statistics that the guest sends its VMM
told()
{
	ask "$1" qom-get "{\"path\":\"$balloon_path\",\"property\":\"guest-stats\"}"
}

let_tell()
{
	"$guest" qmp "$1" qom-set "{\"path\":\"$balloon_path\",
		\"property\":\"guest-stats-polling-interval\",\"value\":2}" >/dev/null
}

has_told()
{
	told "$1" | jq -e '.stats."stat-available-memory" | . > 0 and . < 1e18' \
		>/dev/null
}

# state_of NAME: what a rule looks at
state_of()
{
	local size min actual

	read -r size min _ <"$work/about.$1"
	actual=$(ask "$1" query-balloon | jq .actual)
	echo $((size * MIB - actual)) >"$work/balloon.$1"
	told "$1" | jq -c --argjson actual "$actual" "{name: \"$1\",
		size: ($size * $MIB), min: ($min * $MIB), shares: 1000, \$actual,
		available: .stats.\"stat-available-memory\"}"
}

# decide RULE: a line for each guest that is to change
decide()
{
	local host

	host="{\"total\": $(($(mem_total) * MIB)), \"available\": $(($(available) * MIB))}"
	{ state_of idle; state_of needy; } |
		jq -s -c --argjson host "$host" '{$host, guests: .}' |
		tee -a "$out/rounds.json" | jq -r -f "$here/$1.jq"
}

# follow RULE: until killed. Rounds begin when they are due, however long one took
follow()
{
	local name target next=$SECONDS

	while :; do
		decide "$1" | while read -r name target; do
			"$guest" qmp "$name" balloon "{\"value\":$target}" >/dev/null
		done || :
		next=$((next + round_s))
		[ $next -le $SECONDS ] || sleep $((next - SECONDS))
	done
}
