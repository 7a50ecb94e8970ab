# SPDX-License-Identifier: GPL-2.0-only
# From the samples of all guests to the figures of the benchmark.

def digits($n): if . == null then null
	else . * pow(10; $n) | round / pow(10; $n) end;
def total: if length == 0 then null else add end;
def geomean: if length == 0 or any(. == null or . <= 0) then null
	else (map(log) | add / length) | exp end;
def over($d): if . == null or $d == null or $d == 0 then null
	else . / $d end;
def least($bound): . != null and . >= $bound;

def sides: ["denseram_lz4", "denseram_disk", "linux_swap", "linux_zswap"];
def workloads: ["zipf", "reread", "mix"];
# Ticks of /proc are hundredths of a second (USER_HZ)
def hz: 100;

# An operation that took longer waited for its page. Without a limit one in ten
# thousand does, by the guest's timer; see latency.c for the buckets.
def slow_us: 64;
def bucket_us: if . == 0 then 0 else 8 * pow(2; (. - 0.5) / 4) end;

# Of the operations that were slow, the one at that part of them, in us
def quantile($part):
	[.[].took | to_entries[] | {at: (.key | tonumber | bucket_us), value}] |
	map(select(.at >= slow_us)) | group_by(.at) |
	map({at: .[0].at, n: (map(.value) | add)}) |
	(map(.n) | total) as $all |
	if $all == null then null else
		reduce .[] as $b ({sum: 0, at: null};
			if .sum >= $part * $all then .
			else {sum: (.sum + $b.n), at: $b.at} end) | .at
	end;

# Written in the re-read case though nobody writes: what is more than a hundredth
# of what the guest has read, a page an operation. The guest's kernel writes to some pages of its own.
def clean_writes:
	map(select(.workload == "reread")) |
	if length == 0 then null
	else map([0, .written - .ops * 40.96] | max) | add | round end;

# A guest has a sample for each of its limits, with its one count of wrong pages
def bad: if length == 0 then null else
	group_by([.turn, .workload, .side]) | map(map(.bad) | max) | add end;

def slow_ops: [.[].took | to_entries[] |
	select((.key | tonumber | bucket_us) >= slow_us) | .value] | add // 0;
def speed: map(.ops / .t) | geomean;

# All samples of one side and workload; several limits count alike
def figures: . as $all | if length == 0 then null else
	(map(.ops) | add) as $ops | (map(.host_ticks) | add / hz) as $cpu |
	(map(.major) | add) as $major |
	{ops_per_s: (speed | digits(1)),
	 swap_bytes: (map(.read + .written) | add),
	 swap_bytes_written: (map(.written) | add),
	 major_faults: $major, disk_faults: (map(.major_disk) | add),
	 majors_per_1000_ops: ($major * 1000 | over($ops) | digits(2)),
	 soft_faults: (map(.soft) | add), clean_outs: (map(.clean) | add),
	 slow_ops: slow_ops, fault_p50_us: (quantile(0.5) | digits(0)),
	 fault_p99_us: (quantile(0.99) | digits(0)),
	 host_cpu_s: ($cpu | digits(2)),
	 host_cpu_us_per_op: ($cpu * 1e6 | over($ops) | digits(2)),
	 limit_mib: (map(.limit_mib) | add / length | digits(1)),
	 resident_mib: (map(.resident_mib) | add / length | digits(1)),
	 pool_mib: (map(.pool_mib) | max | digits(1)),
	 run_s: (map(.t) | add | digits(1)), bad: bad,
	 clean_swap_writes: clean_writes} end;

def side($name): map(select(.side == $name));
def workload: . as $all | reduce sides[] as $side ({};
	.[$side] = ($all | side($side) | figures));

# A machine's speed drifts: runs of the same turn and limit are compared
def ratio($ours; $theirs):
	[group_by([.turn, .limit])[] |
	 ((side($ours) | speed) as $a | side($theirs) | speed as $b |
	  $a | over($b)) | select(. != null)] | geomean | digits(3);
def ratios: {zswap: ratio("denseram_lz4"; "linux_zswap"),
	     swap: ratio("denseram_disk"; "linux_swap")};

. as $all |
# One limit of zipf is a case of its own
(reduce workloads[] as $w ({}; .[$w] =
	($all | map(select(.workload == $w))))) as $parts |
($parts.zipf | group_by(.limit) | sort_by(-.[0].limit_mib) |
	map({key: ("zipf_" + .[0].limit), value: .}) | from_entries) as $limits |

{bench: "page"} + $setup + ($parts | map_values(workload)) +
($limits | map_values(workload)) +
{ratios: ($parts + $limits | map_values(ratios)),
 bad: bad,
 clean_swap_writes: ([$parts.reread[] | select(.side | test("denseram"))] |
	clean_writes)} |
.goals = {
	zipf: (.ratios.zipf.zswap | least(1.3)),
	reread: (.ratios.reread.swap | least(3)),
	clean: (.clean_swap_writes == 0),
	no_case_below_1: ([.ratios[] | .[] | least(1)] | all),
	bad: (.bad == 0)} |
.goals_met = ([.goals[] | select(.)] | length) |
.goal_met = (.goals | all)
