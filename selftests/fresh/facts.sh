# shellcheck shell=bash disable=SC2154 # of cli_lib.sh
# SPDX-License-Identifier: GPL-2.0-only
# What must hold on a host on which denseram was installed. To be sourced.

is_mounted()
{
	findmnt -t denseram "$mount"
}

is_active()
{
	systemctl is-active "$1" || {
		systemctl status "$1"
		return 1
	}
}

# No service of the host has failed, but those that had before
no_unit_failed()
{
	systemctl --failed --plain --no-legend >"$work/failed"
	cat "$work/failed"
	! grep -vxFf "$work/failed.before" "$work/failed"
}

# But for notes, of what is fine and could be otherwise
nothing_is_wrong()
{
	denseram doctor >"$work/doctor" || true
	cat "$work/doctor"
	denseram doctor --json | jq -e '.sum | .warning == 0 and .error == 0'
}

# verified LOG: MiB that a guest has found as it left them, so far
verified()
{
	local found

	found=$(grep -ao '"verified_mib":[0-9]*' "$1" | tail -n 1)
	echo "${found##*:}"
}

has_verified_more()
{
	[[ $(verified "$1") -gt $2 ]]
}

# checks_bytes LOG: it goes on to, and has found none wrong
checks_bytes()
{
	local before

	before=$(verified "$1")
	patiently 90 has_verified_more "$1" $((before + 96)) || return 1
	! grep -aE '"bad":[1-9]' "$1"
}

metrics_of()
{
	curl -sf http://127.0.0.1:10170/metrics >"$work/metrics"
	grep "guest=\"$1\"" "$work/metrics"
}
