# SPDX-License-Identifier: GPL-2.0-only
# The figures for the eye: a table for each workload, the sides in columns.
. as $r | ["denseram_lz4", "linux_zswap", "denseram_disk", "linux_swap"] as $who |
def row: map(. // "-" | tostring) | join("\t");
($r.ratios | keys_unsorted[]) as $w |
([$w, $who[]] | row),
("ops_per_s", "swap_bytes", "swap_bytes_written", "major_faults", "disk_faults",
 "majors_per_1000_ops", "fault_p50_us", "fault_p99_us", "host_cpu_s",
 "host_cpu_us_per_op", "limit_mib", "resident_mib", "pool_mib", "bad" |
 . as $key | ["  " + $key, ($who[] | $r[$w][.][$key]?)] | row),
(["  ratio to Linux", $r.ratios[$w].zswap, null, $r.ratios[$w].swap, null] | row),
(["all workloads", ""] | row),
(["  writes of clean pages to swap", $r.clean_swap_writes] | row)
