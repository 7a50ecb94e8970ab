# SPDX-License-Identifier: GPL-2.0-only
# Three panels from the tables of "summarize", to standard output.
set terminal svg size 960,320 dynamic background "white" font "sans,10"
set datafile separator "\t"
set style data histograms
set style histogram clustered gap 1
set style fill solid 0.85 noborder
set boxwidth 0.9
set grid ytics lc rgb "#dddddd"
set yrange [0:*]
set key outside bottom center horizontal
set linetype 1 lc rgb "#1b6ca8"
set linetype 2 lc rgb "#e0a030"
set linetype 3 lc rgb "#8a8a8a"
set multiplot layout 1,3
set yrange [0:1.2]
set title "ops/s, anonymous + THP = 1"
plot "ops_per_s.tsv" using ($2/$4):xtic(1) title "denseram", \
     "" using ($3/$4) title "memfd + THP", "" using ($4/$4) title "anonymous + THP"
set title "host page faults"
set logscale y
set yrange [10:*]
plot "faults.tsv" using 2:xtic(1) title "denseram", \
     "" using 3 title "memfd + THP", "" using 4 title "anonymous + THP"
unset logscale y
set yrange [0:*]
set title "QEMU start to user space, s"
plot "boot_s.tsv" using 2:xtic(1) title "denseram", \
     "" using 3 title "memfd + THP", "" using 4 title "anonymous + THP"
unset multiplot
