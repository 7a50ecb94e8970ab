# SPDX-License-Identifier: GPL-2.0-only
#
# sum.awk - from lines "file line count" to the table, the list of what never
# ran and two TAP lines. For "report", which sets goal, reasons and out.

BEGIN {
	FS = "\t"
	read_reasons()
}

{
	run[$1, $2] += $3
	files[$1] = 1
}

END {
	for (file in files)
		look_at(file)
	print_table()
	verdict()
}

# A reason, "= text", is followed by the functions that it holds for, each with
# how many of its lines may be unrun: "file function lines".
function read_reasons(    line, word) {
	while ((getline line <reasons) > 0) {
		if (line ~ /^[^#=]/) {
			split(line, word, " ")
			allowed[word[1], word[2]] = word[3]
		}
	}
	close(reasons)
}

# look_at FILE - all its lines.
function look_at(file,    line, last, text, name, i) {
	while ((getline line <file) > 0)
		text[++last] = line
	close(file)
	name_functions(text, last, name)
	for (i = 1; i <= last; i++)
		if ((file, i) in run)
			count(file, i, i in name ? name[i] : "-", text[i])
}

# name_functions TEXT LAST NAME - which function each line belongs to. They begin
# with a line that is a brace, below the one that has the name, and end with one,
# as the kernel's style has it.
function name_functions(text, last, name,    i, j, head, current) {
	for (i = 1; i <= last; i++) {
		if (text[i] ~ /^[A-Za-z].*\(/)
			head = i
		if (text[i] == "{") {
			current = name_in(text[head])
			for (j = head; j < i; j++)
				name[j] = current
		}
		if (current != "")
			name[i] = current
		if (text[i] ~ /^}/)
			current = ""
	}
}

function name_in(line) {
	sub(/\(.*/, "", line)
	sub(/.*[^A-Za-z0-9_]/, "", line)
	return line
}

function count(file, number, name, line,    dir) {
	dir = file
	sub(/\/.*/, "", dir)
	lines[file]++
	lines[dir]++
	lines["total"]++
	if (run[file, number]) {
		ran[file]++
		ran[dir]++
		ran["total"]++
		return
	}
	if (!unrun[file, name]++)
		functions[++nr_functions] = file SUBSEP name
	never[file, name] = never[file, name] sprintf("  %5d %s\n", number, line)
}

function percent(what) {
	return 100 * ran[what] / lines[what]
}

function row(what) {
	return sprintf("%-34s %7d %7d %7.1f %%", what, lines[what], ran[what],
		percent(what))
}

function print_table(    file, sorted, i, n) {
	n = asorti(lines, sorted)
	printf "%-34s %7s %7s %9s\n", "file", "lines", "run", "part" >(out "/table.txt")
	for (i = 1; i <= n; i++)
		if (sorted[i] ~ /\//)
			print row(sorted[i]) >(out "/table.txt")
	for (i = 1; i <= n; i++)
		if (sorted[i] !~ /\// && sorted[i] != "total")
			print row(sorted[i]) >(out "/table.txt")
	print row("total") >(out "/table.txt")
	close(out "/table.txt")
	while ((getline file <(out "/table.txt")) > 0)
		print "# " file
}

function verdict(    i, n, key, without) {
	n = asort(functions)
	printf "" >(out "/unrun.txt")
	for (i = 1; i <= n; i++) {
		split(functions[i], key, SUBSEP)
		printf "%s %s %d\n%s", key[1], key[2], unrun[functions[i]],
			never[functions[i]] >(out "/unrun.txt")
		if (unrun[functions[i]] <= allowed[functions[i]])
			continue
		without++
		printf "# no reason: %s %s %d lines\n", key[1], key[2], unrun[functions[i]]
	}
	printf "%sok - %.1f %% of the lines of the modules ran, at least %d %%\n",
		percent("total") < goal ? "not " : "", percent("total"), goal
	printf "%sok - what never ran has a reason\n", without ? "not " : ""
	exit percent("total") < goal || without > 0
}
