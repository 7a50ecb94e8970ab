# SPDX-License-Identifier: GPL-2.0-only
# The figures for the eye.
def row: map(. // "-" | tostring) | join("\t");
. as $r |
(["duplicates, %", "GiB/s", "zero check, ns", "hash", "look-up", "comparison", "put"] | row),
(("0", "30", "70") as $d | ("dup" + $d) as $k |
 ["  " + $d, $r.gib_per_s[$k], ($r.ns_per_page[$k] // {} |
	.zero, .hash, .find, .compare, .put)] | row),
(["entries", "a new page, ns", "a page that is there, ns"] | row),
($r.table_ns | keys_unsorted[] | . as $n |
 ["  " + $n, $r.table_ns[$n], $r.table_found_ns[$n]] | row)
