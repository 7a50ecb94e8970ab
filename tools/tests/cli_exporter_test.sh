#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# shellcheck disable=SC2317 # check calls functions
#
# denseram(8) exporter with the module: it tells what "metrics" tells, with no
# privilege, to a Prometheus that is real, and outlives the module. What needs no
# module is in exporter_test.sh.
set -euo pipefail

# shellcheck source=tools/tests/cli_lib.sh
. "$(dirname "$0")/cli_lib.sh"

# shellcheck source=tools/tests/exporter_lib.sh
. "$(dirname "$0")/exporter_lib.sh"

# shellcheck source=tools/tests/prometheus_lib.sh
. "$(dirname "$0")/prometheus_lib.sh"

# Samples without their values, which move
samples()
{
	sed '/^#/!s/ [^ ]*$//'
}

same_samples()
{
	scrape && diff <("$cli" metrics | samples) <(of_host | samples) | head -n 5 |
		(! grep .)
}

in_format()
{
	promtool check metrics <"$answer"
}

of_guest()
{
	value "denseram_guest_$1{guest=\"cli_x\",id=\"$(<"$sysfs/guests/cli_x/id")\"}"
}

no_capability()
{
	equal "$(awk '/^Cap(Prm|Eff|Amb):/ && $2 ~ /^0+$/ { n++ } END { print n }' \
		"/proc/$exporter/status")" 3
}

# Between scrapes the device is closed: the module may go
holds_nothing()
{
	! readlink "/proc/$exporter/fd/"* | grep denseram
}

not_permitted()
{
	start_exporter 127.0.0.1 setpriv --reuid 65534 --regid 65534 --clear-groups --
	one_scrape denseram_up 0 || return 1
	stop_exporter
	equal "$(value 'denseram_exporter_scrape_errors_total{reason="not_permitted"}')" 1
}

test_scrape()
{
	check "exporter: answers" scrape
	check "exporter: up" equal "$(value denseram_up)" 1
	check "exporter: tells what 'metrics' tells" same_samples
	check "exporter: Prometheus has nothing against it" in_format
	check "exporter: names of dashboard and alerts exist" names_exist
	check "exporter: size" equal "$(of_guest size_bytes)" $((32 << 20))
	check "exporter: min" equal "$(of_guest min_bytes)" $((2 << 20))
	check "exporter: resident" equal "$(of_guest resident_bytes)" \
		"$(<"$sysfs/guests/cli_x/resident")"
	check "exporter: guests" equal "$(value denseram_guests)" \
		"$("$cli" guest ls --json | jq '.guests | length')"
	check "exporter: memory that was promised" equal \
		"$(value denseram_admission_promised_bytes)" \
		"$(<"$sysfs/admission/promised")"
	"$cli" guest set cli_x min=4M
	check "exporter: each scrape is new" scrape
	check "exporter: and has what is new" equal "$(of_guest min_bytes)" $((4 << 20))
	check "exporter: has no capability" no_capability
	check "exporter: holds nothing between scrapes" holds_nothing
}

thousand()
{
	scrape && [[ $(grep -c '^denseram_guest_size_bytes{' "$answer") -ge 1000 ]]
}

ten_at_once()
{
	seq 10 | xargs -P 10 -I{} curl -gsS --max-time 60 -o /dev/null \
		-w '%{http_code}\n' "$url" | grep -cx 200 | grep -qx 10
}

is_quick()
{
	value denseram_exporter_scrape_duration_seconds
	awk -v took="$(value denseram_exporter_scrape_duration_seconds)" \
		'BEGIN { exit !(took < 5) }'
}

test_thousand()
{
	local i

	for ((i = 0; i < 1000; i++)); do
		mkdir "$mount/cli_many$i"
		truncate -s 2M "$mount/cli_many$i/ram0"
	done
	check "1000 guests" thousand
	check "1000 guests take less than five seconds" is_quick
	check "1000 guests: ten at once" ten_at_once
	rm "$mount"/cli_many*/ram0
	rmdir "$mount"/cli_many*
	check "1000 guests are gone" scrape
	check "and so are their samples" equal 1 \
		"$(grep -c '^denseram_guest_size_bytes{guest="cli_' "$answer")"
}

load()
{
	insmod "$top/build/$(uname -r)/denseram.ko" &&
		mount -t denseram none "$mount"
}

test_unload()
{
	rm "$mount/cli_x/ram0"
	rmdir "$mount/cli_x"
	if ! umount "$mount" || [[ ! -e $top/build/$(uname -r)/denseram.ko ]]; then
		mountpoint -q "$mount" || mount -t denseram none "$mount"
		skip "unloaded: down" "somebody uses the mount"
		return
	fi
	check "unloaded: we do not hold the module" soon rmmod denseram
	check "unloaded: down" one_scrape denseram_up 0
	check "unloaded: an answer all the same" equal "$(status_of "$url")" 200
	check "unloaded: nothing is told of the host" equal "$(of_host)" ""
	[[ -z $at ]] ||
		check "unloaded: an alert" soon is_told_of DenseramModuleDown
	check "unloaded: it can be loaded" load
	check "loaded again: up" one_scrape denseram_up 1
	check "loaded again: tells what 'metrics' tells" same_samples
}

trap 'stop_exporter; stop_prometheus; remove_area; cleanup' EXIT

remove_area()
{
	"$cli" swap rm "$work/area0" 2>/dev/null || true
}

mkdir "$mount/cli_x"
truncate -s 32M "$mount/cli_x/ram0"
dd if=/dev/urandom of="$mount/cli_x/ram0" bs=1M count=4 conv=notrunc status=none
"$cli" guest set cli_x min=2M
# Nothing to share or to page: what it holds is to stay the same
echo 0 >"$sysfs/guests/cli_x/scan"
fallocate -l 64M "$work/area0"
chmod 600 "$work/area0"
"$cli" swap add "$work/area0" 2>/dev/null || true
sleep 1.5
start_exporter 127.0.0.1 setpriv --bounding-set -all --inh-caps -all --no-new-privs --
test_scrape
test_http
test_many
test_listen
test_thousand
test_prometheus
remove_area
test_unload
stop_prometheus
stop_exporter
check "it ends as it should" equal "$ended" 0
test_end
check "who may not read is told so" not_permitted
test_ipv6
finish
