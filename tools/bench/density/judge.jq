# SPDX-License-Identifier: GPL-2.0-only
# Is the service of all guests as good in a window as the goal asks for? From what each
# had done before it and after it ($from, $to), what they are ($roles), and what one
# alone does ($solo, by role), to {met, why, guests, rows}: the last for samples.tsv.

def digits($n): if . == null then null else . * pow(10; $n) | round / pow(10; $n) end;
def mark_of($marks; $name): $marks | map(select(.name == $name).mark) | last;

# Buckets are those of latency.c, quarters of an octave from 8 us on; what is below
# that counts as half of it. Within a bucket, in proportion
def lower: if . == 0 then 4 else 8 * pow(2; (. - 1) / 4) end;
def upper: 8 * pow(2; . / 4);
def quantile($part):
	(to_entries | map({b: (.key | tonumber), n: .value} | select(.n > 0)) |
	 sort_by(.b)) as $counts |
	($counts | map(.n) | add) as $all |
	if $all == null then null else
		reduce $counts[] as $c ({sum: 0, at: null};
			if .at == null and .sum + $c.n >= $part * $all then
				.at = ($c.b | lower) * pow(($c.b | upper / lower);
					($part * $all - .sum) / $c.n)
			else . end | .sum += $c.n) | .at
	end;

# One that has said nothing new has no figures
def figures($name): mark_of($from; $name) as $a | mark_of($to; $name) as $b |
	{name: $name, role: $roles[$name], bad: ($b.bad // 0)} +
	if $a == null or $b == null or $a.mark == $b.mark or $a.asked == $b.asked
	then {t: 0, asked: 0, ops: 0, p50: null, p99: null}
	else ($b.took | with_entries(.value -= ($a.took[.key] // 0))) as $took |
		{t: ($b.t - $a.t), asked: ($b.asked - ($a.asked // 0)),
		 ops: ($b.ops - $a.ops), p50: ($took | quantile(0.5)),
		 p99: ($took | quantile(0.99))}
	end;

# Nothing is asked of one alone but that it works at all
def fault: $solo[.role] as $alone | (.ops / ([.asked, 1] | max)) as $done |
	if .bad > 0 then "\(.bad) wrong pages in \(.name)"
	elif .asked == 0 then "nothing from \(.name)"
	elif $alone == null then empty
	elif $done < $throughput * $alone.done then
		"throughput of \(.name): \($done | digits(3))"
	elif .p99 > $latency * ([$alone.p99, $floor_us] | max) then
		"latency of \(.name): \(.p99 / 1000 | digits(1)) ms"
	else empty end;

[$roles | keys_unsorted[] | figures(.)] as $guests |
[$guests[] | fault] as $faults |
{met: ($faults == []), $guests,
 why: (($faults[0] // "") +
	if $faults[1:] == [] then "" else ", and \($faults[1:] | length) more" end),
 rows: [$guests[] | [$mix, $stack, $n, $nr, .name, .role, (.t | digits(3)), .asked, .ops,
	.bad, (.p50 | digits(0)), (.p99 | digits(0))]]}
