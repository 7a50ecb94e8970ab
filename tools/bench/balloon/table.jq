# SPDX-License-Identifier: GPL-2.0-only
# The figures for the eye: a row for each setting, state of the memory and driver.
def row: map(. // "-" | tostring) | join("\t");
. as $r |
(["inflating", "GiB/s", "kicks", "calls", "faults", "CPU s", "back GiB/s"] | row),
(("stock", "no_init") as $s | ("untouched", "touched", "fragmented") as $t |
 ("in_tree", "denseram") as $d | $r[$s]?[$t]?[$d]? | select(.) |
 ["  \($s), \($t), \($d)", .gib_per_s, .kicks, .vmm_syscalls, .host_faults,
  .guest_cpu_s, .back.gib_per_s] | row),
(["resized", "in_tree", "denseram"] | row),
(("kept", "p1") as $k | ["  of its speed, toucher, \($k)",
	($r.toucher? | .in_tree, .denseram | .[$k]?)] | row),
(("served_s", "kills", "swap_outs") as $k | ["  a burst, \($k)",
	($r.burst? | .in_tree, .denseram | .[$k]?)] | row),
(["256 MiB, operations a second", "ballooned", "booted", "slower"] | row),
(("zipf", "file") as $w | ["  " + $w,
	($r.native?[$w]? | .ballooned, .booted, .slower)] | row)
