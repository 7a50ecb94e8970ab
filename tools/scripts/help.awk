# SPDX-License-Identifier: GPL-2.0-only
# Prints the overview of a Makefile: "##@ group" lines, and "target: ## text".
BEGIN {
	print "denseram - memory overcommit for KVM hosts"
}
/^##@/ {
	print "\n" substr($0, 5)
}
/^[a-z][a-z-]*:.*##/ {
	target = $0
	sub(/:.*/, "", target)
	text = $0
	sub(/.*## */, "", text)
	printf "  make %-14s %s\n", target, text
}
END {
	print "\nVariables: V=1 (verbose), KDIR, LABFLAGS=\"--kernel next --mem 8G\","
	print "DENSERAM_CACHE (default /var/cache/denseram). More in README."
}
