# shellcheck shell=bash disable=SC2154 # of "soak" and the tests' helpers
# SPDX-License-Identifier: GPL-2.0-only
# Faults that a soak injects: of a disk, by the device mapper, and of allocations of the
# module's threads, by a kernel that can. To be sourced.

faulty=/dev/mapper/dr-soak
faulty_sectors=$((96 * 2048))	# few: what is there may be lost, and guests with it
inject=/sys/kernel/debug

# ---- the disk

set_table()
{
	dmsetup suspend --noflush dr-soak
	dmsetup load dr-soak --table "$1"
	dmsetup resume dr-soak
}

# Its node may outlive it: nobody is there to remove that
is_there()
{
	dmsetup info dr-soak >/dev/null 2>&1
}

sound_table()
{
	echo "0 $faulty_sectors linear $faulty_disk 0"
}

# table_of KIND: at once, and until it is replaced
table_of()
{
	local features

	case $1 in
	read_errors)	features="1 error_reads" ;;
	write_errors)	features="1 error_writes" ;;
	lost_writes)	features="1 drop_writes" ;;
	wrong_bytes)	features="5 corrupt_bio_byte 128 r 165 0" ;;
	esac
	echo "0 $faulty_sectors flakey $faulty_disk 0 0 3600 $features"
}

make_faulty()
{
	modprobe -q dm-mod || :
	modprobe -q dm-flakey || :
	dmsetup create dr-soak --table "$(sound_table)"
	dmsetup mknodes
	"$cli" swap add --force --prio 1 "$faulty"
	dmsetup targets | grep -q '^flakey ' || without io_fault "no dm-flakey"
}

# io_fault KIND SECONDS. Then a new disk is in its place, as far as guests let go of this
# one: what cannot be read stays where it is
io_fault()
{
	: >"$state/io_faults"
	set_table "$(table_of "$1")"
	sleep "$2"
	set_table "$(sound_table)"
	sleep 2
	! timeout 60 "$cli" swap rm "$faulty" 2>/dev/null ||
		"$cli" swap add --force --prio 1 "$faulty"
}

# ---- allocations

# Of the module's threads alone: VMMs would end, and tools say that they failed
prepare_alloc_faults()
{
	local kind pid

	if [ ! -d $inject/failslab ] || [ ! -d $inject/fail_page_alloc ]; then
		without alloc_fault "this kernel has no fault injection"
		return
	fi
	for kind in failslab fail_page_alloc; do
		echo Y >$inject/$kind/task-filter
		echo N >$inject/$kind/ignore-gfp-wait
		echo -1 >$inject/$kind/times
		echo 0 >$inject/$kind/verbose
		echo 0 >$inject/$kind/probability
	done
	echo N >$inject/fail_page_alloc/ignore-gfp-highmem
	echo 0 >$inject/fail_page_alloc/min-order
	for pid in $(pgrep '^(denseram_|dr_)' -P 2); do
		echo 1 >"/proc/$pid/make-it-fail"
	done
}

# alloc_fault N SECONDS: one allocation of N fails
alloc_fault()
{
	set_alloc_faults "$1" 100
	sleep "$2"
	set_alloc_faults 1 0
}

# set_alloc_faults INTERVAL PERCENT
set_alloc_faults()
{
	echo "$1" >$inject/failslab/interval
	echo "$1" >$inject/fail_page_alloc/interval
	echo "$2" >$inject/failslab/probability
	echo "$2" >$inject/fail_page_alloc/probability
}

end_faults()
{
	[ ! -w $inject/failslab/probability ] || set_alloc_faults 1 0
	! is_there || set_table "$(sound_table)"
}

remove_faulty()
{
	is_there || return 0
	"$cli" swap rm "$faulty" && dmsetup remove dr-soak
}
