#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# shellcheck disable=SC2317 # check calls functions
#
# denseram(8) exporter, and what monitoring makes of it, with a module that only
# pretends: tests/fake/host.c. Needs no privileges. With a module that is real:
# cli_exporter_test.sh. TAP.
set -euo pipefail

# shellcheck source=tools/tests/cli_lib.sh
. "$(dirname "$0")/cli_lib.sh"

# shellcheck source=tools/tests/exporter_lib.sh
. "$(dirname "$0")/exporter_lib.sh"

# shellcheck source=tools/tests/prometheus_lib.sh
. "$(dirname "$0")/prometheus_lib.sh"
export FAKE_HOST=$work/host
manual=$top/Documentation/admin-guide/monitoring.rst
unit=$top/tools/systemd/denseram-exporter.service

# tool WHAT COMMAND...: needs Prometheus' own tool
tool()
{
	if command -v promtool >/dev/null; then
		check "$1" "${@:2}"
	else
		skip "$1" "no promtool"
	fi
}

same_as_metrics()
{
	scrape && diff <("$cli" metrics) <(of_host) | head -n 5
}

in_format()
{
	promtool check metrics <"$answer"
}

told_once()
{
	[[ $(grep -c 'the module is not loaded' "$work/exporter.log") == 1 ]]
}

test_format()
{
	check "format: what 'metrics' writes" same_as_metrics
	tool "format: Prometheus has nothing against it" in_format
	check "format: names of dashboard and alerts exist" names_exist
	check "format: the exporter has a release" grep -q \
		'^denseram_exporter_info{release="[0-9.]*"} 1$' "$answer"
	check "format: a scrape takes its time" grep -qE \
		'^denseram_exporter_scrape_duration_seconds 0\.[0-9]{9}$' "$answer"
}

# trouble ERRNO REASON: and all is well again
trouble()
{
	echo "$1" >"$FAKE_HOST/error"
	one_scrape denseram_up 0 || return 1
	rm "$FAKE_HOST/error"
	equal "$(value "denseram_exporter_scrape_errors_total{reason=\"$2\"}")" 1 &&
		one_scrape denseram_up 1
}

test_unloaded()
{
	rm "$FAKE_HOST/guests"
	check "unloaded: down" one_scrape denseram_up 0
	check "unloaded: an answer all the same" equal "$(status_of "$url")" 200
	check "unloaded: nothing is told of the host" equal "$(of_host)" ""
	check "unloaded: it is counted" equal \
		"$(value 'denseram_exporter_scrape_errors_total{reason="no_module"}')" 1
	tool "unloaded: Prometheus has nothing against it" in_format
	check "unloaded: said once" told_once
	echo 3 >"$FAKE_HOST/guests"
	check "loaded again: up" one_scrape denseram_up 1
	check "loaded again: said" grep -q 'there again' "$work/exporter.log"
	check "loaded again: the guests are there" equal \
		"$(value denseram_guests)" 3
	check "trouble: not permitted" trouble 1 not_permitted
	check "trouble: a module of another release" trouble 25 other_abi
	check "trouble: any other" trouble 5 not_read
}

thousand()
{
	scrape && [[ $(grep -c '^denseram_guest_size_bytes{' "$answer") == 1000 ]]
}

test_thousand()
{
	echo 1000 >"$FAKE_HOST/guests"
	check "1000 guests" thousand
	tool "1000 guests: Prometheus has nothing against them" most_in_format
	check "1000 guests: ten at once" ten_at_once
	echo 3 >"$FAKE_HOST/guests"
	check "1000 guests are gone" one_scrape denseram_guests 3
}

# Its tool compares each sample of a family with all others: 48000 take minutes
most_in_format()
{
	grep -v denseram_guest_events_total "$answer" | promtool check metrics
}

ten_at_once()
{
	seq 10 | xargs -P 10 -I{} curl -gsS --max-time 60 "$url" |
		grep -c '^denseram_guest_size_bytes{' | grep -qx 10000
}

every_alert()
{
	local file=$monitoring/alerts.yml key nr

	nr=$(grep -c '^      - alert: ' "$file")
	for key in expr: severity: summary: description: runbook:; do
		equal "$key $(grep -cE "^ +$key" "$file")" "$key $nr" || return 1
	done
}

# Each fires in the test, and is in the manual
every_alert_is_tested()
{
	local name

	while read -r name; do
		echo "$name"
		grep -q "alertname=\"$name\"" "$top/tools/tests/alerts.yml" || return 1
		grep -q "\`\`$name\`\`" "$manual" || return 1
	done < <(sed -n 's/^      - alert: //p' "$monitoring/alerts.yml")
}

# Each metric has a line in the manual
every_metric_is_told()
{
	local missing

	missing=$(comm -23 <(families) \
		<(names_in "$manual"))
	echo "missing: $missing"
	[[ -z $missing ]]
}

test_rules()
{
	tool "alerts: are rules" promtool check rules --lint=all --lint-fatal \
		"$monitoring/alerts.yml"
	tool "alerts: fire when they should" promtool test rules \
		"$top/tools/tests/alerts.yml"
	tool "alerts: the example of Prometheus' settings" promtool check config \
		"$monitoring/prometheus.yml"
	check "alerts: each says what it is, and what to do" every_alert
	check "alerts: each is tested, and in the manual" every_alert_is_tested
	check "metrics: each is in the manual" every_metric_is_told
}

panels()
{
	jq -e "$1" "$monitoring/grafana-dashboard.json" >/dev/null
}

test_dashboard()
{
	check "dashboard: panels have numbers of their own" panels \
		'[.panels[].id] | length > 20 and length == (unique | length)'
	check "dashboard: and say what they show" panels \
		'[.panels[] | select(.type != "row") | .description | length > 5] | all'
	# shellcheck disable=SC2016 # jq's
	check "dashboard: they do not overlap" panels '[.panels[].gridPos] |
		[range(length) as $i | range($i) as $j | [.[$i], .[$j]] |
		select(.[0].x < .[1].x + .[1].w and .[1].x < .[0].x + .[0].w and
		       .[0].y < .[1].y + .[1].h and .[1].y < .[0].y + .[0].h)] |
		length == 0'
	# shellcheck disable=SC2016 # Grafana's
	check "dashboard: all ask the source that was chosen" panels \
		'[.panels[].targets[]?.datasource.uid == "${datasource}"] | all'
}

test_unit()
{
	if ! command -v systemd-analyze >/dev/null; then
		skip "unit: it may do little" "no systemd"
		return
	fi
	check "unit: it may do little" systemd-analyze security --no-pager \
		--offline=yes --threshold=20 "$unit"
}

mkdir "$FAKE_HOST"
echo 2 >"$FAKE_HOST/guests"
start_exporter
check "it starts" scrape
test_format
test_http
test_many
test_unloaded
test_thousand
test_listen
test_prometheus
rm "$FAKE_HOST/guests"
[[ -z $prometheus ]] ||
	check "prometheus: an unloaded module is an alert" soon is_told_of DenseramModuleDown
stop_prometheus
stop_exporter
check "it ends, with nothing left behind" equal "$ended" 0
echo 2 >"$FAKE_HOST/guests"
test_end
test_ipv6
test_rules
test_dashboard
test_unit
finish
