# shellcheck shell=bash disable=SC2034,SC2154
# SPDX-License-Identifier: GPL-2.0-only
#
# hostcommand.sh - the command that a lab host is booted for: what is wanted of
# it, where its output goes, and how it ended. In /ctl, which the machine that
# boots the lab host shares with it:
#   command, config   what to run, and modules=0|1 leaks=0|1 tty=0|1 env_*=...
#   status, problems  its exit status, and what that does not tell

modules=0 leaks=0 tty=0 term=dumb rows=24 columns=80

note() {
	echo "lab: $*" >/dev/kmsg
}

# problem LINE - something the command's own status does not tell.
problem() {
	note "$*"
	echo "$*" >>/ctl/problems
}

# Settings, and the port to which output goes.
command_config() {
	local name
	# shellcheck disable=SC1091
	. /ctl/config
	port=1
	[ "$tty" = 0 ] || return 0
	for name in /sys/class/virtio-ports/*/name; do
		[ "$(cat "$name")" != lab.out ] || exec {port}>"/dev/$(basename "$(dirname "$name")")"
	done
}

command_run() {
	local command status=0
	mapfile -d '' command </ctl/command
	cd /src || return 1
	if [ "$tty" = 1 ]; then
		export TERM=$term
		# shellcheck disable=SC2016
		setsid -c -w bash -c 'stty rows "$1" cols "$2"; shift 2; exec "$@"' \
			shell "$rows" "$columns" "${command[@]}" \
			</dev/hvc0 >/dev/hvc0 2>&1 || status=$?
	else
		setsid -w "${command[@]}" </dev/null >&"$port" 2>&1 || status=$?
	fi
	return "$status"
}

# command_report STATUS - with all that the kernel said.
command_report() {
	dmesg >/out/dmesg.txt
	echo "$1" >/ctl/status.tmp
	mv /ctl/status.tmp /ctl/status
	sync
}
