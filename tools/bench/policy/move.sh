# shellcheck shell=bash disable=SC2154 # of "measure", guests.sh and peers.sh
# SPDX-License-Identifier: GPL-2.0-only
# A quarter of the memory that there is for guests moves from one that has used it
# all, and is idle, to one that is in need.
#
# Each rule meets the host as full as it keeps it: 80 % used, the two others' goal,
# or just above denseram's level soft. There is no swap: the rules alone move memory.
# The one in need takes what the host has left, and would take more than that: under
# the other two it is stopped while the host has nearly nothing, for these do not see
# it in time.

host_stop=6 host_go=8	# percent of the host that are left
move_most=300		# seconds

# brim RULE: MiB that it leaves free in a host that is full
brim()
{
	case $1 in
	denseram)	echo $(($(mem_total) * 8 / 100)) ;;
	*)		echo $(($(mem_total) * 20 / 100)) ;;
	esac
}

# spare_host: the needy guest waits while there is nothing to have
spare_host()
{
	local left=$(($(available) * 100 / $(mem_total)))

	if [ "$stopped" = no ] && [ $left -lt $host_stop ]; then
		"$guest" qmp needy stop >/dev/null
		stopped=yes
	elif [ "$stopped" = yes ] && [ $left -ge $host_go ]; then
		"$guest" qmp needy cont >/dev/null
		stopped=no
	fi
}

# Bytes that one has less, and the other has more
moved()
{
	local lost got

	lost=$((idle_had - $(resident idle)))
	got=$(($(resident needy) - needy_had))
	echo $((lost < got ? lost : got))
}

# Bytes that it has more, where nobody need lose them
taken()
{
	echo $(($(resident needy) - needy_had))
}

# until_moved RULE MIB: sets when it began, and the seconds that took, or null; $gauge
# says how far it is
until_moved()
{
	local stopped=no end=$((SECONDS + move_most)) now needy_pid

	needy_pid=$("$guest" pid needy)
	begun=$EPOCHREALTIME seconds=null
	work needy "mode=fill mem=$(($2 * 6 / 5))"
	while now=$($gauge) && [ "$now" -lt $(($2 * MIB)) ]; do
		[ $SECONDS -lt $end ] && [ -d "/proc/$needy_pid" ] || return 0
		[ "$1" = denseram ] || spare_host
		sleep 0.2
	done
	seconds=$(since "$begun")
}

ready_denseram()
{
	until_true 120 is_idle idle $(($1 / 2)) || say "the idle guest is not seen as idle"
	leave_host "$(brim denseram)"
	sleep 3
}

# ready_peer RULE: it has looked at the host, and found nothing to do
ready_peer()
{
	local name

	for name in idle needy; do
		let_tell $name
		until_true 30 has_told $name
	done
	leave_host "$(brim "$1")"
	follow "$1" 2>"$out/$1.log" &
	rule=$!
	sleep $((round_s + round_s / 2))
}

# move RULE: for_guests is what there is for guests, in MiB
move()
{
	local size=$((for_guests * 7 / 10 & ~1)) amount=$((for_guests / 4))
	local back=denseram gauge=moved idle_had needy_had begun seconds rule=''

	[ "$1" = denseram ] || back=memfd
	echo "move_$1" >"$work/part"
	up idle $back $size $((for_guests / 8))
	up needy $back $size $((for_guests / 8))
	touch_once idle $((size - 256))
	if [ "$1" = denseram ]; then ready_denseram $size; else ready_peer "$1"; fi
	idle_had=$(resident idle) needy_had=$(resident needy)
	say "$1: idle $((idle_had / MIB)), needy $((needy_had / MIB)), free $(available) MiB"
	until_moved "$1" $amount
	[ -z "$rule" ] || { kill "$rule"; wait "$rule" 2>/dev/null || :; }
	jq -nc "{what: \"move\", rule: \"$1\", begun: $begun,
		seconds: $seconds, mib: $amount,
		size_mib: $size, idle_had: $idle_had, needy_had: $needy_had,
		idle_has: $(resident idle), needy_has: $(resident needy),
		balloon: $(balloon_of idle), swapped: $(swapped_of idle)}" |
		tee -a "$out/samples.json"
	down idle
	down needy
	free_host
}

# As long as the same need takes where all of it is free: no rule can be faster
move_free()
{
	local size=$((for_guests * 7 / 10 & ~1)) amount=$((for_guests / 4))
	local gauge=taken needy_had begun seconds

	echo move_free >"$work/part"
	up needy denseram $size $((for_guests / 8))
	needy_had=$(resident needy)
	until_moved denseram $amount
	jq -nc "{what: \"move\", rule: \"free\", begun: $begun,
		seconds: $seconds, mib: $amount, size_mib: $size,
		needy_had: $needy_had, needy_has: $(resident needy)}" |
		tee -a "$out/samples.json"
	down needy
}
