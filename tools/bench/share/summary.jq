# SPDX-License-Identifier: GPL-2.0-only
# From the samples of all sharers to the figures of the benchmark. A row: t,
# saved, kept, resident, cpu_ns, scanned, passes, metadata, shared.

def digits($n): if . == null then null
	else . * pow(10; $n) | round / pow(10; $n) end;
def mib: . / 1048576;
def page: 4096;
def metadata_max: 24;
def over($d): if . == null or $d == null or $d == 0 then null
	else . / $d end;
def least($value; $bound): $value != null and $value >= $bound;
def most($value; $bound): $value != null and $bound != null and
	$value <= $bound;

# Host memory that the pages of the guests take, as the sharer leaves them. A
# process on KSM has other memory too: its guest pages are counted one by one.
def left: .oracle as $o | .end[0] as $end |
	if $o.absent > 0 or $o.mapped_zero > 0
	then ($o.pages - $o.mapped_zero) * page - $end[8] else $end[3] end;

# What would be saved if one copy of each content were left
def ideal: .end[0][1] + left - .oracle.distinct * page;

# The first row with that part of the final savings
def reached($part): .rows as $rows |
	[$rows[] | select(.[1] >= $rows[-1][1] * $part)] | first;

def steady: if .steady == null then null else .steady |
	(.[-1][4] - .[0][4]) / 1e9 / (.[-1][0] - .[0][0]) * 60 end;

# CPU time counts until nearly all is won, not while stability is watched for.
# Of savings that still grow at the bound nobody knows when they end.
def figures: if .rows == null or .end == null then null else ideal as $ideal |
	.rows[0] as $first | reached(0.99) as $done | .end[0] as $end |
	(($done[4] - $first[4]) / 1e9) as $cpu |
	{saved_mib: ($end[1] | mib | digits(2)),
	 ideal_mib: ($ideal | mib | digits(2)),
	 fraction_of_ideal: ($end[1] | over($ideal) | digits(4)),
	 cpu_s: ($cpu | digits(3)),
	 cpu_s_per_gib_saved: ($cpu | over($done[1] | mib / 1024) | digits(3)),
	 pages_scanned: ($done[5] - $first[5]), converged: .stable,
	 t99_s: ($done[0] | digits(2)),
	 t90_s: (if .stable then reached(0.9)[0] | digits(2) else null end),
	 t90_at_least_s:
		(if .stable then null else reached(0.9)[0] | digits(2) end),
	 steady_cpu_s_per_min: (steady | digits(4)),
	 metadata_mib: ($end[7] | mib | digits(3)),
	 distinct_mib: (.oracle.distinct * page | mib | digits(2)),
	 zero_mib: (.oracle.zero * page | mib | digits(2)), bad: .bad,
	 boot_id: .boot} end;

# Per page that is resident, which is what the goal is about, and per page that
# guests use, resident or saved: each of those has a word of the index.
def metadata: if .end == null then {} else .end[0] as $end |
	{metadata_bytes_per_page: ($end[7] * page | over($end[3]) | digits(2)),
	 metadata_bytes_per_page_used:
		($end[7] * page | over($end[3] + $end[1]) | digits(2))} |
	.metadata_per_resident_page_met =
		most(.metadata_bytes_per_page; metadata_max) |
	.metadata_per_page_used_met =
		most(.metadata_bytes_per_page_used; metadata_max) |
	if .metadata_per_resident_page_met == .metadata_per_page_used_met
	then . else .metadata_note =
		"The two verdicts differ: a page that was saved is not resident any more, but its word of the index is still there, so the better sharing works, the more bytes fall on each page that is left." end
	end;

# ESX counts as shared what is served by a shared page, zeros included; the
# shared page itself is not reclaimed
def identical: if .end == null then null else .end[0] as $end |
	ideal as $ideal |
	($end[3] + $end[1]) as $before |
	{resident_before_mib: ($before | mib | digits(2)),
	 shared_fraction: (($end[1] + $end[2]) | over($before) | digits(4)),
	 reclaimed_fraction: ($end[1] | over($before) | digits(4)),
	 fraction_of_ideal: ($end[1] | over($ideal) | digits(4)),
	 bad: .bad, boot_id: .boot} end;

# Each pair of turns, side by side, gives one ratio; the median counts
def ratio: [range(0; length; 2) as $i | .[$i:$i + 2] |
	(map(select(.on == 1)) | first | .ops_per_s) /
	(map(select(.on == 0)) | first | .ops_per_s)] | sort |
	if length == 0 then null
	elif length % 2 == 1 then .[(length - 1) / 2]
	else (.[length / 2 - 1] + .[length / 2]) / 2 end;

# Pages looked at a second while it was on
def scan_rate: map(select(.on == 1)) |
	if length == 0 then null else (map(.scan_rate) | add / length | round) end;

{bench: "share"} + .setup +
{denseram: (.denseram | figures), ksm: (.ksm | figures),
 ksm_advisor: (.ksm_advisor | figures), ksm_default: (.ksm_default | figures)} +
(.denseram | metadata) +
{ops_ratio: (.ops | ratio | digits(4)), ops_scan_rate: (.ops | scan_rate),
 identical: (.identical | identical)} |
# All in one boot of the lab host, unless a run was completed by another one
.boot_ids = ([.denseram, .ksm, .ksm_advisor, .ksm_default, .identical] |
	map(.boot_id? // empty) | unique) |
# A bound that was reached stands for the t90 that is not known: it is larger
(.ksm_default | if . then .t90_s // .t90_at_least_s else null end) as $default |
.goals = {
	fraction_of_ideal: least(.denseram.fraction_of_ideal; 0.95),
	cpu_per_gib: most(.denseram.cpu_s_per_gib_saved;
		.ksm.cpu_s_per_gib_saved | over(4)),
	t90_default: most(.denseram.t90_s; $default | over(4)),
	t90_5000: most(.denseram.t90_s; .ksm.t90_s),
	steady: most(.denseram.steady_cpu_s_per_min;
		.ksm.steady_cpu_s_per_min | over(10)),
	identical: (least(.identical.shared_fraction; 0.67) and
		    least(.identical.reclaimed_fraction; 0.60)),
	metadata: (.metadata_per_resident_page_met // false),
	ops: least(.ops_ratio; 0.97),
	bad: ([.denseram, .ksm, .identical] | map(.bad) | . == [0, 0, 0])} |
.goals_met = ([.goals[] | select(.)] | length) |
.goal_met = (.goals | all)
