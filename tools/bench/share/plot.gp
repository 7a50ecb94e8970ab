# SPDX-License-Identifier: GPL-2.0-only
# Two panels from the samples of "measure", to standard output.
set terminal svg size 960,360 dynamic background "white" font "sans,10"
set datafile separator "\t"
set grid lc rgb "#dddddd"
set key outside bottom center horizontal
set xlabel "seconds since it was switched on"
set xrange [0:*]
set yrange [0:*]
set linetype 1 lc rgb "#1b6ca8" lw 2
set linetype 2 lc rgb "#e0a030" lw 2
set linetype 3 lc rgb "#8a8a8a" lw 2
set linetype 4 lc rgb "#b03a2e" lw 2
names = "denseram ksm ksm_advisor ksm_default"
titles = "'denseram' 'KSM, 5000 pages / 20 ms' 'KSM, advisor' 'KSM, defaults'"
file(i) = word(names, i) . ".tsv"
there(i) = system("test -s " . file(i) . " && echo 1 || echo 0") + 0
start(i) = system("head -n 1 " . file(i) . " | cut -f 5") + 0
found = ""
do for [i = 1:4] { if (there(i)) { found = found . " " . i } }
set multiplot layout 1,2
set title "saved, MiB"
plot for [w in found] file(w + 0) using 1:($2/1048576) with lines lt (w + 0) \
	title word(titles, w + 0)
set title "CPU time of the sharer, s"
plot for [w in found] file(w + 0) using 1:(($5-start(w + 0))/1e9) with lines \
	lt (w + 0) title word(titles, w + 0)
unset multiplot
