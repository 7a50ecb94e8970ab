# SPDX-License-Identifier: GPL-2.0-only
# Four panels from the tables of "run", to standard output.
set terminal svg size 960,720 dynamic background "white" font "sans,10"
set datafile separator "\t"
set grid ytics lc rgb "#dddddd"
set key outside bottom center horizontal
set linetype 1 lc rgb "#8a8a8a"
set linetype 2 lc rgb "#1b6ca8"
set linetype 3 lc rgb "#e0a030"
set linetype 4 lc rgb "#b03a48"
set style fill solid 0.85 noborder
set boxwidth 0.6
set multiplot layout 2,2
set title "ms a run"
set logscale xy
set format x "10^{%L}"
set xlabel "guests"
plot "cost.tsv" using 1:2 with linespoints lw 2 lt 2 notitle, \
     x / 1000 with lines lt 1 title "1 us a guest"
unset logscale
set format x "%g"
set yrange [0:*]
set title "s until a quarter of the host has moved"
set xlabel "rule"
plot "move.tsv" using 2:xtic(1) with boxes lt 2 notitle
set title "work lost for want of memory, %"
set xlabel "fleet"
set style data histograms
set style histogram clustered
set boxwidth 0.9
plot "fleets.tsv" using 2:xtic(1) lt 2 title "denseram", \
     "" using 3 lt 3 title "proxmox", "" using 4 lt 4 title "mom"
set title "work lost by tax, mixed fleet, %"
set xlabel "tax, %"
plot "tax.tsv" using 1:2 with linespoints lw 2 lt 2 notitle
unset multiplot
