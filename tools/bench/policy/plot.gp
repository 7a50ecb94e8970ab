# SPDX-License-Identifier: GPL-2.0-only
# Six panels from the tables of "summarize", to standard output: guests above, the
# simulator below.
set terminal svg size 1200,720 dynamic background "white" font "sans,10"
set datafile separator "\t"
set grid ytics lc rgb "#dddddd"
set key outside bottom center horizontal
set linetype 1 lc rgb "#8a8a8a"
set linetype 2 lc rgb "#1b6ca8"
set linetype 3 lc rgb "#e0a030"
set linetype 4 lc rgb "#b03a48"
set style fill solid 0.85 noborder
set style data histograms
set style histogram clustered gap 1
set boxwidth 0.9
set multiplot layout 2,3
set yrange [0:*]
set title "operations a second of the busy guest"
set xlabel "tax"
plot "tax.tsv" using 2:xtic(1) lt 2 notitle
set title "MiB that the idle guest holds"
set xlabel "seconds since another was in need"
set xrange [-5:120]
plot "idle-denseram.tsv" using 1:2 with lines lw 2 lt 2 title "denseram", \
     "idle-proxmox.tsv" using 1:2 with lines lw 2 lt 3 title "proxmox", \
     "idle-mom.tsv" using 1:2 with lines lw 2 lt 4 title "mom"
set xrange [*:*]
set title "working sets, MiB"
set xlabel "used"
plot "wss.tsv" using 2:xtic(1) lt 1 title "used", "" using 3 lt 2 title "estimate"
set title "ms a run of the policy"
set xlabel "guests"
set yrange [*:*]
set logscale xy
set xrange [5:2e5]
set format x "10^{%L}"
plot x / 1000 with lines lt 1 title "1 us a guest", \
     "cost.tsv" using 1:2 with linespoints lw 2 lt 2 notitle
unset logscale
set xrange [*:*]
set yrange [0:*]
set format x "%g"
set title "s until a quarter of the host has moved"
set xlabel "rule, guests"
plot "move.tsv" using 2:xtic(1) lt 2 notitle
set title "work lost for want of memory, %"
set xlabel "fleet"
plot "fleets.tsv" using 2:xtic(1) lt 2 title "denseram", \
     "" using 3 lt 3 title "proxmox", "" using 4 lt 4 title "mom"
unset multiplot
