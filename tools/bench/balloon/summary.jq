# SPDX-License-Identifier: GPL-2.0-only
# From the samples of "measure" to the figures of the benchmark.

def digits($n): if . == null then null else . * pow(10; $n) | round / pow(10; $n) end;
def median:
	sort | length as $n |
	if $n == 0 then null
	elif $n % 2 == 1 then .[($n - 1) / 2]
	else (.[$n / 2 - 1] + .[$n / 2]) / 2 end;

def move($mib): {
	gib_per_s: (if .seconds > 0 then $mib / 1024 / .seconds | digits(4) else 0 end),
	kicks, vmm_syscalls, host_faults, guest_cpu_s: (.guest_cpu_s | digits(2))};

# Inflating; what deflating took stands beside it
def speed: (.mib as $mib | .inflate | move($mib)) +
	{back: (.mib as $mib | .deflate | move($mib))};

def gain($name): .in_tree[$name] as $a | .denseram[$name] as $b |
	if $a and $b and $b > 0 then $a / $b | digits(1) else null end;

def compare: . + {ratio: {
	speed: (if (.in_tree.gib_per_s // 0) > 0 and .denseram
		then .denseram.gib_per_s / .in_tree.gib_per_s | digits(2)
		else null end),
	kicks: gain("kicks"), vmm_syscalls: gain("vmm_syscalls"),
	host_faults: gain("host_faults"), guest_cpu_s: gain("guest_cpu_s")}};

def setting($all; $name):
	reduce ("untouched", "touched", "fragmented") as $state ({};
		.[$state] = (reduce ($all[] | select(.what == "speed" and
			.setting == $name and .state == $state)) as $s ({};
			.[$s.driver] = ($s | speed)) | compare));

def mean: if length == 0 then null else add / length end;
def over($d): if . == null or $d == null or $d == 0 then null else . / $d end;

# Of a process's speed at rest, what is left while the balloon moves: on average,
# and in the worst second
def toucher: (map(.quiet[]) | mean) as $rest | map(.busy[]) as $busy | {
	kept: ($busy | mean | over($rest) | digits(3)),
	p1: ($busy | min | over($rest) | digits(3)),
	gib_moved: (map(.moved) | add / 1073741824 | digits(2))};

# Kills with and without a swap disk; swap-outs where there is one
def burst: map(select(.swap == 0)) as $plain | map(select(.swap > 0)) as $swap | {
	served_s: ($plain[0].served_s | digits(2)),
	kills: (if any(.kills == null) then null else map(.kills) | add end),
	swap_outs: $swap[0].swap_outs,
	with_swap_s: ($swap[0].served_s | digits(2))};

def by_driver($all; $what; f):
	$all | map(select(.what == $what)) | group_by(.driver) |
	map({key: .[0].driver, value: f}) | from_entries;

def native($all):
	reduce ("zipf", "file") as $w ({};
		[$all[] | select(.what == "native" and .workload == $w)] as $runs |
		($runs | map(select(.size == "ballooned").ops_per_s) | median) as $a |
		($runs | map(select(.size == "booted").ops_per_s) | median) as $b |
		.[$w] = {ballooned: ($a | digits(0)), booted: ($b | digits(0)),
			 slower: (if $a and $b then (1 - $a / $b) | digits(3) else null end)});

# The smallest of what a ratio is in some states of a setting
def least($r; $settings; $states; $name):
	[$r[$settings[]][$states[]].ratio[$name]] |
	if any(. == null) then null else min end;
def at_least($n): . != null and . >= $n;
# Nothing at all on our side is less than any part of something
def part($d; $name; $n):
	$d.in_tree and $d.denseram and $d.denseram[$name] * $n <= $d.in_tree[$name];

. as $all | $setup[0] + {
	stock: setting($all; "stock"),
	no_init: setting($all; "no_init"),
	toucher: by_driver($all; "toucher"; toucher),
	burst: by_driver($all; "burst"; burst),
	native: native($all)} |
. as $r | .goals = {
	speed_no_init: (least($r; ["no_init"]; ["untouched", "touched"]; "speed") |
		at_least(50)),
	speed_stock: (least($r; ["stock"]; ["untouched", "touched"]; "speed") |
		at_least(3)),
	speed_fragmented: (least($r; ["stock", "no_init"]; ["fragmented"]; "speed") |
		at_least(1)),
	faults_untouched: ([$r[("stock", "no_init")].untouched |
		part(.; "host_faults"; 100)] | all),
	messages: ([$r[("stock", "no_init")][("untouched", "touched")] |
		part(.; "kicks"; 100)] | all),
	vmm_syscalls: ([$r[("stock", "no_init")][("untouched", "touched")] |
		part(.; "vmm_syscalls"; 100)] | all),
	# A balloon that does not move disturbs nobody
	toucher_kept: ($r.toucher.denseram | .gib_moved > 0 and
		(.kept | at_least(0.95))),
	burst_kills: ($r.burst.denseram.kills == 0),
	as_native: ([$r.native[].slower | . != null and . <= 0.02] | all)} |
.goals_met = ([.goals[] | select(.)] | length) |
.goal_met = (.goals | all)
