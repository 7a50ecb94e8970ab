# SPDX-License-Identifier: GPL-2.0-only
# Two panels from the tables of "run", to standard output.
set terminal svg size 960,360 dynamic background "white" font "sans,10"
set datafile separator "\t"
set grid ytics lc rgb "#dddddd"
set key outside bottom center horizontal
set linetype 1 lc rgb "#8a8a8a"
set linetype 2 lc rgb "#1b6ca8"
set linetype 3 lc rgb "#e0a030"
set linetype 4 lc rgb "#b03a48"
set linetype 5 lc rgb "#4a9a6a"
set multiplot layout 1,2
set title "ns a page by step"
set style data histograms
set style histogram rowstacked
set style fill solid 0.85 noborder
set boxwidth 0.6
set yrange [0:*]
set xlabel "duplicates, %"
plot "steps.tsv" using 2:xtic(1) title "zero check", "" using 3 title "hash", \
     "" using 4 title "look-up", "" using 5 title "comparison", \
     "" using 6 title "put"
set title "ns a page in the table"
set logscale x
set format x "10^{%L}"
set xlabel "entries"
plot "new.tsv" using 1:2 with linespoints lw 2 lt 2 title "new: look up and put", \
     "found.tsv" using 1:2 with linespoints lw 2 lt 3 title "found"
unset multiplot
