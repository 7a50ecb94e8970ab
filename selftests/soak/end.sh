# shellcheck shell=bash disable=SC2154,SC2317 # of "soak" and the tests' helpers
# SPDX-License-Identifier: GPL-2.0-only
# How a soak ends: guests check all, everything is given back, and what there is to say.
# To be sourced.

nobody_busy()
{
	! anybody_busy
}

# All but one stand still, so that it is soon through with its memory
end_guests()
{
	local g

	for g in "${guests[@]}"; do
		now_of "$g"
		"$cli" guest set "$now" limit=none balloon=0 max=size || :
		"$guest" qmp "$now" stop >/dev/null || :
	done
	for g in "${guests[@]}"; do
		now_of "$g"
		until_true 60 goes_on "$now" || :
		check "$g finds every byte right" well_ended "$g"
		"$guest" rm "$now"
	done
}

# goes_on NAME: a VMM may be slow to listen
goes_on()
{
	"$guest" qmp "$1" cont >/dev/null 2>&1 || :
	[ "$(status_of "$1")" = running ]
}

well_ended()
{
	full_check "$1"
	[ ! -e "$state/failed" ] || {
		cat "$state/failed"
		return 1
	}
	tail -n 1 "$GUESTS/$now/log"
}

unloads()
{
	umount "$MOUNT" && until_true 10 rmmod denseram
}

restore_host()
{
	local pid

	end_faults
	! read -r pid 2>/dev/null <"$state/daemon" || kill "$pid" 2>/dev/null || :
	rm -f "$state/daemon"
	swapoff "$host_swap" 2>/dev/null || :
}

tidy_up()
{
	local jobs

	mapfile -t jobs < <(jobs -p)
	kill "${jobs[@]}" 2>/dev/null || :
	restore_host
	remove_guests >/dev/null 2>&1 || :
	rm -rf "$state"
}

say_counts()
{
	local kind

	while read -r kind; do
		echo "# $kind: ${did[$kind]:-0} done, ${refused[$kind]:-0} refused," \
			"${met[$kind]:-0} met another${left_out[$kind]:+, left out}"
	done < <(awk '$1 == "do" { print $4 }' "$state/plan" | sort -u)
	echo "# guests lost to injected faults of a disk:" \
		"$(cat "$state"/lost.* 2>/dev/null | wc -l)"
}

# Where they outlive a lab host
keep_logs()
{
	local g now

	cp "$state"/{done,jobs.log,daemon.log} /out/ || :
	for g in "${guests[@]}"; do
		now_of "$g"
		cp "$GUESTS/$now/log" "/out/$now.log" || :
		cp "$GUESTS/$now/qemu.log" "/out/$now.qemu.log" || :
	done
}

# What there is to look at, when something was wrong
say_failure()
{
	[ -e "$state/failed" ] || return 0
	{
		echo "failed, $(head -n 1 "$state/plan" | sed 's/# //'):"
		cat "$state/failed"
		echo "at action $(tail -n 1 "$state/done" | cut -d ' ' -f 1), the last 20:"
		tail -n 20 "$state/done"
		echo "jobs said last:"
		tail -n 30 "$state/jobs.log"
	} 2>/dev/null | note
	[ ! -w /out ] || keep_logs
}

no_failure()
{
	[ ! -e "$state/failed" ] || {
		cat "$state/failed"
		return 1
	}
}

add_up_at_last()
{
	add_up && no_failure
}

# All is given back, and the module goes
end_host()
{
	local area

	remove_guests
	restore_host
	check "no process of the host was killed" is "$(oom_kills)" -eq "$kills_before"
	check "no swap area holds on to a page" remove_faulty
	for area in "$large_area" "$second_area"; do
		check "$area is removed" "$cli" swap rm "$area"
	done
	check "no guest is left" until_true 10 no_guests
	check "recount finds all totals right" recount_ok
	check "all memory is back" until_true 30 memory_is_back
	check "the module unloads" unloads
	echo "1..$tests"
	[ "$failures" -eq 0 ]
}
