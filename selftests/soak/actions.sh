# shellcheck shell=bash disable=SC2154,SC2034 # of "soak" and the tests' helpers
# SPDX-License-Identifier: GPL-2.0-only
# What a soak does, an action a function: act_KIND WORD... as in the plan. 0: it is done,
# or begun; 1: it was refused, as it may be; 2: it does not apply, for somebody is at it
# already. To be sourced.

# aside MARK COMMAND...: in the background, for what takes long. $state/MARK is there
# until it has ended
aside()
{
	local mark=$state/$1

	[ ! -e "$mark" ] || return 2
	: >"$mark"
	{
		"${@:2}" || :
		rm -f "$mark"
	} >>"$state/jobs.log" 2>&1 3<&- &
}

# aside_alone GUEST COMMAND...: nothing else of this sort is done with it meanwhile
aside_alone()
{
	[ ! -e "$state/parked.$1" ] || [ "$2" = kill_guest ] || return 2
	aside "busy.$1" "${@:2}"
}

# without KIND WHY: it is left out here
without()
{
	left_out[$1]=$2
	echo "# $1 is left out: $2"
}

quietly()
{
	"$@" >/dev/null 2>>"$state/jobs.log" || return 1
}

# on GUEST COMMAND WORD...: with its present name after the first word
set_of()
{
	local now

	now_of "$1"
	quietly "$cli" guest set "$now" "$2"
}

tell()
{
	local now

	[ ! -e "$state/busy.$1" ] || return 2
	now_of "$1"
	quietly timeout 5 "$guest" tell "$now" "$2" "$3"
}

# to_debugfs FILE GUEST
to_debugfs()
{
	local now

	now_of "$2"
	echo "$now" 2>/dev/null >"$DEBUGFS/$1" || return 1
}

act_burst() { tell "$1" burst "$2"; }
act_ws() { tell "$1" ws "$2"; }
act_balloon() { set_of "$1" "balloon=$2"; }
act_limit() { set_of "$1" "limit=$2"; }
act_max() { set_of "$1" "max=$2"; }
act_min() { : >"$state/owed.$1"; set_of "$1" "min=$2"; }
act_shares() { set_of "$1" "shares=$2"; }
act_share() { set_of "$1" "share=$2"; }
act_scan() { set_of "$1" "scan=$2"; }
act_park() { [ ! -e "$state/busy.$1" ] || return 2; aside "parked.$1" park_guest "$@"; }
act_pause() { aside_alone "$1" pause_guest "$@"; }
act_kill() { aside_alone "$1" kill_guest "$@"; }
act_check() { aside_alone "$1" check_guest "$1"; }
act_migrate() { aside_alone "$1" migrate_guest "$1"; }
act_collapse() { to_debugfs collapse "$1"; }
act_evacuate() { to_debugfs evacuate "$1"; }
act_swap() { aside busy.swap renew_area "$1"; }
act_pool() { quietly "$cli" set "swap.pool_limit=$1"; }
act_compressor() { quietly "$cli" set "swap.compressor=$1"; }
act_tax() { quietly "$cli" set "policy.tax=$1%"; }
act_sharing() { quietly "$cli" set "sharing.enabled=$1"; }
act_policy() { quietly "$cli" set "policy.enabled=$1"; }
act_daemon() { aside busy.daemon renew_daemon "$1"; }
act_hog() { aside busy.hog hog "$@"; }
act_io_fault() { aside busy.io_fault io_fault "$@"; }
act_alloc_fault() { aside busy.alloc_fault alloc_fault "$@"; }
act_add_up() { add_up; }

act_trim()
{
	local now

	[ ! -e "$state/busy.$1" ] || return 2
	now_of "$1"
	quietly timeout $((60 * slow)) "$cli" guest trim --zero --blocks "$now"
}

# ---- what they need

# A second area is taken away, if its pages have room elsewhere, and comes back
renew_area()
{
	timeout $((120 * slow)) "$cli" swap rm "$second_area" || return 0
	sleep "$1"
	"$cli" swap add --force "$second_area" || fail "$second_area is not added again"
}

start_daemon()
{
	"$TOP/build/tools/denseramd" -c "$state/conf" >>"$state/daemon.log" 2>&1 3<&- &
	echo $! >"$state/daemon"
}

renew_daemon()
{
	local pid

	read -r pid <"$state/daemon"
	kill -KILL "$pid" || fail "denseramd has ended by itself"
	sleep "$1"
	start_daemon
	# What it knew of balloons comes again
	sleep 5
}

# hog MIB SECONDS: a program takes memory of the host. It is the first that the host
# would kill, which must not come to pass
hog()
{
	local pid

	echo 1000 >"/proc/$BASHPID/oom_score_adj"
	"$state/soak_hog" $(($1 * 1024)) &
	pid=$!
	sleep "$2"
	kill "$pid"
}
