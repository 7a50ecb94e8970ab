# SPDX-License-Identifier: GPL-2.0-only
# From what guests said of their work ($samples, $stacks, $objects) to the figures of the
# benchmark.

def digits($n): if . == null then null else . * pow(10; $n) | round / pow(10; $n) end;
def median: sort | length as $n | if $n == 0 then null
	elif $n % 2 == 1 then .[($n - 1) / 2] else (.[$n / 2 - 1] + .[$n / 2]) / 2 end;
def over($d): if . == null or $d == null or $d == 0 then null else . / $d end;
def mib: if . == null then null else . / 1048576 | digits(1) end;
def sources: ["balloon", "shared", "zero", "compressed", "disk"];

def said($stack; $name): $samples | map(select(.stack == $stack and .name == $name));
# The median of what it said: a single pause is in the 99th percentiles, not in the rate
def program($stack; $name): said($stack; $name) |
	{rate: (map(.rate) | median | digits(2)), p50_ms: (map(.p50_ms // empty) | median),
	 p99_ms: (map(.p99_ms // empty) | median), windows: length};

def part($s): {
	guests: $s.guests, overcommit: ($s.guests * $s.mem_mib / $s.total_mib | digits(2)),
	redis: program($s.stack; "g1"), compile: program($s.stack; "g2"),
	saved: (reduce sources[] as $k ({}; .[$k + "_mib"] = ($s.saved[$k] | mib))),
	whole: $s.whole, bad: $s.bad, oom_kills: $s.oom_kills};

reduce $stacks[] as $s ({bench: "real"} + $setup; .[$s.stack] = part($s)) |
. as $r | .kept = (["stock", "denseram"] | map(. as $w | {key: $w, value: {
	redis: ($r[$w].redis.rate? | over($r.plain.redis.rate?) | digits(3)),
	compile: ($r[$w].compile.rate? | over($r.plain.compile.rate?) | digits(3)),
	redis_p99: ($r[$w].redis.p99_ms? | over($r.plain.redis.p99_ms?) | digits(2))}}) |
	from_entries) |
.bad = (if $stacks == [] then null else $stacks | map(.bad) | add end) |
# The same files, the same compiler: the same bytes, wherever
.objects_differ = (if $objects == [] then null
	else $objects | map(.objects) | unique | length > 1 end) |
. as $r | .goals = {
	bad: (.bad == 0 and .objects_differ == false),
	all_there: (.denseram.whole == true and .denseram.oom_kills == 0),
	not_below_stock: (["redis", "compile"] | map($r.kept.denseram[.] as $us |
		$r.kept.stock[.] as $them | $us != null and ($them == null or $us >= $them)) | all)} |
.goal_met = ([.goals[]] | all)
