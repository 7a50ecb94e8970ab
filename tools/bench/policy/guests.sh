# shellcheck shell=bash disable=SC2154,SC2034 # of "measure" and the tests' helpers
# SPDX-License-Identifier: GPL-2.0-only
# The guests of bench-policy, the host that runs short, and who watches them.

MIB=1048576
policy=$SYSFS/policy
denseram=$TOP/build/tools/denseram
hog=$work/hog
daemon='' watcher=''
period=2000	# of sampling, in ms: what is idle is seen the sooner

# ---- guests

# prepare LABEL DRIVER: images of guests with this driver; they start fastest from a
# kernel that is not compressed
prepare()
{
	driver=$2
	make_images
	if [ "$release" = "$(cat "$images/release")" ]; then
		kernel=vmlinux
		ln -sfn "$images/vmlinux" "$work/images/vmlinux"
	fi
	mv "$work/images" "$work/images-$1"
}

# in_guest NAME LINE: run it there
in_guest()
{
	local vm=$1

	shift
	run "$@"
}

# up NAME BACK MIB MIN-MIB: denseram's with all that helps it, others with the
# kernel's driver as their VMMs set it up
up()
{
	local vm=$1 oom=on guest_mem=${3}M machine_args=()
	local launch_args=(--back "$2")

	if [ "$2" = denseram ]; then
		ln -sfn images-denseram "$work/images"
		machine_args=(-qmp "unix:$GUESTS/$1/daemon.qmp,server=on,wait=off")
	else
		ln -sfn images-in_tree "$work/images"
		oom=off
	fi
	boot "$oom"
	if [ "$2" = denseram ]; then
		"$denseram" guest set "$1" "min=${4}M"
	else
		ram_of "$1" >"$work/ram.$1"
	fi
	echo "$3 $4 $2" >"$work/about.$1"
	echo 0 >"$work/balloon.$1"
}

# down NAME: whoever watches forgets it first
down()
{
	rm -f "$work"/{about,balloon,ram}."$1"
	"$guest" rm "$1"
}

# touch_once NAME MIB: all that memory, which then is the guest's kernel's again
touch_once()
{
	in_guest "$1" "/workload --native mode=fill mem=$2 secs=1 verify=0 \
		</dev/null >/fill.log 2>&1" >/dev/null
}

# work NAME WORDS: in the background, for ever
work()
{
	in_guest "$1" "mkfifo /work.in; exec 9<>/work.in; \
		/workload --native $2 secs=0 verify=0 <&9 >/work.log 2>&1 &" \
		>/dev/null
}

is_working()
{
	in_guest "$1" "grep -q '\"t\":1' /work.log" >/dev/null
}

# progress NAME: seconds of the guest's own clock and operations, so far
progress()
{
	in_guest "$1" "grep '\"t\":' /work.log | tail -n 1" | sed 's/^@dr //' |
		jq -c '{t, ops}'
}

# ram_of NAME: the file that its memory is, which QEMU has open and has unlinked
ram_of()
{
	local fd

	for fd in "/proc/$("$guest" pid "$1")/fd"/*; do
		[[ $(readlink "$fd") != /run/shmem-thp/* ]] || echo "$fd"
	done
}

# resident NAME: bytes of the host's memory. What QEMU has mapped of a memfd would not do:
# when a huge page of it is split, QEMU maps none of its pages, which all are still there
resident()
{
	if [ -e "$SYSFS/guests/$1" ]; then
		echo "$(<"$SYSFS/guests/$1/resident")"
	else
		echo $(($(stat -L -c %b "$(<"$work/ram.$1")") * 512))
	fi
}

# ---- the host

# hog MIB: take so much more of the host's memory
take_host()
{
	mkdir -p "$hog"
	mountpoint -q "$hog" || mount -t tmpfs -o size=100% none "$hog"
	fallocate -l "${1}M" "$hog/$EPOCHREALTIME"
}

free_host()
{
	! mountpoint -q "$hog" || umount "$hog"
}

# leave_host MIB: take all of it but so much
leave_host()
{
	local most=$(($(available) - $1))

	[ $most -le 0 ] || take_host $most
}

# squeeze_pool MIB: until guests may have but so much together. What the host has to
# spare is taken at once, the rest a step at a time, so that the guests can follow
squeeze_pool()
{
	local most room deadline=$((SECONDS + 60))

	while most=$(($(<"$policy/pool") / MIB - $1)) && [ $most -gt 0 ] &&
	      [ $SECONDS -lt $deadline ]; do
		room=$(($(available) - 320))
		[ $room -ge 64 ] || room=64
		[ "$(available)" -lt 160 ] ||
			take_host $((most < room ? most : room))
		sleep 1.1
	done
}

start_daemon()
{
	echo "qmp = $GUESTS/*/daemon.qmp" >"$work/conf"
	"$TOP/build/tools/denseramd" -c "$work/conf" 2>"$out/denseramd.log" &
	daemon=$!
}

# in_use NAME: MiB, as the policy sees it
in_use()
{
	"$denseram" explain "$1" --json | jq '.in_use / 1048576 | floor'
}

is_idle()
{
	[ "$(in_use "$1")" -lt "$2" ]
}

# ---- who watches

# Looks at each guest, with few processes started for it. What a guest
# gave by its balloon, and what was paged out, together leave it its min
watch()
{
	local about name size min back swapped level held balloon

	while sleep 0.7; do
		level=$(<"$policy/level")
		for about in "$work"/about.*; do
			[ -e "$about" ] || continue
			name=${about##*/about.} swapped=0
			read -r size min back <"$about" || continue
			held=$(resident "$name") || continue
			if [ "$back" = denseram ]; then
				swapped=$(<"$SYSFS/guests/$name/swapped") || continue
				swapped=$((swapped * 4096))	# it is in pages
				balloon=$(<"$SYSFS/guests/$name/balloon/actual") || continue
			else
				balloon=$(<"$work/balloon.$name") || continue
			fi
			printf '%s\t%s\t%s\t%s\t%d\t%d\t%d\t%d\t%d\t%d\t%s\n' \
				"$EPOCHREALTIME" "$(<"$work/part")" "$back" "$name" \
				$((size * MIB)) $((min * MIB)) "$held" "$balloon" \
				"$swapped" "$(available)" "$level"
		done
	done 2>/dev/null >>"$out/watch.tsv"
}

# What the guests said last, when a part has failed
tidy_up()
{
	[ $? -eq 0 ] || report_guests >&2
	[ -z "$watcher" ] || kill "$watcher" 2>/dev/null || :
	free_host || :
	[ -z "$daemon" ] || kill "$daemon" 2>/dev/null || :
	remove_guests >/dev/null 2>&1 || :
	rm -rf "$work"
}
