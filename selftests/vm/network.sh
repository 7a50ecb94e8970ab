#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# vhost-vsock and vhost-net (with zero copy, so that it pins our pages) move
# a checked stream out of guest RAM and back.
set -euo pipefail
. "$(dirname "$0")/lib.sh"

server=''
trap 'remove_guests >/dev/null 2>&1; kill $server 2>/dev/null || :' EXIT

# latest_is FILTER: the guest's newest report; called by until_true
# shellcheck disable=SC2317
latest_is()
{
	local report

	report=$("$guest" latest vm1)
	echo "$report"
	jq -e "$1" >/dev/null <<<"$report"
}

# echo_guest WHAT LAUNCH-ARGS...: a guest that streams to our server
echo_guest()
{
	local what=$1

	shift
	start vm1 --mem 128M "$@"
	check "a guest with $what comes up" "$guest" ready vm1
	check "$what moves data" until_true 120 latest_is '.echoed_mib > 1'
	"$guest" stop vm1
	check "no byte is wrong with $what" runs_well vm1
	"$guest" rm vm1
	kill "$server" 2>/dev/null || :
	wait "$server" 2>/dev/null || :
}

test_vsock()
{
	if ! modprobe -q vhost_vsock; then
		skip "vhost-vsock" "the kernel has none"
		return
	fi
	socat VSOCK-LISTEN:5000,fork PIPE &
	server=$!
	echo_guest vhost-vsock --vsock 42 \
		--append "dr.mode=fill dr.mem=50% dr.secs=0 dr.echo=vsock:5000"
}

test_net()
{
	if ! modprobe -q vhost_net experimental_zcopytx=1 ||
	   ! modprobe -q tun; then
		skip "vhost-net" "the kernel has none"
		return
	fi
	ip tuntap add dev drtap0 mode tap
	ip addr add 10.9.0.1/8 dev drtap0
	ip link set drtap0 up
	socat TCP-LISTEN:5000,fork,reuseaddr PIPE &
	server=$!
	echo_guest vhost-net --tap drtap0 \
		--append "dr.mode=fill dr.mem=50% dr.secs=0 dr.ip=10.9.0.2 dr.echo=tcp:10.9.0.1:5000"
	ip link del drtap0
}

test_vsock
test_net
finish
