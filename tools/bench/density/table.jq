# SPDX-License-Identifier: GPL-2.0-only
# The figures for the eye: a table for each mix, the stacks in columns.
def row: map(if . == null then "-" else tostring end) | join("\t");
["plain", "stock", "denseram"] as $stacks |
.mixes | to_entries[] | .key as $mix | .value as $m | ($stacks | map($m[.])) as $all |
([$mix, $stacks[]] | row),
(["  guests at goal", $all[].guests] | row),
(["  overcommit", $all[].overcommit] | row),
(["  throughput, mean of guests", $all[].service.throughput] | row),
(["  throughput, worst guest", $all[].service.worst] | row),
(["  requests a second", $all[].service.ops_per_s] | row),
(["  p99 of the worst guest, ms", $all[].service.p99_ms] | row),
(["  fairness", $all[].service.jain] | row),
(("balloon", "shared", "zero", "compressed", "disk") as $s |
 ["  saved, \($s), MiB", $all[].saved[$s + "_mib"]] | row),
(["  pool, MiB", $all[].pool_mib] | row),
(["  host memory used, MiB", $all[].used_mib] | row),
(["  CPU of the host, busy", $all[].cpu] | row),
(["  an idle guest wakes, s", $all[].wake_s] | row),
(["  wrong pages", $all[].bad] | row),
(["  one more", $all[].why] | row),
(["  denseram / stock", null, null, $m.ratio] | row)
