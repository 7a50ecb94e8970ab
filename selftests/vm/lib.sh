# shellcheck shell=bash disable=SC2034
# SPDX-License-Identifier: GPL-2.0-only
# What the tests with KVM guests share. A test script sources this file,
# calls "check" for each thing it claims, and ends with "finish".

TOP=$(realpath "$(dirname "${BASH_SOURCE[0]}")/../..")
export GUESTS=${GUESTS:-/run/guests}
guest=$TOP/selftests/guest/guest
SYSFS=/sys/kernel/denseram
DEBUGFS=/sys/kernel/debug/denseram
MOUNT=/run/denseram
tests=0 failures=0

note()
{
	sed 's/^/# /'
}

# check WHAT COMMAND...: one TAP line; the command's output when it fails
check()
{
	local what=$1 out

	shift
	tests=$((tests + 1))
	if out=$("$@" 2>&1); then
		echo "ok $tests - $what"
	else
		failures=$((failures + 1))
		echo "not ok $tests - $what"
		echo "$* -> ${out:-(no output)}" | note
		report_guests | note
	fi
}

# What the guests and their VMMs said last: those that run, or else those
# that have gone in this test
report_guests()
{
	local dir names=()

	for dir in "$GUESTS"/*/; do
		[ ! -d "$dir" ] || names+=("$(basename "$dir")")
	done
	for dir in "$GUESTS"/.gone/*.qemu.log; do
		[ ${#names[@]} -eq 0 ] || break
		[ ! -e "$dir" ] || names+=("$(basename "$dir" .qemu.log)")
	done
	for dir in "${names[@]}"; do
		"$guest" report "$dir" || :
	done
}

skip()
{
	tests=$((tests + 1))
	echo "ok $tests - $1 # SKIP $2"
}

# is A OP B: a comparison that says what it saw
is()
{
	test "$1" "$2" "$3" || {
		echo "not true: $1 $2 $3"
		return 1
	}
}

refused()
{
	! "$@"
}

# until_true SECONDS COMMAND...: poll; longer where everything takes longer
until_true()
{
	local deadline=$((SECONDS + $1 * slow))

	shift
	until "$@"; do
		[ $SECONDS -lt $deadline ] || return 1
		sleep 0.3
	done
}

# info GUEST FILE: a value of sysfs
info()
{
	cat "$SYSFS/guests/$1/$2"
}

guest_count()
{
	find "$SYSFS/guests" -mindepth 1 -maxdepth 1 -type d | wc -l
}

start()
{
	local name=$1

	shift
	"$TOP/selftests/guest/launch" --name "$name" "$@" || {
		report_guests | note
		echo "Bail out! cannot start guest $name"
		exit 1
	}
}

# A guest has to come up, find nothing wrong and end by itself
runs_well()
{
	local seconds=$((${2:-240} * slow))

	"$guest" wait "$1" "$seconds" && "$guest" result "$1"
}

recount_ok()
{
	local got

	got=$(cat $DEBUGFS/recount)
	echo "$got"
	[ "${got%%[[:space:]]*}" = ok ]
}

# Free memory, pages on the lists of the CPUs included
mem_free_kib()
{
	sync
	echo 3 >/proc/sys/vm/drop_caches
	awk '/^MemFree:/ { sum += $2 } / count:/ { sum += $2 * 4 }
		END { print sum }' /proc/meminfo /proc/zoneinfo
}

# The kernel keeps some slabs and stacks from the first guest on: allow them,
# but no more than an eighth of a guest
memory_is_back()
{
	local now

	now=$(mem_free_kib)
	echo "free before $free_before KiB, after $now KiB"
	[ $((free_before - now)) -lt 12288 ]
}

no_guests()
{
	is "$(guest_count)" -eq 0
}

# resident_sane GUEST: the totals of a guest agree with each other
resident_sane()
{
	local size resident blocks pages

	# By one program, for they change all the time
	read -rd '' size resident blocks pages < \
		<(cd "$SYSFS/guests/$1" && cat size resident blocks pages) || :
	echo "size $size resident $resident blocks $blocks pages $pages"
	[ "$resident" -gt 0 ] && [ "$resident" -le "$size" ] &&
		[ $((blocks * 2097152 + pages * 4096)) -ge "$resident" ]
}

# smaps_kib GUEST FIELD: of the mappings of denseram files in its VMM
smaps_kib()
{
	awk -v field="$2:" '
		/^[0-9a-f]+-[0-9a-f]+ / { ours = /denseram|ram[0-9]|dr-/ }
		ours && $1 == field { sum += $2 }
		END { print sum + 0 }' "/proc/$("$guest" pid "$1")/smaps"
}

remove_guests()
{
	local dir

	for dir in "$GUESTS"/*/; do
		[ ! -d "$dir" ] || "$guest" rm "$(basename "$dir")"
	done
}

finish()
{
	remove_guests
	check "no guest is left" until_true 10 no_guests
	check "recount finds all totals right" recount_ok
	check "all memory is back" until_true 30 memory_is_back
	echo "1..$tests"
	[ $failures -eq 0 ]
	exit
}

# After a failure on the way, too: no test may inherit another's guests
trap 'remove_guests >/dev/null 2>&1' EXIT

# Kernels with checks everywhere take their time
slow=1
[ ! -e /sys/kernel/debug/kmemleak ] || slow=${DR_SLOW:-4}

rm -rf "$GUESTS/.gone"
mkdir -p "$GUESTS"
free_before=$(mem_free_kib)
