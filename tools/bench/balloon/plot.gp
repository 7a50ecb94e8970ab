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
set linetype 1 lc rgb "#8a8a8a"
set linetype 2 lc rgb "#1b6ca8"
names = "'in-tree driver' 'denseram'"
set xtics font ",9" noenhanced rotate by -20
set logscale y
set multiplot layout 1,3
set title "GiB a second, inflating"
plot for [i = 1:2] "gib_per_s.tsv" using (column(i + 1)):xtic(1) \
	title word(names, i)
set title "system calls of the VMM that drop memory (1 stands for none)"
set yrange [1:*]
plot for [i = 1:2] "vmm_syscalls.tsv" using (column(i + 1) + 1):xtic(1) \
	title word(names, i)
set title "faults of the host (1 stands for none)"
plot for [i = 1:2] "host_faults.tsv" using (column(i + 1) + 1):xtic(1) \
	title word(names, i)
unset multiplot
