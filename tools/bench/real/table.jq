# SPDX-License-Identifier: GPL-2.0-only
# The figures for the eye.
def row: map(. // "-" | tostring) | join("\t");
. as $r | ["plain", "stock", "denseram"] as $stacks |
(["guests", $stacks[]] | row),
(["  of \($r.guest_mib) MiB", $r[$stacks[]].guests] | row),
(["  overcommit", $r[$stacks[]].overcommit] | row),
(["  killed by the host", $r[$stacks[]].oom_kills] | row),
(["  wrong data", $r[$stacks[]].bad] | row),
(["redis", $stacks[]] | row),
(["  reads a second", $r[$stacks[]].redis.rate] | row),
(["  of those on plain memory", 1, $r.kept.stock.redis, $r.kept.denseram.redis] | row),
(["  p50, ms", $r[$stacks[]].redis.p50_ms] | row),
(["  p99, ms", $r[$stacks[]].redis.p99_ms] | row),
(["compiler", $stacks[]] | row),
(["  files a second", $r[$stacks[]].compile.rate] | row),
(["  of those on plain memory", 1, $r.kept.stock.compile, $r.kept.denseram.compile] | row),
(["saved, MiB", $stacks[]] | row),
(("balloon", "shared", "zero", "compressed", "disk") as $k |
 ["  " + $k, $r[$stacks[]].saved[$k + "_mib"]] | row)
