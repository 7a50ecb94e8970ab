# SPDX-License-Identifier: GPL-2.0-only
# Three panels from the tables of "summarize", to standard output.
set terminal svg size 1200,400 dynamic background "white" font "sans,10"
set datafile separator "\t"
set style data histograms
set style histogram clustered gap 1
set style fill solid 0.85 noborder
set boxwidth 0.9
set grid ytics lc rgb "#dddddd"
set key outside bottom center horizontal
set linetype 1 lc rgb "#1b6ca8"
set linetype 2 lc rgb "#e0a030"
set linetype 3 lc rgb "#6fb1dd"
set linetype 4 lc rgb "#8a8a8a"
names = "'denseram, lz4' 'zswap' 'denseram, disk' 'swap'"
set xtics font ",9" noenhanced
set multiplot layout 1,3
set yrange [0:*]
set title "operations a second, Linux with zswap = 1"
plot for [i = 1:4] "ops_per_s.tsv" using (column(i + 1) / column(3)):xtic(1) \
	title word(names, i)
set title "MiB read from and written to the disk"
plot for [i = 1:4] "swap_bytes.tsv" using (column(i + 1) / 1048576):xtic(1) \
	title word(names, i)
set title "slow accesses, median, us"
set logscale y
set yrange [10:*]
plot for [i = 1:4] "fault_p50_us.tsv" using (column(i + 1)):xtic(1) \
	title word(names, i)
unset multiplot
