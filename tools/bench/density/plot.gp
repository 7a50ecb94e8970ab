# SPDX-License-Identifier: GPL-2.0-only
# A column for each mix, from the tables of "summarize", to standard output: what the
# worst guest gets as they grow in number, and below what memory was saved by, stock
# and denseram. "kind" is svg or png.
if (kind eq "png") {
	set terminal pngcairo size 1500,960 background "white" font "sans,9"
} else {
	set terminal svg size 1500,960 dynamic background "white" font "sans,9"
}
set datafile separator "\t"
set grid ytics lc rgb "#dddddd"
set linetype 1 lc rgb "#8a8a8a"
set linetype 2 lc rgb "#e0a030"
set linetype 3 lc rgb "#1b6ca8"
set linetype 4 lc rgb "#b03a48"
set linetype 5 lc rgb "#5a9e6f"
set style fill solid 0.85 noborder
set boxwidth 0.9
mixes = "idle quarter busy phased"
titles = "balloon shared zero compressed disk"
set key outside bottom center horizontal
set xlabel "guests"
set multiplot layout 3,4
do for [mix in mixes] {
	set title mix . ": worst guest, % of what was asked"
	set yrange [0:105]
	set xrange [0:*]
	plot 93 with lines dt 2 lc rgb "#bbbbbb" notitle, \
		"curve-" . mix . "-plain.tsv" using 1:2 with linespoints lw 2 lt 1 title "plain", \
		"curve-" . mix . "-stock.tsv" using 1:2 with linespoints lw 2 lt 2 title "stock", \
		"curve-" . mix . "-denseram.tsv" using 1:2 with linespoints lw 2 lt 3 title "denseram"
}
set style data histograms
set style histogram rowstacked
set yrange [0:*]
set xrange [*:*]
do for [stack in "stock denseram"] {
	do for [mix in mixes] {
		set title mix . ", " . stack . ": MiB saved"
		plot for [i = 1:5] "memory-" . mix . "-" . stack . ".tsv" \
			using i + 1:xtic(1) lt i title word(titles, i)
	}
}
unset multiplot
