# SPDX-License-Identifier: GPL-2.0-only
# What programs keep of their speed, from the table of "summarize", to standard output.
set terminal svg size 640,360 dynamic background "white" font "sans,10"
set datafile separator "\t"
set grid ytics lc rgb "#dddddd"
set key outside bottom center horizontal
set linetype 1 lc rgb "#8a8a8a"
set linetype 2 lc rgb "#e0a030"
set linetype 3 lc rgb "#1b6ca8"
set style data histograms
set style histogram clustered gap 1
set style fill solid 0.85 noborder
set yrange [0:*]
set title "speed, of that on plain memory"
plot "kept.tsv" using 2:xtic(1) lt 1 title "plain, half of the guests", \
     "" using 3 lt 2 title "stock", "" using 4 lt 3 title "denseram"
