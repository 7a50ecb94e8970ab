# SPDX-License-Identifier: GPL-2.0-only
# From the samples of "measure", and the simulator's figures, to those of the benchmark.

def digits($n): if . == null then null else . * pow(10; $n) | round / pow(10; $n) end;
def mean: if length == 0 then null else add / length end;
def most: if length == 0 or any(. == null) then null else max end;
def least: if any(. == null) then null else min end;
def at_least($n): . != null and . >= $n;
def at_most($n): . != null and . <= $n;
def mib: . / 1048576 | round;

# Without the tax and with it: a machine's speed drifts, so turns count each for itself
def speed($tax): map(select(.tax == $tax) | .ops / .t) | mean;
def tax: map(select(.what == "tax")) |
	([group_by(.turn)[] | speed(0) as $a | speed(75) as $b |
	  select($a != null and $b != null and $a > 0) | $b / $a | log] |
	 mean) as $gain |
	{gain: (if $gain == null then null else $gain | exp - 1 | digits(3) end),
	 turns: (group_by(.turn) | length),
	 ops_per_s: {"0": (speed(0) | digits(0)), "75": (speed(75) | digits(0))},
	 busy_mib: (group_by(.tax) | map({key: (.[0].tax | tostring),
		value: (map(.busy_mib) | mean | digits(0))}) | from_entries),
	 idle_mib: (group_by(.tax) | map({key: (.[0].tax | tostring),
		value: (map(.idle_mib) | mean | digits(0))}) | from_entries)};

def of_rule($name): map(select(.what == "move" and .rule == $name)) | last;
# A rule that did not get there took longer than the time it had
def time($name): of_rule($name) | if . == null then null else .seconds // 300 end;
def moves: . as $all | reduce ("denseram", "proxmox", "mom", "free") as $r ({};
	.[$r + "_s"] = ($all | of_rule($r) | .seconds)) +
	{mib: ($all | map(select(.what == "move").mib) | max),
	 denseram: ($all | of_rule("denseram") |
		if . == null then null else
		{balloon_mib: (.balloon | mib), paged_mib: (.swapped | mib)} end)};

# Of a step only what comes after it has to be known. What the guest uses besides, which
# is no error, was measured first; "raw_error" counts it as one.
def wss: map(select(.what == "wss")) |
	([.[] | select(.step == "first") | .estimate_mib - .ws_mib] | mean // 0) as $base |
	map(. + {off: ((.estimate_mib - .ws_mib - $base) / .mem_mib)}) |
	{base_mib: ($base | digits(0)),
	 error: (map(.off | fabs) | most | digits(3)),
	 raw_error: (map((.estimate_mib - .ws_mib) / .mem_mib | fabs) | most | digits(3)),
	 mean_error: (group_by(.ws_mib) | map(map(.off) | mean | fabs) | most | digits(3)),
	 settle_up_s: (map(select(.step == "up").settled_s) | most),
	 period_s: (map(.period_ms / 1000) | most),
	 steps: (group_by(.ws_mib) | map({ws_mib: .[0].ws_mib,
		mem_mib: .[0].mem_mib, settled_s: .[0].settled_s,
		estimate_mib: (map(.estimate_mib) | mean | digits(0))}))};

# What a balloon has and what was paged out are not taken from the guest's min
def broken: map(select(.size - .balloon - .swapped < .min)) | length;

. as $all | ($watch | map(select(.back == "denseram"))) as $looks |
{bench: "policy"} + $setup +
{tax: tax, move: moves, wss: wss, sim: $sim,
 looks: ($looks | length),
 min_broken: (if $looks == [] then null else $looks | broken end)} |
([$all | time("proxmox", "mom")] | least) as $best |
.goals = {
	tax: (.tax.gain | at_least(0.3)),
	move: ($best != null and (.move.denseram_s | at_most($best / 10))),
	min: (.min_broken == 0),
	host_oom: (.host_oom == 0),
	wss_error: (.wss.error | at_most(0.05)),
	wss_settle: (.wss.settle_up_s | at_most(30)),
	sim: (.sim.guests_1000_ms | at_most(1))} |
.goals_met = ([.goals[] | select(.)] | length) |
.goal_met = (.goals | all)
