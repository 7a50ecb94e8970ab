# shellcheck shell=bash disable=SC2154 # "measure" sets what is not set here
# SPDX-License-Identifier: GPL-2.0-only
# The rule that drives balloons of "stock", each ten seconds: what it decides is in
# tools/bench/policy/proxmox.jq. A daemon that runs all the time stays connected to
# its guests; so does this, with a socat for each of them, or its rounds would cost
# the host more than what they look at.

round_s=10
declare -A rule_to rule_from

# rule_meet NAME: connect
rule_meet()
{
	local pipe=$work/rule.$1 to from

	mkfifo "$pipe.to" "$pipe.from"
	# Both ends are open here: neither open nor write waits for the other side
	exec {to}<>"$pipe.to" {from}<>"$pipe.from"
	socat - "UNIX-CONNECT:$GUESTS/$1/rule.qmp" <"$pipe.to" >"$pipe.from" 2>/dev/null &
	rule_to[$1]=$to rule_from[$1]=$from
	rule_ask "$1" '{"execute":"qmp_capabilities"}' >/dev/null
}

# rule_ask NAME LINE: the answer; events come between
rule_ask()
{
	local line

	echo "$2" >&"${rule_to[$1]}"
	while read -r -t 2 line <&"${rule_from[$1]}"; do
		case $line in
		'{"return"'*|'{"error"'*) echo "$line"; return ;;
		esac
	done
	return 1
}

# rule_forget NAME
rule_forget()
{
	local to=${rule_to[$1]} from=${rule_from[$1]}

	exec {to}>&- {from}>&-
	unset "rule_to[$1]" "rule_from[$1]"
	rm -f "$work/rule.$1".{to,from}
}

# Who has come, and who has gone
rule_look()
{
	local path name

	for name in "${!rule_to[@]}"; do
		alive "$name" || rule_forget "$name"
	done
	for path in "$GUESTS"/*/rule.qmp; do
		name=${path%/rule.qmp} name=${name##*/}
		[ ! -S "$path" ] || [ -n "${rule_to[$name]:-}" ] || ! alive "$name" ||
			rule_meet "$name" || rule_forget "$name"
	done
}

# What the rule looks at: an object for each guest
rule_states()
{
	local name answer actual

	for name in "${!rule_to[@]}"; do
		answer=$(rule_ask "$name" '{"execute":"query-balloon"}') || continue
		actual=${answer##*\"actual\":} actual=${actual//[^0-9]/}
		[ -z "$actual" ] ||
			echo "{\"name\":\"$name\",\"size\":$((mem << 20)),\"min\":$((mem << 19)),\"shares\":1000,\"actual\":$actual}"
	done
}

rule_round()
{
	local host name target

	host="{\"total\":$(($(mem_total) << 20)),\"available\":$(($(available) << 20))}"
	rule_states >"$work/rule.states"
	[ -s "$work/rule.states" ] || return 0
	jq -s '[.[] | .size - .actual] | add' "$work/rule.states" >"$work/rule.new"
	mv "$work/rule.new" "$work/rule.taken"
	jq -s -c --argjson host "$host" '{$host, guests: .}' "$work/rule.states" |
		jq -r -f "$top/tools/bench/policy/proxmox.jq" >"$work/rule.targets"
	sed "s/^/$EPOCHSECONDS\t/" "$work/rule.targets" >>"$out/rule.tsv"
	while read -r name target; do
		rule_ask "$name" "{\"execute\":\"balloon\",\"arguments\":{\"value\":$target}}" \
			>/dev/null || :
	done <"$work/rule.targets"
}

# follow_rule: until killed. Rounds begin when they are due, however long one took
follow_rule()
{
	local next=$SECONDS

	set +e
	trap 'kill $(jobs -p) 2>/dev/null; exit 0' TERM
	while :; do
		rule_look
		rule_round
		next=$((next + round_s))
		[ $next -le $SECONDS ] || sleep $((next - SECONDS)) &
		wait $! || :
	done
}
