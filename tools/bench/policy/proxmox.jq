# SPDX-License-Identifier: GPL-2.0-only
# A rule like that of Proxmox VE's automatic balloon, from what is documented of it:
# the host is to be 80 % used. What guests have beyond their min, and what is missing
# from that goal or beyond it, is divided by shares; each guest moves towards its part
# by at most 100 MiB a round. A goal nearer than 10 MiB counts as reached.
#
# From the host and its guests to a line for each guest: name, size to have.
def mib: 1048576;
def within($low; $high): [[., $low] | max, $high] | min;

(.host.total * 0.8 - (.host.total - .host.available)) as $goal |
(.guests | map(.shares) | add) as $shares |
([0, (.guests | map(.actual - .min) | add) + $goal] | max) as $pool |
select($goal > 10 * mib or $goal < -10 * mib) |
.guests[] | . as $g |
(.min + $pool * .shares / $shares - .actual | within(-100 * mib; 100 * mib)) as $step |
[.name, (.actual + $step | within($g.min; $g.size) / 4096 | floor * 4096)] | @tsv
