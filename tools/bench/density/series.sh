# shellcheck shell=bash disable=SC2154 # "measure" sets what is not set here
# SPDX-License-Identifier: GPL-2.0-only
# Which numbers of guests bench-density judges. What a guest is, and what it means to be
# good enough, is known elsewhere: up, point and forget_newest.

# is_judged NR FIRST: each of the numbers there are, or each so many of them
is_judged()
{
	[ "$1" -ge "$2" ] && { [ $((($1 - $2) % step)) -eq 0 ] || [ "$1" -eq "$max" ]; }
}

# grow MIX STACK FIRST: guests until it is too many; $good and $why tell how many were
# not, and what was wrong with one more
grow()
{
	local nr

	good=0
	for ((nr = 1; nr <= max; nr++)); do
		newest=$nr
		up "$1" "$2" "$nr" || return 0
		if ! is_judged "$nr" "$3"; then
			host_row "$1" "$2" 0 0
			continue
		fi
		point "$1" "$2" || return 0
		good=$nr why=max
		say "$1 on $2: $nr guests, the last one up in $booted s, $(available) MiB available"
	done
}

# shrink MIX STACK: from one that was too many to the number before it, or down to one
# that is good if those between were not judged. Not once the host has killed: then it
# is not known who is missing
shrink()
{
	local reason=$why

	while :; do
		forget_newest "$newest"
		newest=$((newest - 1))
		[ "$newest" -gt "$good" ] || break
		[ "$(oom_kills)" -eq "$kills" ] || break
		if point "$1" "$2"; then
			good=$newest
			break
		fi
		reason=$why
	done
	why=$reason
}
