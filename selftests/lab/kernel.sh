# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-only
#
# kernel.sh - the kernels of the lab host. "stock" and "next" are packages in
# the root; ours are built once from linux-source and cached. Paths are those
# seen inside the root.

OUR_KERNELS=(debug kasan gcov)

# A new root with the same sources needs no new kernel.
kernel_key() {
	local name=$1 files
	files=("$LAB_DIR/mkkernel" "$LAB_DIR/debug.config"
		"$(root_path)/etc/denseram/source")
	[ "$name" = debug ] || files+=("$LAB_DIR/$name.config")
	hash_of "${files[@]}"
}

kernel_is_ours() {
	[[ " ${OUR_KERNELS[*]} " == *" $1 "* ]]
}

# kernel_cache NAME - directory of one of our kernels, below the cache.
kernel_cache() {
	echo "kernel-$1-$(kernel_key "$1")"
}

kernel_known() {
	[ "$1" = stock ] || [ "$1" = next ] || kernel_is_ours "$1" ||
		die "unknown kernel $1 (stock, next, ${OUR_KERNELS[*]})"
}

kernel_release() {
	if kernel_is_ours "$1"; then
		cat "$CACHE/$(kernel_cache "$1")/release"
	else
		cat "$(root_path)/etc/denseram/kernel.$1"
	fi
}

kernel_image() {
	if kernel_is_ours "$1"; then
		echo "/cache/$(kernel_cache "$1")/vmlinuz"
	else
		echo "/boot/vmlinuz-$(kernel_release "$1")"
	fi
}

# kernel_modules NAME - the directory that holds its modules.
kernel_modules() {
	if kernel_is_ours "$1"; then
		echo "/cache/$(kernel_cache "$1")/modules/lib/modules/$(kernel_release "$1")"
	else
		echo "/lib/modules/$(kernel_release "$1")"
	fi
}

kernel_build() {
	local name=$1 dir=$2 log
	[ ! -d "$CACHE/$dir" ] || return 0
	log=$CACHE/kernel-$name.log
	say "building the $name kernel (8 minutes on 2 idle CPUs, log in $log)"
	rm -rf "$CACHE/$dir.tmp"
	mkdir -p "$CACHE/$dir.tmp"
	if ! root_enter nice -n 10 /src/selftests/lab/mkkernel \
		"$name" "/cache/$dir.tmp" >"$log" 2>&1; then
		tail -n 20 "$log" >&2
		rm -rf "$CACHE/$dir.tmp"
		die "building the $name kernel failed, see $log"
	fi
	mv -T "$CACHE/$dir.tmp" "$CACHE/$dir"
}

kernel_ensure() {
	local name=$1 dir
	kernel_known "$name"
	root_ensure
	kernel_is_ours "$name" || return 0
	dir=$(kernel_cache "$name")
	[ -d "$CACHE/$dir" ] || {
		need_root
		with_lock "kernel-$name" kernel_build "$name" "$dir"
	}
}

# kernel_links - "release=directory" of each of our kernels that exists, for
# /lib/modules of the root.
kernel_links() {
	local name dir
	for name in "${OUR_KERNELS[@]}"; do
		dir=$(kernel_cache "$name")
		[ -e "$CACHE/$dir/release" ] || continue
		printf '%s=/cache/%s ' "$(kernel_release "$name")" "$dir"
	done
}

# cache_prune - what no input of today's checkout leads to. Not to be called
# while a lab host of another checkout runs. Images go as well: those who need one
# make it again within a minute.
cache_prune() {
	local keep entry
	root_ensure
	keep=" $(basename "$(root_path)") "
	for entry in "${OUR_KERNELS[@]}"; do
		keep+="$(kernel_cache "$entry") "
	done
	for entry in "$CACHE"/root-* "$CACHE"/kernel-*-* "$CACHE"/initramfs-* \
		"$CACHE"/image-*; do
		entry=$(basename "$entry")
		case $entry in
		*.log) continue ;;
		*.tmp) with_lock "${entry%-*}" true ;;
		esac
		[[ $keep == *" $entry "* ]] || [ ! -e "$CACHE/$entry" ] || {
			say "removing $entry"
			root_remove "$CACHE/$entry"
		}
	done
}

# kernel_initramfs NAME - path of its initramfs, made when missing.
kernel_initramfs() {
	local name=$1 release key file
	release=$(kernel_release "$name")
	key=$(hash_of "$LAB_DIR/mkinitramfs" "$LAB_DIR/init" <(root_key; kernel_key kasan))
	file=initramfs-$release-$key
	[ -e "$CACHE/$file" ] ||
		with_lock initramfs root_enter /src/selftests/lab/mkinitramfs \
			"$release" "/cache/$file"
	echo "/cache/$file"
}
