# shellcheck shell=bash disable=SC2034,SC2154
# SPDX-License-Identifier: GPL-2.0-only
# Prometheus itself, told by our example what to do. To be sourced after
# exporter_lib.sh.

# The example, with the port of our exporter, and a short breath
configure_prometheus()
{
	sed -e "s/localhost:10170/127.0.0.1:$port/" -e 's/: 15s$/: 1s/' \
		"$monitoring/prometheus.yml" >"$work/prometheus.yml"
	cp "$monitoring/alerts.yml" "$work/"
}

# In memory, at a port of its choice: the log has it
start_prometheus()
{
	configure_prometheus
	prometheus --config.file="$work/prometheus.yml" \
		--storage.tsdb.path="$work/tsdb" --log.format=json \
		--web.listen-address=127.0.0.1:0 >"$work/prometheus.log" 2>&1 &
	prometheus=$!
	soon prometheus_listens >/dev/null || true
	at=$(prometheus_listens) || true
}

prometheus_listens()
{
	jq -r 'select(.msg == "Listening on").address' "$work/prometheus.log" |
		grep .
}

prometheus_is_ready()
{
	curl -sSf --max-time 30 -o /dev/null "http://$at/-/ready"
}

stop_prometheus()
{
	[[ -n $prometheus ]] || return 0
	kill "$prometheus" 2>/dev/null || true
	wait "$prometheus" 2>/dev/null || true
	prometheus=''
}

# api PATH [CURL-ARGUMENT...]
api()
{
	curl -sS --max-time 30 -G "http://$at/api/v1/$1" "${@:2}"
}

# asked QUERY FILTER: the result is as jq says
asked()
{
	api query --data-urlencode "query=$1" | tee "$work/asked" |
		jq -e ".status == \"success\" and (.data.result | $2)" >/dev/null || {
		echo "$1: $(head -c 300 "$work/asked")"
		return 1
	}
}

is_up()
{
	api targets | jq -e '[.data.activeTargets[] | .health == "up" and .lastError == ""] |
		length == 1 and all' >/dev/null
}

# All that the exporter tells has arrived
has_all()
{
	local missing

	scrape || return 1
	missing=$(comm -23 <(awk '!/^#/ { sub(/[{ ].*/, ""); print }' "$answer" | sort -u) \
		<(api label/__name__/values | jq -r '.data[]' | sort))
	echo "missing: $missing"
	[[ -z $missing ]]
}

understands_dashboard()
{
	local query

	while IFS= read -r query; do
		asked "$query" true || return 1
	done < <(dashboard_queries)
}

# shows N: so many queries of the dashboard have something to show
shows()
{
	local query shown=0 all=0

	while IFS= read -r query; do
		all=$((all + 1))
		! asked "$query" 'length > 0' >/dev/null || shown=$((shown + 1))
	done < <(dashboard_queries)
	echo "$shown of $all"
	[[ $shown -ge $1 ]]
}

# All rules were evaluated, without an error
follows_rules()
{
	api rules | jq -e '[.data.groups[].rules[] | .health == "ok"] |
		length > 10 and all' >/dev/null
}

# is_told_of ALERT: it is pending, or has fired
is_told_of()
{
	api alerts | jq -e --arg name "$1" \
		'any(.data.alerts[]; .labels.alertname == $name)' >/dev/null
}

test_prometheus()
{
	if ! command -v prometheus >/dev/null; then
		skip "prometheus: scrapes" "it is not installed"
		return
	fi
	start_prometheus
	check "prometheus: starts with our example" soon prometheus_is_ready
	[[ -n $at ]] || return 0
	check "prometheus: scrapes" soon is_up
	check "prometheus: knows that we are up" soon asked \
		'denseram_up{job="denseram"}' '.[0].value[1] == "1"'
	check "prometheus: has all there is" soon has_all
	check "prometheus: knows what is a counter" soon knows_counters
	check "prometheus: follows the rules" soon follows_rules
	check "prometheus: understands the dashboard" understands_dashboard
	check "prometheus: has something for most of it" soon shows 30
}

knows_counters()
{
	api metadata | jq -e '[.data | to_entries[] |
		select(.key | startswith("denseram_")) |
		(.value[0].type == "counter") == (.key | endswith("_total"))] |
		length > 20 and all' >/dev/null
}
