# SPDX-License-Identifier: GPL-2.0-only
# The figures for the eye: a table for each figure, the ways in columns.
def row: map(. // "-" | tostring) | join("\t");
. as $r | ["denseram", "memfd_thp", "anon_thp"] as $ways |
("ops_per_s", "faults", "kvm_faults", "pages_2m", "boot_s") as $key |
([$key, $ways[]] | row),
($r.denseram | to_entries[] | select(.value | type == "object" and has($key)).key |
 . as $w | ["  " + $w, $r[$ways[]][$w][$key]] | row)
