# SPDX-License-Identifier: GPL-2.0-only
# From the samples of guests and host and the ends of all series to the figures of the
# benchmark. What a number of guests got is from all windows that it was judged by.

def digits($n): if . == null then null else . * pow(10; $n) | round / pow(10; $n) end;
def mean: if length == 0 then null else add / length end;
def median: if length == 0 then null else sort | .[(length - 1) / 2 | floor] end;
def over($d): if . == null or $d == null or $d == 0 then null else . / $d end;
def at_least($n): . != null and . >= $n;
def mib: . / 1048576;

def mixes: ["idle", "quarter", "busy", "phased"];
def stacks: ["plain", "stock", "denseram"];

# Of each guest its share of what it was asked for, over all windows
def shares: group_by(.guest) | map((map(.ops) | add) / ([map(.asked) | add, 1] | max));
# Jain, Chiu and Hawe: 1 when all get the same of what each asks for
def jain: if length == 0 or add == 0 then null
	else pow(add; 2) / (length * (map(. * .) | add)) end;

def sources: ["balloon", "shared", "zero", "compressed", "disk"];
def saved: if length == 0 then null else
	. as $rows | reduce sources[] as $s ({};
		.[$s + "_mib"] = ($rows | map(.[$s]) | mean | mib | digits(1))) end;

# A guest's latency is the median of its windows', the worst guest's counts
def service: if length == 0 then null else shares as $shares |
	{throughput: ($shares | mean | digits(4)), worst: ($shares | min | digits(4)),
	 ops_per_s: (group_by(.window) | map(map(select(.t > 0) | .ops / .t) | add) |
		mean | digits(1)),
	 p99_ms: (group_by(.guest) | map(map(.p99_us | select(. != null)) | median) | max |
		if . == null then null else . / 1000 | digits(1) end),
	 jain: ($shares | jain | digits(4))} end;

def of($mix; $stack): map(select(.mix == $mix and .stack == $stack));
def part($mix; $stack): ($series | of($mix; $stack) | last) as $end |
	if $end == null then null else
	($samples | of($mix; $stack) | map(select(.n == $end.guests))) as $rows |
	($host | of($mix; $stack) | map(select(.n == $end.guests and .window > 0))) as $looks |
	{guests: $end.guests, why: $end.why, capped: ($end.why == "max"),
	 overcommit: ($end.guests * $end.mem_mib / $end.total_mib | digits(3)),
	 service: ($rows | service), saved: ($looks | saved),
	 pool_mib: ($looks | map(.pool) | mean | if . == null then . else mib | digits(1) end),
	 used_mib: ($looks | map(.before_mib - .available_mib) | mean | digits(0)),
	 cpu: ($looks | map(.cpu) | mean | digits(3)),
	 wake_s: ($end.wake_s | map(select(. != null)) | median),
	 wake_lost: ($end.wake_s | map(select(. == null)) | length),
	 bad: $end.bad, oom_kills: $end.oom_kills} end;

reduce mixes[] as $mix ({bench: "density"} + $setup;
	.mixes[$mix] = (reduce stacks[] as $stack ({}; .[$stack] = part($mix; $stack)) |
		.ratio = (.stock.guests as $least | .denseram.guests | over($least) | digits(3)))) |
[.mixes[] | select(.denseram) | .denseram] as $ours |
.bad = (if $series == [] then null else $series | map(.bad) | add end) |
.goals = {
	idle: (.mixes.idle.ratio | at_least(1.5)),
	phased: (.mixes.phased.ratio | at_least(1.5)),
	busy: (.mixes.busy.ratio | at_least(1.2)),
	never_below: ([.mixes[] | .denseram.guests != null and .stock.guests != null and
		.plain.guests != null and
		.denseram.guests >= ([.stock.guests, .plain.guests] | max)] | all),
	bad: (.bad == 0),
	host_oom: ($ours != [] and ($ours | map(.oom_kills) | add) == 0)} |
.goals_met = ([.goals[] | select(.)] | length) |
.goal_met = (.goals | all)
