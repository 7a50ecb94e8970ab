# shellcheck shell=bash disable=SC2034,SC2154
# SPDX-License-Identifier: GPL-2.0-only
# A daemon between a module and a libvirt that only pretend. To be sourced after
# denseramd_lib.sh.

built=${O:-$top/build/tools}/tests
daemon=$built/denseramd_fake
fake=$built/fake_vmm
mkdir -p "$work"/{module,pids} "$work"/virt/{domains,actual,asked,events}
mkfifo "$work/module/notices"
exec 9<>"$work/module/notices"	# it takes notices while there is no daemon
export FAKE_MODULE=$work/module FAKE_VIRT=$work/virt
export LD_LIBRARY_PATH=$built/fake_virt
export NOTIFY_SOCKET=$work/notify.sock WATCHDOG_USEC=1000000

# settings LINE...: beside the usual ones
settings()
{
	printf '%s\n' "qmp = $work/*.qmp" "libvirt-pids = $work/pids" \
		"timeout = 2" "libvirt = qemu:///system" "$@" >"$work/conf"
}

mode()
{
	echo "$1" >"$FAKE_VIRT/mode"
}

# domain NAME HOW [PID]: it runs, and does so
domain()
{
	echo "$2" >"$work/how"
	mv "$work/how" "$FAKE_VIRT/domains/$1"
	[[ -z ${3:-} ]] || echo "$3" >"$work/pids/$1.pid"
}

# event NAME EVENT JSON
event()
{
	echo "$2 $3" >"$work/event"
	mv "$work/event" "$FAKE_VIRT/events/$1"
}

# guests "ID NAME PID"...
guests()
{
	printf '%s\n' "$@" >"$work/guests"
	mv "$work/guests" "$FAKE_MODULE/guests"
	notice 0 0
}

# notice ID KIND: as the module raises it
notice()
{
	local bytes

	printf -v bytes '\\0\\0\\0\\0\\0\\0\\0\\0\\x%x\\0\\0\\0\\0\\0\\0\\0\\x%x\\0\\0\\0\\0\\0\\0\\0' \
		"$1" "$2"
	# shellcheck disable=SC2059 # a text of zeros cannot be an argument
	printf "$bytes" >&9
}

asks=0

# want ID MIB: of its balloon
want()
{
	asks=$((asks + 1))
	echo "$(($2 * mib)) $asks" >"$work/want"
	mv "$work/want" "$FAKE_MODULE/wanted.$1"
	notice "$1" 1
}

# told ID WORD: the module was told so of it
told()
{
	cat "$FAKE_MODULE/state.$1"
	grep -qw -- "$2" "$FAKE_MODULE/state.$1"
}

# holds ID MIB: its balloon has that size, as the module knows it
holds()
{
	told "$1" "actual=$(($2 * mib))"
}

# at_once COMMAND...: true within a second
at_once()
{
	local i

	for ((i = 0; i < 50; i++)); do
		! "$@" || return 0
		sleep 0.02
	done
	return 1
}

bridge()
{
	pgrep -P "$pid" denseramd-virt
}

threads()
{
	find "/proc/$(bridge)/task" -mindepth 1 -maxdepth 1 | wc -l
}

is_gone()
{
	! kill -0 "$1" 2>/dev/null
}

says()
{
	grep -q -- "$1" "$work/log"
}

# took_less_than MICROSECONDS: the last request, from the notice to the VMM
took_less_than()
{
	local took

	took=$(grep -a 'the last took' "$work/notify" | tail -n 1 |
		sed -n 's/.*the last took \([0-9]*\) us.*/\1/p')
	echo "$took us"
	[[ -n $took && $took -lt $1 ]]
}

restart()
{
	stop
	: >"$work/log"
	start
	soon is_ready
}

equal_or_more()
{
	echo "$2 of $1"
	[[ $2 -ge $1 ]]
}
