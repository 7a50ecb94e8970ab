# shellcheck shell=bash disable=SC2154 # "measure" sets what is not set here
# SPDX-License-Identifier: GPL-2.0-only
# The four sides of bench-page, each as its best users would have it:
#
#   denseram_lz4   a pool with lz4 that never fills, a swap area behind it
#   denseram_disk  no pool: a swap area alone
#   linux_zswap    zswap with lz4 and zsmalloc that never fills, a swap device
#                  behind it; one page at a time is read (vm.page-cluster 0), as
#                  those who have zswap or zram set it: reading ahead costs CPU
#                  time where there is no disk to seek on
#   linux_swap     a swap device; vm.page-cluster 3, the kernel's default, which
#                  reads ahead where that has helped before
#
# The guest's RAM is what is limited, to the same size everywhere. denseram counts
# just that against a guest's limit. A memory cgroup counts QEMU's own memory,
# the page tables and what zswap keeps as well, some tens of MiB; so the group
# has as much more as these take, and what is left is for the pages of the memfd.
# It is found out while the guest settles, and each second while it is measured:
# left alone, a group would have its pool shrink for the benefit of the memfd.
#
# memory.max, not memory.high: the latter makes a task sleep that is above it, up
# to two seconds at a time, on top of its reclaim. Under memory.max the fault that
# needs a page reclaims some and goes on, which is faster. memory.high is used to
# get there only: unlike memory.max it kills nobody on the way.
#
# The memfd has pages of 4 KiB, which is the kernel's default. With huge pages always,
# as in bench-base, Linux 6.12 would swap them out whole, past zswap, which takes no
# such page (mm/zswap.c, zswap_store()), and would read them back in small ones.
#
# Sharing is off, as KSM is: this is about paging.

sys=/sys/kernel/denseram
cgroup=/sys/fs/cgroup/bench-page
zswap=/sys/module/zswap/parameters
shmem=/run/shmem-thp	# where "launch" would have one with huge pages
# Larger than all guests together
pool_max=1G zswap_percent=50
denseram=$top/build/tools/denseram

begin_all()
{
	modprobe lz4
	echo +memory >/sys/fs/cgroup/cgroup.subtree_control
	mkdir -p $cgroup $shmem
	mount -t tmpfs -o huge=never,size=100% none $shmem
	echo lz4 >$zswap/compressor
	echo zsmalloc >$zswap/zpool
	echo $zswap_percent >$zswap/max_pool_percent
	mkswap "/dev/$linux_disk" >/dev/null
	swapon "/dev/$linux_disk"
	echo 0 >$sys/sharing/enabled
	echo lz4 >$sys/swap/compressor
	"$denseram" swap add --force "/dev/$denseram_disk"
}

end_all()
{
	rm -f "$image"
	echo N >$zswap/enabled
	swapoff "/dev/$linux_disk" || :
	"$denseram" swap rm "/dev/$denseram_disk" || :
	umount $shmem || :
	rmdir $cgroup || :
}

back_of()
{
	case $1 in
	denseram_*)	echo denseram ;;
	linux_*)	echo memfd ;;
	esac
}

begin_side()
{
	# Images come from the page cache for each of them; their memory does not
	sync
	echo 1 >/proc/sys/vm/compact_memory
	case $1 in
	denseram_lz4)	echo $pool_max >$sys/swap/pool_limit ;;
	denseram_disk)	echo 0 >$sys/swap/pool_limit ;;
	linux_zswap)	echo Y >$zswap/enabled
			echo 0 >/proc/sys/vm/page-cluster ;;
	linux_swap)	echo N >$zswap/enabled
			echo 3 >/proc/sys/vm/page-cluster ;;
	*)		echo "measure: unknown side $1" >&2; exit 2 ;;
	esac
}

end_side()
{
	echo N >$zswap/enabled
	echo max >$cgroup/memory.max
	echo max >$cgroup/memory.high
}

# in_side SIDE COMMAND...: its memory is charged where it is limited
in_side()
{
	local side=$1

	shift
	(
		[ "$(back_of "$side")" != memfd ] ||
			echo "$BASHPID" >$cgroup/cgroup.procs
		"$@"
	)
}

# of_cgroup KEY...: the sum of these lines of memory.stat. No process is started:
# it is asked for often, on a host that has better things to do.
of_cgroup()
{
	local key value sum=0

	while read -r key value; do
		case " $* " in
		*" $key "*) sum=$((sum + value)) ;;
		esac
	done <$cgroup/memory.stat
	echo $sum
}

# limit_side SIDE BYTES: 0 for none
limit_side()
{
	local all

	if [ "$(back_of "$1")" = denseram ]; then
		echo "$2" >"$sys/guests/$1/limit"
	elif [ "$2" -eq 0 ]; then
		echo max >$cgroup/memory.max
		echo max >$cgroup/memory.high
	else
		# What zswap keeps is a part of "kernel"
		all=$(($2 + $(of_cgroup anon kernel)))
		echo max >$cgroup/memory.max
		echo $all >$cgroup/memory.high
		echo $all >$cgroup/memory.max
		echo max >$cgroup/memory.high
	fi
}

# Pages of the guest in memory; those that were read ahead are, too
resident_of()
{
	case $1 in
	denseram_*)	cat "$sys/guests/$1/resident" ;;
	linux_*)	of_cgroup shmem swapcached ;;
	esac
}

# Ticks of all CPUs that neither idled nor ran a guest: what QEMU and the host's
# kernel did for it. A guest that works is busy all the time, whatever it gets
# done.
host_ticks()
{
	awk '/^cpu / { print $2 + $3 + $4 + $7 + $8 - $10 - $11; exit }' \
		/proc/stat
}

# disk_counts DISK: bytes read and written
disk_counts()
{
	awk '{ printf "\"read\": %.0f, \"written\": %.0f", $3 * 512, $7 * 512 }' \
		"/sys/block/$1/stat"
}

# A major fault is one on a page whose bytes were not in a page, whatever has
# them: Linux counts loads from zswap so, and denseram's from the pool must be
# added. What was read ahead is not. Loads from a disk are counted as well.
denseram_counts()
{
	local stat=$sys/guests/$1/stat major disk

	major=$(($(cat "$stat/swap_in") - $(cat "$stat/swap_ahead")))
	disk=$(cat "$stat/fault_major")
	echo "\"major\": $major, \"major_disk\": $disk,
		\"soft\": $(cat "$stat/fault_soft"),
		\"clean\": $(cat "$stat/swap_clean"),
		\"pool\": $(cat $sys/swap/pool_memory)"
}

linux_counts()
{
	local major

	major=$(of_cgroup pgmajfault)
	echo "\"major\": $major, \"major_disk\": $((major - $(of_cgroup zswpin))),
		\"soft\": 0, \"clean\": 0, \"pool\": $(of_cgroup zswap)"
}

# counts_of SIDE: an object; all but "resident" and "pool" only grow
counts_of()
{
	local disk=$linux_disk

	[ "$(back_of "$1")" != denseram ] || disk=$denseram_disk
	echo "{\"host_ticks\": $(host_ticks), $(disk_counts "$disk"),
		$("${1%%_*}_counts" "$1"), \"resident\": $(resident_of "$1")}"
}
