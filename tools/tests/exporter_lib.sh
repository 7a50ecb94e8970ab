# shellcheck shell=bash disable=SC2034,SC2154
# SPDX-License-Identifier: GPL-2.0-only
# An exporter, and those who ask it. To be sourced after cli_lib.sh.

monitoring=$top/tools/monitoring
answer=$work/answer
exporter='' prometheus='' url='' port='' at='' ended=0
trap 'stop_exporter; stop_prometheus; cleanup' EXIT

# start_exporter [ADDRESS [COMMAND...]]: at a free port, by way of the command. Not by
# check, which would keep $url to itself
start_exporter()
{
	local address=${1:-127.0.0.1}

	shift || true
	: >"$work/url"
	"$@" "$cli" exporter --listen "$address:0" >"$work/url" \
		2>"$work/exporter.log" &
	exporter=$!
	soon test -s "$work/url" || true
	url=$(<"$work/url")
	port=${url##*:} port=${port%/*}
}

# stop_exporter [SIGNAL]: its exit status is in $ended
stop_exporter()
{
	ended=0
	[[ -n $exporter ]] || return 0
	kill "-${1:-TERM}" "$exporter" 2>/dev/null || true
	wait "$exporter" 2>/dev/null || ended=$?
	exporter=''
}

# scrape: to the file $answer
scrape()
{
	curl -gsSf --max-time 30 "$url" >"$answer"
}

# status_of CURL-ARGUMENT...
status_of()
{
	curl -gs --max-time 30 -o /dev/null -w '%{http_code}' "$@" || true
}

# value SAMPLE: of the last scrape
value()
{
	awk -v key="$1" 'index($0, key " ") == 1 { print $NF }' "$answer"
}

# one_scrape SAMPLE VALUE
one_scrape()
{
	scrape && equal "$(value "$1")" "$2"
}

# Without what is the exporter's own
of_host()
{
	awk '/^# HELP denseram_up / { exit } { print }' "$answer"
}

families()
{
	awk '/^# TYPE / { print $3 }' "$answer" | sort
}

# Names of metrics in files
names_in()
{
	grep -ohE '\bdenseram_[a-z_]+' "$@" | sort -u
}

# Those of dashboard and alerts are names that exist
names_exist()
{
	local unknown

	unknown=$(comm -13 <(families) <(names_in "$monitoring"/{alerts.yml,grafana-dashboard.json}))
	echo "unknown: $unknown"
	[[ -z $unknown ]]
}

# What is asked of Prometheus by the dashboard, its variables filled in
dashboard_queries()
{
	jq -r '.panels[].targets[]?.expr' "$monitoring/grafana-dashboard.json" |
		sed 's/[$]__rate_interval/1m/g; s/[$]instance/.*/g; s/[$]guest/.*/g'
}

has_header()
{
	curl -gsS --max-time 30 -D - -o /dev/null "${@:2}" | tr -d '\r' |
		grep -iqxE -- "$1"
}

head_is_like_get()
{
	curl -gsS --max-time 30 -I "$url" | tr -d '\r' >"$work/head"
	grep -q '^HTTP/1.1 200 ' "$work/head" &&
		grep -qiE '^Content-Length: [1-9]' "$work/head" &&
		[[ $(sed '1,/^$/d' "$work/head" | wc -c) == 0 ]]
}

# One connection does for two requests
is_kept()
{
	[[ $(curl -gsS -o /dev/null -o /dev/null -w '%{num_connects} ' "$url" "$url") == "1 0 " ]]
}

# raw TEXT: what is said to such bytes
raw()
{
	printf '%b' "$1" | timeout 20 socat -t 5 - "TCP:127.0.0.1:$port" | tr -d '\r'
}

test_http()
{
	check "http: metrics" equal "$(status_of "$url")" 200
	check "http: their type is Prometheus' text format" has_header \
		'Content-Type: text/plain; version=0\.0\.4; charset=utf-8' "$url"
	check "http: a query does not matter" equal "$(status_of "$url?a=b")" 200
	check "http: the first page leads to them" grep -q 'href="/metrics"' \
		<(curl -gs "${url%/metrics}/")
	check "http: any other page is not there" equal \
		"$(status_of "${url%/metrics}/foo")$(status_of "$url/")" 404404
	check "http: nothing outside is" equal \
		"$(status_of --path-as-is "${url%/metrics}/../../etc/passwd")" 404
	for method in POST PUT DELETE OPTIONS PATCH; do
		check "http: $method is not allowed" equal \
			"$(status_of -X "$method" -d x=y "$url")" 405
	done
	check "http: what is allowed is said" has_header 'Allow: GET, HEAD' \
		-d x=y "$url"
	check "http: HEAD is GET without a body" head_is_like_get
	check "http: a connection does for more than one" is_kept
	check "http: HTTP 1.0" grep -q '^HTTP/1\.[01] 200' \
		<(raw 'GET /metrics HTTP/1.0\r\n\r\n')
	check "http: what is no HTTP gets nothing" equal 0 \
		"$(raw 'foo\r\n\r\n' | grep -c -e ' 200 ' -e denseram_)"
	# It hangs up while there is more to come, and the answer may be lost with that
	check "http: a header without an end gets nothing" equal 0 \
		"$(raw "GET /metrics HTTP/1.1\r\nA: $(head -c 20000 /dev/zero | tr '\0' a)\r\n\r\n" |
			grep -c -e ' 200 ' -e denseram_)"
	check "http: and it answers still" scrape
}

fifty_at_once()
{
	seq 50 | xargs -P 50 -I{} curl -gsS --max-time 60 -o /dev/null \
		-w '%{http_code}\n' "$url" | sort | uniq -c | grep -qx ' *50 200'
}

# More silent ones than may be there at a time are sent away one day
silent_ones()
{
	local fds=() fd i status=0

	for ((i = 0; i < 60; i++)); do
		exec {fd}<>"/dev/tcp/127.0.0.1/$port"
		fds+=("$fd")
	done
	scrape || status=1
	for fd in "${fds[@]}"; do
		exec {fd}>&-
	done
	return "$status"
}

threads()
{
	find "/proc/$exporter/task" -mindepth 1 -maxdepth 1 | wc -l
}

test_many()
{
	check "many: fifty at once" fifty_at_once
	check "many: sixty silent ones bar nobody" silent_ones
	check "many: it has two threads" equal "$(threads)" 2
}

ends_at()
{
	start_exporter
	scrape || return 1
	# One who is connected does not hold it up
	exec {fd}<>"/dev/tcp/127.0.0.1/$port"
	stop_exporter "$1"
	exec {fd}>&-
	equal "$ended" 0
}

test_end()
{
	check "end: at SIGTERM" ends_at TERM
	check "end: at SIGINT" ends_at INT
}

test_listen()
{
	check "listen: no port" fails 2 "'127.0.0.1': no address and port" \
		exporter --listen 127.0.0.1
	check "listen: no such port" fails 2 "'127.0.0.1:65536'" \
		exporter --listen 127.0.0.1:65536
	check "listen: a name" fails 2 "'localhost:80'" \
		exporter --listen localhost:80
	check "listen: nothing" fails 2 "--listen needs an address" \
		exporter --listen
	check "listen: a word" fails 2 "unexpected 'now'" exporter now
	check "listen: a port that is taken" fails 1 \
		"listening on 127.0.0.1:$port: Address already in use" \
		exporter --listen "127.0.0.1:$port"
	check "listen: an address of another host" fails 1 \
		"listening on 192.0.2.1:80: Cannot assign requested address" \
		exporter --listen 192.0.2.1:80
}

test_ipv6()
{
	if [[ ! -s /proc/net/if_inet6 ]]; then
		skip "listen: IPv6" "this host has none"
		return
	fi
	start_exporter '[::1]'
	check "listen: IPv6" scrape
	stop_exporter
}
