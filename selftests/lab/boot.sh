# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-only
#
# boot.sh - one boot of the lab host: options, the emulator's arguments, the
# run itself and the verdict on it.
#
# Command and exit status travel through a directory shared by 9p (/ctl), the
# command's output through a virtio port, the kernel's messages through the
# serial line. Nothing is learnt by reading a console.

boot_defaults() {
	kernel=stock mem=4G cpus=2 nodes=1 timeout=900 out='' modules=1 tty=0
	more_words='' root='' disks=() images=() command=() work=''
}

boot_check_nodes() {
	[[ $nodes =~ ^[1-9][0-9]*$ && $cpus =~ ^[1-9][0-9]*$ ]] ||
		die "--cpus and --nodes are numbers"
	[ $((cpus % nodes)) = 0 ] || die "--nodes must divide --cpus"
}

boot_options() {
	while [ $# -gt 0 ]; do
		case $1 in
		--kernel) kernel=$2 ;;
		--mem) mem=$2 ;;
		--cpus) cpus=$2 ;;
		--nodes) nodes=$2 ;;
		--timeout) timeout=$2 ;;
		--out) out=$2 ;;
		--disk) disks+=("$2") ;;
		--image) images+=("$2") ;;
		--append) more_words=$2 ;;
		--root) root=$2 modules=0 ;;
		--no-modules)
			modules=0
			shift
			continue
			;;
		--)
			shift
			command=("$@")
			return
			;;
		-*) die "unknown option $1" ;;
		*)
			command=("$@")
			return
			;;
		esac
		[ $# -ge 2 ] || die "$1 needs a value"
		shift 2
	done
}

# boot_prepare - directories, the command and its settings.
boot_prepare() {
	local disk
	boot_check_nodes
	kernel_ensure "$kernel"
	sweep_work
	work=$(mktemp -d "${TMPDIR:-/tmp}/lab.$$.XXXXXX")
	trap 'rm -rf "$work"' EXIT
	mkdir "$work/ctl"
	[ -n "$out" ] || out=$work/out
	mkdir -p "$out"
	out=$(cd "$out" && pwd)
	rm -f "$out"/{serial.log,dmesg.txt,kmemleak.txt}
	printf '%s\0' "${command[@]}" >"$work/ctl/command"
	{
		echo "modules=$modules tty=$tty"
		kernel_is_ours "$kernel" && echo "leaks=1"
		[ ! -t 0 ] || stty size | sed 's/\(.*\) \(.*\)/rows=\1 columns=\2/'
		printf 'term=%q\n' "${TERM:-dumb}"
		env_forward
	} >"$work/ctl/config"
	for disk in "${!disks[@]}"; do
		truncate -s "${disks[disk]}" "$work/disk$disk"
	done
}

# What a lab that was killed outright could not remove itself.
sweep_work() {
	local dir pid
	for dir in "${TMPDIR:-/tmp}"/lab.*.*; do
		pid=${dir#*/lab.}
		pid=${pid%%.*}
		[ ! -d "$dir" ] || kill -0 "$pid" 2>/dev/null || rm -rf "$dir"
	done
}

# Settings of the tests themselves go along: DR_..., and whether the output
# goes to a terminal in the end.
env_forward() {
	local name
	for name in $(compgen -e DR_; compgen -e DENSERAM_TEST_); do
		printf 'export %s=%q\n' "$name" "${!name}"
	done
	[ ! -t 1 ] || printf 'export LAB_TTY=1 COLUMNS=%q\n' "$(tput cols 2>/dev/null || echo 80)"
}

boot_cpu() {
	if [ "$1" = kvm ]; then
		echo "-accel kvm -cpu host"
	else
		echo "-accel tcg,thread=multi" \
			"-cpu qemu64,+svm,+npt,+nx,+x2apic,+rdtscp,+rdrand"
	fi
}

# boot_nodes - memory and CPUs in equal parts. A node is a socket of its own:
# the kernel warns of cores that share one and sit in two nodes.
boot_nodes() {
	local i first last mib
	mib=$(($(numfmt --from=iec "$mem") / 1048576 / nodes))
	for ((i = 0; i < nodes; i++)); do
		first=$((i * cpus / nodes)) last=$(((i + 1) * cpus / nodes - 1))
		echo "-object memory-backend-ram,id=node$i,size=${mib}M"
		echo "-numa node,nodeid=$i,memdev=node$i,cpus=$first-$last"
	done
}

# boot_share NAME PATH [ro] - one 9p directory.
boot_share() {
	local ro=${3:+,readonly=on}
	echo "-virtfs local,path=$2,mount_tag=$1,security_model=none,multidevs=remap$ro"
}

# boot_qemu ACCEL - the emulator's command line, one word a line.
boot_qemu() {
	local append i
	append="console=ttyS0 loglevel=7 log_buf_len=8M panic=-1 oops=panic mitigations=off"
	# A busy machine lets a virtual CPU wait for many seconds. That is no
	# stall, no dead timer and no fault of the TSC; what really hangs
	# hangs longer.
	append+=" no_timer_check tsc=reliable rcupdate.rcu_cpu_stall_timeout=60 watchdog_thresh=30"
	if kernel_is_ours "$kernel"; then
		append+=" lab.modules page_poison=1 kunit.enable=1"
	fi
	[ -z "$root" ] || append+=" lab.systemd"
	{
		echo "/opt/emulator/usr/bin/qemu-system-x86_64"
		echo "-L /opt/emulator/usr/share/qemu -L /opt/emulator/usr/share/seabios"
		echo "-nodefaults -no-user-config -no-reboot"
		echo "-display none -machine q35 -m $mem"
		echo "-smp $cpus,sockets=$nodes"
		boot_cpu "$1"
		[ "$nodes" = 1 ] || boot_nodes
		echo "-kernel $(kernel_image "$kernel")"
		echo "-initrd $(kernel_initramfs "$kernel")"
		boot_share root "/cache/${root:-$(basename "$(root_path)")}" ro
		boot_share src /src ro
		boot_share out /out
		boot_share ctl /ctl
		! kernel_is_ours "$kernel" || {
			boot_share modules "$(kernel_modules "$kernel")" ro
			boot_share kernel "$(dirname "$(kernel_image "$kernel")")" ro
		}
		echo "-device virtio-rng-pci -serial file:/out/serial.log"
		for i in "${!disks[@]}"; do
			echo "-drive file=/work/disk$i,format=raw,if=none,cache=unsafe,id=d$i"
			echo "-device virtio-blk-pci,drive=d$i"
		done
		for i in "${images[@]}"; do
			echo "-drive file=/cache/$i,format=raw,if=none,readonly=on,id=$i"
			echo "-device virtio-blk-pci,drive=$i"
		done
		echo "-device virtio-serial-pci"
		if [ "$tty" = 1 ]; then
			echo "-chardev stdio,id=con,signal=off -device virtconsole,chardev=con"
		else
			echo "-add-fd fd=3,set=1 -chardev file,id=out,path=/dev/fdset/1,append=on"
			echo "-device virtserialport,chardev=out,name=lab.out"
		fi
	} | tr -s ' ' '\n'
	printf '%s\n' -append "$append $more_words"
}

# boot_run ACCEL - run to the end of the lab host or to the timeout.
boot_run() {
	local qemu=() status=0
	mapfile -t qemu < <(boot_qemu "$1")
	export ROOT_BIND="$out:/out $work/ctl:/ctl $work:/work"
	if [ "$tty" = 1 ]; then
		ROOT_TTY=1 root_enter "${qemu[@]}" || status=$?
	else
		# The emulator gets the write end of a pipe: it makes what it
		# opens non-blocking, and our own stdout is shared with others.
		# shellcheck disable=SC2016
		root_enter timeout --foreground -s KILL "$timeout" bash -c \
			'set -o pipefail; { "$@" 3>&1 >&2; } | cat' lab "${qemu[@]}" \
			</dev/null || status=$?
	fi
	[ "$status" = 0 ] || say "the emulator ended with status $status"
}

# boot_verdict SECONDS - exit status of the run as a whole.
boot_verdict() {
	local status=$EXIT_NO_STATUS bad=0
	[ ! -e "$work/ctl/status" ] || status=$(cat "$work/ctl/status")
	"$LAB_DIR/dmesg-check" "$out/serial.log" "$out/dmesg.txt" >&2 || bad=1
	if [ -e "$work/ctl/problems" ]; then
		sed 's/^/lab: /' "$work/ctl/problems" >&2
		bad=1
	fi
	if [ ! -e "$work/ctl/status" ]; then
		if [ "$1" -ge "$timeout" ]; then
			say "timeout after $timeout s, the lab host was killed; its last words:"
			status=$EXIT_TIMEOUT
		else
			say "the lab host ended without a status; its last words:"
		fi
		tail -n 15 "$out/serial.log" >&2 || true
	fi
	if [ "$bad" = 1 ]; then
		say "kernel problems in the lab host (kernel $kernel, command status $status)"
		[ "$status" = "$EXIT_TIMEOUT" ] || status=$EXIT_KERNEL
	fi
	return "$status"
}

boot_main() {
	local start accel status=0
	boot_prepare
	accel=$(accel_choose)
	[ "$accel" = kvm ] || [ ! -e "$(root_path)/opt/emulator/as-it-is" ] ||
		say "this emulator loses guests now and then, see Documentation/process/testing.rst"
	start=$SECONDS
	boot_run "$accel"
	boot_verdict $((SECONDS - start)) || status=$?
	return "$status"
}
