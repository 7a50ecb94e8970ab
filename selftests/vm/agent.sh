# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash disable=SC2154
# Guests with a kernel of their own choice that are driven by a shell on their
# serial line: for tests of what runs inside a guest. To be sourced after
# lib.sh; the caller removes $work.

images=$TOP/build/guest
work=$(mktemp -d)
vm=vm1				# the guest that is meant
driver=denseram_balloon		# or virtio_balloon, or none
launch_args=()			# more words for "launch"
machine_args=()			# more words for QEMU
balloon_props=			# more properties of the device: ,NAME=VALUE
extra_files=()			# programs for the guest
extra_modules=()		# drivers for it
guest_mem=256M
guest_words=			# more words for its kernel

# PID 1 of the guest: run each line that comes, answer with its status
agent()
{
	cat <<'SH'
#!/bin/busybox sh
/bin/busybox --install -s /bin
mount -t proc none /proc
mount -t sysfs none /sys
mount -t devtmpfs none /dev 2>/dev/null
exec </dev/ttyS0 >/dev/ttyS0 2>&1
stty -echo
while read -r file; do insmod "$file"; done </modules/list
echo '@up'
while read -r turn line; do
	eval "$line" >/answer 2>&1
	printf '@%s %s %s\n' "$turn" $? "$(tr '\n' ' ' </answer)"
done
SH
}

# The guest runs the kernel of the host, so that a host with another kernel
# tests the driver on that one; most of our own kernels of the lab have no image
# here, and then it is the stock kernel, of which there is one without a
# decompressor
choose_kernel()
{
	local stock

	stock=$(cat "$images/release")
	release=$(uname -r)
	[ -e "/boot/vmlinuz-$release" ] || release=$stock
	kernel=vmlinuz
	[ "$release" != "$stock" ] || kernel=vmlinux
}

# add_modules ROOT: the drivers and what they need; those to load, in order
add_modules()
{
	local file name

	modprobe -S "$release" -aD virtio_pci "${extra_modules[@]}" \
		virtio_balloon |
	sed -n 's/^insmod //p' | awk '!seen[$1]++' |
	while read -r file _; do
		name=$(basename "$file" .xz)
		xz -dcf "$file" >"$1/modules/$name"
		[ "$name" = virtio_balloon.ko ] || echo "/modules/$name"
	done >"$1/modules/list"
	cp "$TOP/build/$release/denseram_balloon.ko" "$1/modules/"
	[ "$driver" = none ] || echo "/modules/$driver.ko" >>"$1/modules/list"
}

make_images()
{
	local root=$work/root

	rm -rf "$work/images"
	choose_kernel
	mkdir -p "$root"/{bin,dev,proc,sys,modules} "$work/images"
	cp "$(command -v busybox)" "$root/bin/busybox"
	cp "$images/workload" "${extra_files[@]}" "$root/"
	mknod -m 600 "$root/dev/console" c 5 1
	agent >"$root/init"
	chmod 755 "$root/init"
	add_modules "$root"
	(cd "$root" && find . | cpio -o -H newc --quiet) | gzip -1 \
		>"$work/images/initramfs.cpio.gz"
	rm -r "$root"
	if [ $kernel = vmlinux ]; then
		ln -s "$images/vmlinux" "$work/images/vmlinux"
	else
		ln -s "/boot/vmlinuz-$release" "$work/images/vmlinuz"
	fi
}

# said_or_gone GUEST LINE: its console has the line, or will have no more
said_or_gone()
{
	local pid

	! grep -aq "^$2" "$("$guest" log "$1")" || return 0
	pid=$("$guest" pid "$1")
	[ -z "$pid" ] || ! grep -qs '^State:[[:space:]]*[^Z]' "/proc/$pid/status"
}

# A guest that is gone is not waited for
is_up()
{
	until_true 120 said_or_gone "$1" @up
	grep -aq '^@up' "$("$guest" log "$1")"
}

boot()
{
	GUEST_IMAGES=$work/images start "$vm" --mem "$guest_mem" \
		"${launch_args[@]}" \
		--kernel "$kernel" --append "no_console_suspend $guest_words" -- \
		-device pcie-root-port,id=slot0,slot=1,chassis=1 \
		-device "virtio-balloon-pci,id=balloon,bus=slot0,deflate-on-oom=$1$balloon_props" \
		"${machine_args[@]}"
	is_up "$vm"
}

# run LINE: in the guest, one line; its output, and its status as ours
run()
{
	local answer log status turn=$EPOCHREALTIME

	log=$("$guest" log "$vm")
	# Stay connected until the answer: QEMU forgets what the guest has not
	# read yet when the other end of the line goes away
	{
		echo "$turn $*"
		until_true 120 said_or_gone "$vm" "@$turn " || true
	} | socat -t 0.1 - "UNIX-CONNECT:$GUESTS/$vm/serial" >/dev/null
	grep -aq "^@$turn " "$log" || {
		echo "no answer to: $*"
		return 124
	}
	answer=$(grep -a "^@$turn " "$log" | tr -d '\r')
	status=$(cut -d ' ' -f 2 <<<"$answer")
	cut -d ' ' -f 3- <<<"$answer"
	return "$status"
}

# What of the driver has run in the guest, when selftests/coverage/collect waits
# for it
bring_counts()
{
	local built=$TOP/build/$release/src out name

	[ -d /out/counts ] || return 0
	run "mount -t debugfs none /sys/kernel/debug" >/dev/null || :
	out=$(mktemp -d /out/counts/guest.XXXXXX)/guest-balloon
	mkdir "$out"
	for name in $(run "cd /sys/kernel/debug/gcov$built/guest-balloon && \
			ls | grep gcda"); do
		run "base64 /sys/kernel/debug/gcov$built/guest-balloon/$name" |
			tr -d ' ' | base64 -d >"$out/$name"
	done
}

# The guest that is meant has done its work
end_guest()
{
	bring_counts
	"$guest" rm "$vm"
}
