# shellcheck shell=bash disable=SC2154 # of "soak" and the tests' helpers
# SPDX-License-Identifier: GPL-2.0-only
# What must hold at any time of a soak, and what when all stand still. Looks are many,
# on a slow host: they start few processes. To be sourced.

# fail TEXT...: the first failure ends the soak; jobs in the background find them too
fail()
{
	(set -o noclobber && echo "$*" >"$state/failed") 2>/dev/null ||
		say_now "and besides: $*"
	return 0
}

# value FILE: in $value; fails when there is none, for guests come and go
value()
{
	read -r value 2>/dev/null <"$1"
}

# Processes that the kernel of the host has killed for want of memory
look_for_kills()
{
	local key kills

	while read -r key kills && [ "$key" != oom_kill ]; do
		:
	done </proc/vmstat
	[ "$kills" = "$kills_before" ] ||
		fail "the host killed $((kills - kills_before)) processes for want of memory"
}

# What is left of a guest's size when its balloon and what is paged out are taken off
left_of()
{
	local dir=$SYSFS/guests/$1 value size gone

	value "$dir/size" && size=$value && value "$dir/swapped" && gone=$((value * 4096)) &&
		value "$dir/balloon/actual" && left=$((size - gone - value)) &&
		value "$dir/min" && min=$value
}

# look_at_min GUEST: once it has had its min, nobody may take that, but who parks it. How
# large a balloon is comes late, by the daemon: what seems to be too little is looked at
# again
look_at_min()
{
	local left min turn

	[ ! -e "$state/parked.$1" ] && [ ! -e "$state/busy.daemon" ] || return 0
	for turn in 1 2 3; do
		left_of "$now" || return 0
		if [ "$left" -ge "$min" ]; then
			rm -f "$state/owed.$1"
			return 0
		fi
		[ ! -e "$state/owed.$1" ] && [ ! -e "$state/busy.$1" ] || return 0
		sleep $turn
	done
	fail "$1 ($now) has $((left >> 20)) MiB of its min of $((min >> 20))"
}

# look_at GUEST: it runs, unless somebody is at it
look_at()
{
	local now value

	[ ! -e "$state/busy.$1" ] || return 0
	now_of "$1"
	logs+=("$GUESTS/$now/log")
	if ! is_running "$now"; then
		# Who has just begun with it says so first
		[ -e "$state/busy.$1" ] || judge "$1"
		return
	fi
	value "$SYSFS/guests/$now/run_state" || return 0
	case $value in
	paused|shutdown)	[ -e "$state/busy.$1" ] || judge "$1" ;;
	esac
	look_at_min "$1"
}

# look: at everything that must hold at any time
look()
{
	local g logs=()

	for g in "${guests[@]}"; do
		look_at "$g"
	done
	[ ${#logs[@]} -eq 0 ] || no_bad_bytes "${logs[@]}"
	look_for_kills
	looks=$((looks + 1))
	[ $((looks % 16)) -ne 0 ] || look_at_kernel
	[ ! -e "$state/failed" ]
}

# What a healthy kernel never says
look_at_kernel()
{
	local text

	dmesg >"$state/dmesg"
	text=$("$TOP/selftests/lab/dmesg-check" "$state/dmesg") || fail "$text"
	until_true 20 recount_ok >"$state/recount" || fail "recount: $(<"$state/recount")"
}

# ---- when all stand still

# adds_up TOTAL FILE [BYTES]: the guests' FILE in sysfs, of so many bytes each, add up to
# the host's
adds_up()
{
	local sum=0 file value

	for file in "$SYSFS"/guests/*/"$2"; do
		value "$file" && sum=$((sum + value * ${3:-1}))
	done
	value "$SYSFS/$1"
	[ "$sum" = "$value" ] || {
		echo "$2 of all guests is $sum, of the host $value"
		return 1
	}
}

# Each byte of a guest's size is in one place at most, and resident is blocks and pages
places_fit()
{
	local dir text

	for dir in "$SYSFS"/guests/*/; do
		text=$(cd "$dir" && paste -d ' ' size resident blocks pages shared swapped)
		awk -v "name=$dir" '$2 != $3 * 2097152 + $4 * 4096 ||
			$2 + ($5 + $6) * 4096 > $1 {
			print name ": size, resident, blocks, pages, shared, swapped: " $0
			exit 1 }' <<<"$text" || return 1
	done
}

# Events of those that are gone are in the host's, which has no fewer therefore
events_fit()
{
	local event file sum value

	for event in "$SYSFS"/stat/*; do
		sum=0
		for file in "$SYSFS"/guests/*/stat/"${event##*/}"; do
			value "$file" && sum=$((sum + value))
		done
		value "$event"
		[ "$value" -ge "$sum" ] || {
			echo "${event##*/}: $sum of guests, $value of the host"
			return 1
		}
	done
}

all_add_up()
{
	adds_up sharing/shared shared 4096 && adds_up swap/same swap/same &&
		adds_up swap/pool swap/pool && adds_up swap/disk swap/disk &&
		adds_up swap/clean swap/clean && places_fit && events_fit && recount_ok
}

anybody_busy()
{
	compgen -G "$state/busy.*" >/dev/null || compgen -G "$state/parked.*" >/dev/null
}

# The guests stand still, and so do those who would take pages from them. What the pager
# has begun it may end
add_up()
{
	local g now text knobs

	! anybody_busy || return 2
	"$cli" get --bare sharing.enabled policy.enabled wss.enabled >"$state/knobs"
	"$cli" set sharing.enabled=off policy.enabled=off wss.enabled=off
	for g in "${guests[@]}"; do
		now_of "$g"
		"$guest" qmp "$now" stop >/dev/null || :
	done
	until_true 60 all_add_up >"$state/sums" || {
		text=$(tail -n 1 "$state/sums")
		fail "counters: $text"
	}
	for g in "${guests[@]}"; do
		now_of "$g"
		"$guest" qmp "$now" cont >/dev/null || :
	done
	mapfile -t knobs <"$state/knobs"
	"$cli" set "sharing.enabled=${knobs[0]}" "policy.enabled=${knobs[1]}" \
		"wss.enabled=${knobs[2]}"
}
