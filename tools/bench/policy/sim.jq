# SPDX-License-Identifier: GPL-2.0-only
# From the simulator's samples to its figures.

def median: sort | .[((length - 1) / 2) | round];
def digits($n): . * pow(10; $n) | round / pow(10; $n);
def by(f; g): map({key: (f | tostring), value: g}) | from_entries;

($cost | group_by(.guests) |
	map({key: (.[0].guests | tostring),
	     value: (map(.ns) | median / 1e6 | digits(4))}) |
	from_entries) as $run_ms |

{cpu: $cpu, seed: $seed, guests_1000_ms: $run_ms["1000"], run_ms: $run_ms,
 move_s: $move[0].move_s,
 lost_percent: ($fleets | group_by(.fleet) |
	map({key: .[0].fleet,
	     value: by(.rule; .totals.lost_percent | digits(3))}) |
	from_entries),
 turns_in_10_minutes: ($fleets | map(select(.rule == "denseram")) |
	by(.fleet; .totals.turns_in_10_minutes | digits(2))),
 tax_lost_percent: ($tax | by(.tax; .totals.lost_percent | digits(3))),
 min_broken: ($fleets | map(select(.rule == "denseram")) |
	map(.totals.min_broken) | add)}
