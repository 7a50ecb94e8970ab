# SPDX-License-Identifier: GPL-2.0-only
# From the samples to the figures of the benchmark: medians, and how far the
# samples spread around them (half the distance of the quartiles, in percent).

def quantile($q): sort | .[((length - 1) * $q) | round];
def median: quantile(0.5);
def digits($n): . * pow(10; $n) | round / pow(10; $n);
def spread: (quantile(0.75) - quantile(0.25)) / 2 / median * 100 | digits(1);
def steps: ["zero", "hash", "find", "compare", "put"];
def name: {"100000": "1e5", "1000000": "1e6", "10000000": "1e7",
	   "100000000": "1e8"}[tostring] // tostring;

map(select(.what == "scan")) as $scan |
map(select(.what == "split")) as $split |
map(select(.what == "table")) as $table |
map(select(.what == "rehash") | .us) as $rehash |

def by_dup(f): group_by(.dup) | map({key: "dup\(.[0].dup)", value: f}) |
	from_entries;
def by_size(f): group_by(.entries) |
	map({key: (.[0].entries | name), value: f}) | from_entries;

{bench: "native", cpu: $cpu, thp: $thp, seed: $seed,
 reps: ($scan | map(.rep) | max),
 gib_per_s: ($scan | by_dup(map(.gib_per_s) | median | digits(3))),
 spread_percent: ($scan | by_dup(map(.gib_per_s) | spread)),
 found_of_copies: ($scan | map(select(.copies > 0)) |
	by_dup(map(.merged / .copies) | median | digits(4))),
 ns_per_page: ($split | by_dup(. as $s | reduce steps[] as $k ({};
	.[$k] = ($s | map(.[$k]) | median | digits(1))))),
 table_ns: ($table | by_size(map(.new_ns) | median | digits(1))),
 table_found_ns: ($table | by_size(map(.found_ns) | median | digits(1))),
 table_spread_percent: ($table | by_size(map(.new_ns) | spread)),
 bytes_per_entry: ($table | map(.bytes_per_entry) | last | digits(2)),
 table_bytes_per_page: ($scan | map(.bytes_per_page) | max | digits(2)),
 rehash_us: {median: ($rehash | median | digits(1)),
	     p99: ($rehash | quantile(0.99) | digits(1))}} |
.goal_met = ([.gib_per_s[]] | min >= 2)
