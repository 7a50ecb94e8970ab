# shellcheck shell=bash disable=SC2154 # of "soak" and the tests' helpers
# SPDX-License-Identifier: GPL-2.0-only
# The guests of a soak. Each is known by the name in the plan; the VMM and the directory
# that it is in at present have another one after each migration. To be sourced.
#
# In $state, a file for each fact that jobs in the background share:
#   now.G      its present name
#   busy.G     somebody starts, ends, stops or moves it: it may be anything
#   parked.G   it is being parked or woken
#   owed.G     it was not yet seen with its min since that was set, or it was parked
#   lost.G     how often it was lost to a disk

# now_of GUEST: in $now
now_of()
{
	read -r now <"$state/now.$1"
}

other_name()
{
	case $1 in
	*-b)	echo "${1%-b}" ;;
	*)	echo "$1-b" ;;
	esac
}

# The disk of a guest whose mode uses one: known bytes, as it expects them at its start
disk_of()
{
	case ${guest_words[$1]} in
	*dr.mode=file*)		echo "$file_disk" ;;
	*dr.mode=reread*)	echo "$reread_disk" ;;
	esac
}

make_disk()
{
	[ -z "$1" ] || "$TOP/build/guest/workload" --mkdisk "$1" \
		$(($(blockdev --getsize64 "$1") >> 20)) 9
}

# launch_guest GUEST NAME WORD...: its VMM, with more words for QEMU
launch_guest()
{
	local g=$1 name=$2 disk args=() vmm=()
	local words="${guest_words[$1]} dr.secs=0 rcupdate.rcu_cpu_stall_suppress=1"
	local balloon=deflate-on-oom=on,free-page-reporting=on

	shift 2
	disk=$(disk_of "$g")
	[ -z "$disk" ] || args+=(--disk "$disk")
	case ${guest_driver[$g]} in
	virtio_balloon)	args+=(--balloon "$balloon") ;;
	denseram_balloon)
		words+=" dr.load=denseram_balloon"
		vmm+=(-device "virtio-balloon-pci,id=balloon,$balloon") ;;
	esac
	nice -n 20 "$TOP/selftests/guest/launch" --name "$name" --mem "${guest_mib[$g]}M" \
		"${args[@]}" --append "$words" -- \
		-qmp "unix:$GUESTS/$name/daemon.qmp,server=on,wait=off" "${vmm[@]}" "$@"
}

# start_guest GUEST: afresh
start_guest()
{
	now_of "$1"
	make_disk "$(disk_of "$1")"
	launch_guest "$1" "$now"
}

# ---- what has become of one

is_running()
{
	local pid line

	read -r pid 2>/dev/null <"$GUESTS/$1/pid" && [ -d "/proc/$pid" ] || return 1
	while read -r line; do
		[[ $line != State:* ]] || break
	done <"/proc/$pid/status" || return 1
	[[ $line != State:*Z* ]]
}

# status_of NAME: what its VMM says; a VMM whose guest met a lost page says internal-error
status_of()
{
	is_running "$1" || {
		echo gone
		return
	}
	"$guest" qmp "$1" query-status 2>/dev/null | jq -r .return.status || echo silent
}

count_of()
{
	local value

	value=$(cat "$SYSFS/guests/$1/stat/$2" 2>/dev/null) || value=0
	echo "$value"
}

# Has a fault that was injected cost it a page, and did it meet that? Only then a guest
# may die. Its bytes may not be wrong even so
is_lost()
{
	[ -e "$state/io_faults" ] && [ "$(count_of "$1" fault_sigbus)" -gt 0 ] &&
		[ $(($(count_of "$1" swap_error) + $(count_of "$1" swap_damaged))) -gt 0 ]
}

# No guest that has found a wrong byte, or said that it failed, ends unseen
no_bad_bytes()
{
	local found

	found=$(grep -aoE '^@dr \{.*("bad":[1-9]|"bad_page"|"error":).*' "$@" 2>/dev/null) ||
		return 0
	fail "wrong bytes: $(head -n 3 <<<"$found")"
	return 1
}

# judge GUEST: it does not run, and nobody has stopped it
judge()
{
	local status

	now_of "$1"
	status=$(status_of "$now")
	[ "$status" != running ] && [ "$status" != silent ] || return 0
	no_bad_bytes "$GUESTS/$now/log" || return 1
	is_lost "$now" || {
		fail "$1 ($now) is $status: sigbus $(count_of "$now" fault_sigbus)," \
			"errors $(count_of "$now" swap_error)," \
			"damaged $(count_of "$now" swap_damaged)"
		return 1
	}
	echo lost >>"$state/lost.$1"
	say_now "$1 was lost to the disk, as it may be ($status); it starts anew"
	aside "busy.$1" renew "$1" 0
}

# renew GUEST SECONDS: in a new file, after some time in which there is none
renew()
{
	now_of "$1"
	"$guest" rm "$now"
	sleep "$2"
	start_guest "$1"
}

# ---- what is done with one, in the background

kill_guest()
{
	now_of "$1"
	"$guest" kill "$now"
	no_bad_bytes "$GUESTS/$now/log"
	if [ "$2" = fresh ]; then
		renew "$1" "$3"
	else
		sleep "$3"
		start_guest "$1"
	fi
}

# say_minutely NAME: of a guest that takes long, what it and the host are at
say_minutely()
{
	local value

	[ $((SECONDS - said)) -ge 60 ] || return 0
	said=$SECONDS
	value "$SYSFS/guests/$1/resident" || return 0
	say_now "$1 is $(status_of "$1"), $((value >> 20)) MiB resident," \
		"$(count_of "$1" fault) faults; $(progress)" >&5
}

# ended NAME: it has said its last word, or will say no more
ended()
{
	say_minutely "$1"
	grep -aq '"final":true' "$GUESTS/$1/log" && return
	case $(status_of "$1") in
	running|silent|paused)	return 1 ;;
	esac
}

# full_check GUEST: it checks all of its memory, and ends
full_check()
{
	now_of "$1"
	"$guest" stop "$now" || :
	until_true "$patience" ended "$now" || {
		fail "$1 ($now) does not end: $(status_of "$now")"
		return
	}
	no_bad_bytes "$GUESTS/$now/log" || return
	grep -aq '"final":true' "$GUESTS/$now/log" || judge_end "$1"
}

# judge_end GUEST: it should have said a last word
judge_end()
{
	if is_lost "$now"; then
		echo lost >>"$state/lost.$1"
		say_now "$1 was lost to the disk, as it may be"
	else
		fail "$1 ($now) ended without a result: $(status_of "$now")"
	fi
}

check_guest()
{
	full_check "$1"
	[ -e "$state/failed" ] || renew "$1" 0
}

pause_guest()
{
	now_of "$1"
	"$guest" qmp "$now" stop >/dev/null || return 0
	sleep "$2"
	"$guest" qmp "$now" cont >/dev/null || :
}

# Its settings go with it. It runs in one of both places, whatever comes of that
migrate_guest()
{
	local target there

	now_of "$1"
	target=$(other_name "$now")
	there=$GUESTS/$target/incoming
	launch_guest "$1" "$target" -incoming "unix:$there"
	# shellcheck disable=SC2046 # words
	"$cli" guest set "$target" $("$cli" guest get "$now" | grep -v '^balloon') || :
	"$guest" qmp "$now" migrate-set-parameters \
		'{"max-bandwidth":1073741824,"downtime-limit":20000}' >/dev/null
	"$guest" qmp "$now" migrate "{\"uri\":\"unix:$there\"}" >/dev/null
	until_true 180 migrated "$now" || :
	if [ "$(migration "$now")" = completed ]; then
		no_bad_bytes "$GUESTS/$now/log" || return
		: >"$state/owed.$1"
		echo "$target" >"$state/now.$1"
		"$guest" rm "$now"
	else
		say_now "$1 stays where it is: migration $(migration "$now")"
		"$guest" qmp "$now" migrate_cancel >/dev/null || :
		"$guest" rm "$target"
	fi
}

migration()
{
	"$guest" qmp "$1" query-migrate 2>/dev/null | jq -r .return.status || echo gone
}

migrated()
{
	case $(migration "$1") in
	completed|failed|gone|cancelled)	return 0 ;;
	esac
	return 1
}

park_guest()
{
	now_of "$1"
	: >"$state/owed.$1"
	timeout $((90 * slow)) "$cli" guest park "$now" >/dev/null 2>&1 || :
	sleep "$2"
	timeout $((90 * slow)) "$cli" guest wake "$now" >/dev/null 2>&1 || :
	: >"$state/owed.$1"
}
