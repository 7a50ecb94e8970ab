# SPDX-License-Identifier: GPL-2.0-only
# From the samples of all runs to the figures of the benchmark.

def median:
	sort | length as $n |
	if $n == 0 then null
	elif $n % 2 == 1 then .[($n - 1) / 2]
	else (.[$n / 2 - 1] + .[$n / 2]) / 2 end;
def geomean: map(log) | (add / length) | exp;
def digits($n): . * pow(10; $n) | round / pow(10; $n);
def timed: ["fill", "zipf", "toucher"];

def workload($name):
	map(select(.workload == $name)) |
	{ops_per_s: (map(.ops_per_s) | median | digits(1)),
	 faults: (map(.faults) | median), kvm_faults: (map(.kvm_faults) | median),
	 pages_2m: (map(.pages_2m) | median)};

# Every guest has booted, whatever it did then
def boot:
	{boot_s: (map(.boot_s) | median | digits(3)),
	 kernel_s: (map(.kernel_s) | median | digits(3)),
	 faults: (map(.boot_faults) | median),
	 kvm_faults: (map(.boot_kvm_faults) | median)};

def way($back):
	map(select(.back == $back)) | . as $runs |
	(reduce timed[] as $w ({boot: boot};
		.[$w] = ($runs | workload($w)))) as $per |
	{ops_per_s: ([$per[timed[]].ops_per_s] | geomean | digits(1)),
	 faults: ([$per[timed[]].faults] | add),
	 kvm_faults: ([$per[timed[]].kvm_faults] | add),
	 boot_s: $per.boot.boot_s, bad: (map(.bad) | add)} + $per;

# A machine's speed drifts: compare runs of the same repetition only
def paired($other):
	[group_by(.rep)[] | . as $runs |
	 [timed[] as $w |
	  ($runs | map(select(.workload == $w)) |
	   (map(select(.back == "denseram")) | first | .ops_per_s) /
	   (map(select(.back == $other)) | first | .ops_per_s))] | geomean] |
	median | digits(4);

{bench: "base", kernel: $kernel, guest_mem: $mem, sharing: $sharing,
 reps: (map(.rep) | max),
 denseram: way("denseram"), memfd_thp: way("memfd"), anon_thp: way("anon"),
 ratio_memfd_thp: paired("memfd"), ratio_anon_thp: paired("anon")} |
.ratio_best = ([.ratio_memfd_thp, .ratio_anon_thp] | min) |
.faults_least = ([.memfd_thp.faults, .anon_thp.faults] | min) |
.kvm_faults_least = ([.memfd_thp.kvm_faults, .anon_thp.kvm_faults] | min) |
# The faults of a process vary by some tens with QEMU's own start: allow 1 %.
# Those that KVM answers, all on guest memory, are exact.
.goal_met = (.ratio_best >= 0.98 and
	     .denseram.faults <= .faults_least * 1.01 and
	     .denseram.kvm_faults <= .kvm_faults_least and
	     ([.denseram.bad, .memfd_thp.bad, .anon_thp.bad] | add) == 0)
