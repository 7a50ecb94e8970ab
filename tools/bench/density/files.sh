# shellcheck shell=bash disable=SC2154 # "measure" sets what is not set here
# SPDX-License-Identifier: GPL-2.0-only
# What bench-density leaves in DIR.

samples_head="mix stack n window guest role t asked ops bad p50_us p99_us"
host_head="mix stack n window cpu total_mib available_mib before_mib balloon shared zero"
host_head+=" compressed disk pool"

# begin_files: what is there of earlier runs stays, but for the figures of one alone
begin_files()
{
	[ -s "$out/samples.tsv" ] || tr ' ' '\t' <<<"$samples_head" >"$out/samples.tsv"
	[ -s "$out/host.tsv" ] || tr ' ' '\t' <<<"$host_head" >"$out/host.tsv"
	touch "$out/series.json"
	forget_series solo plain
}

# forget_series MIX STACK: it is about to be measured
forget_series()
{
	local file

	for file in samples host; do
		awk -F '\t' -v mix="$1" -v stack="$2" '$1 != mix || $2 != stack' \
			"$out/$file.tsv" >"$work/kept"
		cat "$work/kept" >"$out/$file.tsv"
	done
	jq -c --arg mix "$1" --arg stack "$2" \
		'select(.mix != $mix or .stack != $stack)' "$out/series.json" >"$work/kept"
	cat "$work/kept" >"$out/series.json"
}

# host_row MIX STACK WINDOW CPU: where the host's memory is
host_row()
{
	"sources_$2" | jq -r --arg mix "${label:-$1}" --arg stack "$2" --argjson nr "$3" \
		--argjson cpu "$4" '[$mix, $stack, '"${#members[@]}"', $nr, $cpu,
		'"$(mem_total), $(available), $before"', .balloon // 0, .shared // 0,
		.zero // 0, .compressed // 0, .disk // 0, .pool // 0] | @tsv' \
		>>"$out/host.tsv"
}

# note_series MIX STACK: with how it was judged, for runs may differ in that
note_series()
{
	jq -n -c --arg mix "$1" --arg stack "$2" --arg why "$why" --argjson wake "$wake" \
		"{\$mix, \$stack, guests: $good, \$why, bad: $bad, wake_s: \$wake,
		mem_mib: $mem, total_mib: $(mem_total), before_mib: $before,
		oom_kills: $(($(oom_kills) - kills)), seed: $seed, repeat: $repeat,
		secs: $secs, settle: $settle, floor_ms: $floor_ms}" |
		tee -a "$out/series.json"
}

note_setup()
{
	jq -n --arg kernel "$(uname -r)" --arg guest_kernel "$(cat "$top/build/guest/release")" \
		--arg cpu "$(sed -n 's/^model name[^:]*: //p' /proc/cpuinfo | head -n 1)" \
		--arg command "$command_line" --arg qemu "$(qemu-system-x86_64 --version | head -n 1)" \
		--argjson solo "$(cat "$work/solo.json")" "{\$command, \$cpu, cpus: $(nproc),
		\$kernel, \$guest_kernel, \$qemu, mem_mib: $(mem_total), guest_mib: $mem,
		seed: $seed, repeat: $repeat, secs: $secs, settle: $settle, period: $period,
		idle_rate: $idle_rate, busy_rate: $busy_rate, floor_ms: $floor_ms,
		goal_throughput: $goal_throughput, goal_latency: $goal_latency,
		thp: \"$thp\", \$solo}" >"$out/setup.json"
}
