# SPDX-License-Identifier: GPL-2.0-only
# A rule like the one that oVirt's MOM comes with, from what is documented of it.
# Less than 20 % of the host free: each guest shrinks towards what it uses and, of
# 20 % of what it has, as large a part as the host has left of its own 20 %; below
# 5 % even into what it uses; by at most 5 % a round, and not for less than a quarter
# of a percent. Else each grows by 5 %, or to what it uses and 20 %, if that is more.
#
# What it uses is what it cannot spare: MOM takes the page cache for used, and would
# move less. MOM goes by the mean of its last looks, this by the last one, which is
# quicker.
#
# From the host and its guests to a line for each guest: name, size to have.
def within($low; $high): [[., $low] | max, $high] | min;

(.host.available / .host.total) as $free |
.guests[] | . as $g |
(if .available == null then .actual else [0, .actual - .available] | max end) as $used |
(if $free >= 0.2 then
	[.actual * 1.05, $used + 0.2 * .actual] | max
 else
	(if $free < 0.05 then $free - 0.05 else $free end) * .actual + $used |
	[., $g.actual * 0.95] | max
 end | within($g.min; $g.size) / 4096 | floor * 4096) as $target |
select($target > .actual or .actual - $target >= .actual * 0.0025) |
[.name, $target] | @tsv
