# shellcheck shell=bash disable=SC2154,SC2034 # "measure" sets what is not set here
# SPDX-License-Identifier: GPL-2.0-only
# The three stacks of bench-density, each as its best users would have it:
#
#   plain     anonymous memory with transparent huge pages, and nothing else
#   stock     the same, and all that Debian 13 has against its being too little: KSM
#             with its advisor, aiming at a pass within a minute rather than in 200 s,
#             so that it is of use in runs as short as these; the kernel's balloon in
#             the guest, with free page reporting, and driven by a rule like that of
#             Proxmox VE (rule.sh); and zswap with lz4, up to a quarter of the host's
#             memory, before a swap disk, read a page at a time
#   denseram  its modules, daemon and driver with their defaults, a swap area on that
#             same disk, and a small swap for what VMMs have for themselves, compressed
#             by zswap as above
#
# A guest may be asked for half of its RAM by the balloon of "stock". denseram has
# promised no guest a min.

ksm=/sys/kernel/mm/ksm
zswap=/sys/module/zswap/parameters
sys=/sys/kernel/denseram
ksm_pass_s=60 zswap_percent=25
daemon='' rule=''

# What begin_stock and "launch" change of a host, in the order to put it back
settings=("$ksm/advisor_target_scan_time" "$ksm/advisor_mode" "$ksm/use_zero_pages"
	  "$zswap/compressor" "$zswap/zpool" "$zswap/max_pool_percent" "$zswap/enabled"
	  /proc/sys/vm/page-cluster /proc/sys/vm/swappiness
	  /sys/kernel/mm/transparent_hugepage/enabled "$ksm/run")
declare -A settings_before=()

# Of one that lists all it may be, the word in brackets counts
remember_settings()
{
	local file text

	for file in "${settings[@]}"; do
		[ -w "$file" ] || continue
		text=$(<"$file")
		[[ $text != *\[*\]* ]] || { text=${text#*[} text=${text%%]*}; }
		settings_before[$file]=$text
	done
}

restore_settings()
{
	local file

	for file in "${settings[@]}"; do
		[ -z "${settings_before[$file]+x}" ] ||
			echo "${settings_before[$file]}" >"$file" || say "$file stays"
	done
}

begin_plain()
{
	:
}

end_plain()
{
	:
}

# begin_swap DEVICE: the kernel's own, by way of memory
begin_swap()
{
	modprobe -q lz4 || :
	echo lz4 >$zswap/compressor
	echo zsmalloc >$zswap/zpool
	echo $zswap_percent >$zswap/max_pool_percent
	echo Y >$zswap/enabled
	echo 0 >/proc/sys/vm/page-cluster
	mkswap "$1" >/dev/null
	swapon --discard "$1"
}

begin_stock()
{
	echo scan-time >$ksm/advisor_mode
	echo $ksm_pass_s >$ksm/advisor_target_scan_time
	echo 1 >$ksm/use_zero_pages
	echo 1 >$ksm/run
	echo 100 >/proc/sys/vm/swappiness
	begin_swap "$swap"
	follow_rule 2>"$out/rule.log" &
	rule=$!
}

# The guests are gone by now: nothing is to be brought back
end_stock()
{
	[ -z "$rule" ] || kill "$rule" 2>/dev/null || :
	[ -z "$rule" ] || wait "$rule" 2>/dev/null || :
	rule=''
	swapoff "$swap" 2>/dev/null || :
	echo 2 >$ksm/run
	restore_settings
}

begin_denseram()
{
	"$denseram" swap add --force "$swap"
	[ -z "$host_swap" ] || begin_swap "$host_swap"
	echo "qmp = $GUESTS/*/daemon.qmp" >"$work/conf"
	"$top/build/tools/denseramd" -c "$work/conf" 2>"$out/denseramd.log" &
	daemon=$!
	zero_before=$(denseram_status | jq .zero)
}

end_denseram()
{
	[ -z "$daemon" ] || kill "$daemon" 2>/dev/null || :
	[ -z "$daemon" ] || wait "$daemon" 2>/dev/null || :
	daemon=''
	"$denseram" swap rm "$swap" 2>/dev/null || say "$swap stays a swap area"
	[ -z "$host_swap" ] || swapoff "$host_swap" || say "$host_swap stays"
	restore_settings
}

# launch_args_of STACK NAME: sets words for "launch", QEMU and the guest's kernel
launch_args_of()
{
	local balloon=deflate-on-oom=on,free-page-reporting=on

	launch_args=(--back anon) qemu_args=() guest_words=()
	case $1 in
	plain)	;;
	stock)	launch_args+=(--thp "$thp" --balloon "$balloon")
		qemu_args=(-qmp "unix:$GUESTS/$2/rule.qmp,server=on,wait=off") ;;
	denseram)
		launch_args=(--back denseram)
		guest_words=(dr.load=denseram_balloon)
		qemu_args=(-device "virtio-balloon-pci,id=balloon,$balloon"
			   -qmp "unix:$GUESTS/$2/daemon.qmp,server=on,wait=off") ;;
	*)	echo "measure: unknown stack $1" >&2; exit 2 ;;
	esac
}

# ---- where memory was saved, in bytes: an object. "compressed" is what was compressed
# less what it takes now; what is on disk is not in that

sources_plain()
{
	echo '{}'
}

sources_stock()
{
	local balloon=0

	[ ! -s "$work/rule.taken" ] || balloon=$(<"$work/rule.taken")
	awk -v balloon="$balloon" -v shared="$(<$ksm/pages_sharing)" \
		-v zero="$(<$ksm/ksm_zero_pages)" '
		{ kib[substr($1, 1, length($1) - 1)] = $2 }
		END { out = kib["SwapTotal"] - kib["SwapFree"] - kib["SwapCached"]
			disk = out - kib["Zswapped"]
			printf "{\"balloon\":%.0f,\"shared\":%.0f,\"zero\":%.0f,\"compressed\":%.0f,\"disk\":%.0f,\"pool\":%.0f}\n",
				balloon, shared * 4096, zero * 4096,
				(kib["Zswapped"] - kib["Zswap"]) * 1024,
				(disk > 0 ? disk : 0) * 1024, kib["Zswap"] * 1024 }' \
		/proc/meminfo
}

# Zeros given back are counted as they go, and not when they are written again: the
# sum is an upper bound, and what is absent but not in a balloon is another
denseram_status()
{
	"$denseram" status --json | jq -c '{
		balloon: .balloons.actual, shared: .sharing.saved,
		zero: .sharing.zero_given_back,
		compressed: (.swap.pool - .swap.pool_memory + .swap.same),
		disk: (.swap.disk - .swap.clean), pool: .swap.pool_memory,
		absent: .usage.where.absent}'
}

sources_denseram()
{
	denseram_status | jq -c --argjson before "$zero_before" '.zero = ([0,
		([.zero - $before, .absent - .balloon] | min)] | max) | del(.absent)'
}
