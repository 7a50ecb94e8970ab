# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-only
# What a soak does, as text. All of it follows from the seed: nothing here looks at the
# host, the clock or a guest.
#
#   guest NAME MIB DRIVER WORD...  a guest, its balloon's driver, words for its workload
#   do NR AT KIND WORD...          an action, and the second at which it is due
#
# Lines may be taken out by hand, to find which of them a bug needs. To be sourced.

plan_modes=(idle fill toucher zipf file wait reread mix serve)
plan_guests=()			# NAME MIB MODE of each
chance=0 drawn=0

# The generator of Lehmer with the numbers of MINSTD: bash's own is another one in
# another bash. The first numbers of seeds that are near are near as well
chance_seed()
{
	local turn

	chance=$((($1 % 2147483646 + 2147483646) % 2147483646 + 1))
	for ((turn = 0; turn < 16; turn++)); do
		chance=$((chance * 48271 % 2147483647))
	done
}

# draw N: from 0 to N - 1, in $drawn. A subshell's draws would be forgotten
draw()
{
	chance=$((chance * 48271 % 2147483647))
	drawn=$(((chance >> 3) % $1))
}

# draw_from FIRST LAST [STEP]
draw_from()
{
	local step=${3:-1}

	draw $((($2 - $1) / step + 1))
	drawn=$(($1 + drawn * step))
}

# draw_one WORD...: one of them
draw_one()
{
	draw $#
	shift "$drawn"
	drawn=$1
}

# draw_guest [MODE...]: its name and size in $name and $mib; of any mode without one
draw_guest()
{
	local line fit=()

	for line in "${plan_guests[@]}"; do
		[[ $# -gt 0 && " $* " != *" ${line##* } "* ]] || fit+=("$line")
	done
	draw ${#fit[@]}
	read -r name mib _ <<<"${fit[drawn]}"
}

# ---- guests

# set_words MODE MIB: what a mode is told besides its seed, in $words. Each checks its
# bytes, and as two thirds of all memory is paged out, each page of it may be read from a
# disk: this much leaves a lab host of two processors time for what else is to happen
set_words()
{
	local zero same

	draw 40
	zero=$drawn
	draw 40
	same=$drawn
	words="dr.zero=$zero dr.same=$same dr.text=$((zero % 2))"
	case $1 in
	idle)	words+=" dr.verify=1" ;;
	fill)	words+=" dr.verify=2" ;;
	toucher) words+=" dr.ws=$(($2 / 4)) dr.rate=500 dr.verify=1" ;;
	zipf)	words+=" dr.rate=500 dr.verify=1" ;;
	file)	words+=" dr.dseed=9 dr.rate=5 dr.verify=1" ;;
	wait)	words+=" dr.threads=2 dr.rate=60" ;;
	# What it reads was made without these
	reread)	words="dr.dseed=9 dr.rate=200" ;;
	mix)	words+=" dr.rate=200" ;;
	serve)	words+=" dr.rate=10 dr.ws=$(($2 / 4)) dr.burst=$(($2 / 4)) dr.duty=0" ;;
	esac
}

# plan_guest NR MODE MIB
plan_guest()
{
	local driver words

	draw_one denseram_balloon denseram_balloon virtio_balloon none
	driver=$drawn
	# A disk's driver comes in one list with the kernel's own
	[[ $2 != file && $2 != reread ]] || driver=virtio_balloon
	set_words "$2" "$3"
	draw_from 1 1000000
	plan_guests+=("g$1 $3 $2")
	echo "guest g$1 $3 $driver dr.mode=$2 dr.seed=$drawn $words"
}

# Each mode once, then any that needs no disk, until they have three times the host's
# memory
plan_all_guests()
{
	local host=$1 sum=0 nr=0 mode

	while [ $sum -lt $((host * 3)) ] || [ $nr -lt ${#plan_modes[@]} ]; do
		mode=${plan_modes[nr]:-}
		[ -n "$mode" ] || {
			draw_one fill toucher zipf mix serve
			mode=$drawn
		}
		draw_from $((host / 4 & ~15)) $((host / 3)) 16
		sum=$((sum + drawn)) nr=$((nr + 1))
		plan_guest $nr "$mode" "$drawn"
	done
}

# ---- actions

# Each kind, and how often among all. draw_KIND sets $args
plan_kinds=(burst 6 ws 3 balloon 10 limit 9 min 5 max 2 shares 3 share 9 scan 2
	park 4 kill 4 check 3 migrate 4 pause 2 trim 2 collapse 1 evacuate 1
	swap 3 pool 2 compressor 2 tax 1 sharing 2 policy 1 daemon 3 hog 6
	io_fault 4 alloc_fault 4 add_up 2)

# A guest may always have half of its size: no min that is promised, balloon and limit
# contradict each other
draw_burst() { draw_guest serve; draw_one on off; args="$name $drawn"; }
draw_ws() { draw_guest toucher; draw_from 8 $((mib / 2)); args="$name $drawn"; }
draw_limit() { draw_guest; draw_from $((mib / 2)) $((mib * 5 / 4)) 4; at_most_mib none; }
draw_max() { draw_guest; draw_from $((mib / 2)) $((mib * 3 / 2)) 4; at_most_mib size; }
draw_min() { draw_guest; draw_from 0 $((mib / 4)) 4; args="$name ${drawn}M"; }
draw_shares() { draw_guest; draw_one 10 200 1000 5000 1000000; args="$name $drawn"; }
draw_share() { draw_guest; draw_one off guest domain domain all all; args="$name $drawn"; }
draw_scan() { draw_guest; draw_one on on off; args="$name $drawn"; }
draw_park() { draw_guest; draw_from 2 30; args="$name $drawn"; }
draw_pause() { draw_guest; draw_from 1 15; args="$name $drawn"; }
draw_check() { draw_guest; args=$name; }
draw_migrate() { draw_guest; args=$name; }
draw_trim() { draw_guest; args=$name; }
draw_collapse() { draw_guest; args=$name; }
draw_evacuate() { draw_guest; args=$name; }
draw_swap() { draw_from 2 20; args=$drawn; }
draw_pool() { draw_one 0 4M 32M 128M 512M; args=$drawn; }
draw_compressor() { draw_one lz4 zstd; args=$drawn; }
draw_tax() { draw_one 0 25 75 99; args=$drawn; }
draw_sharing() { draw_one off on on on; args=$drawn; }
draw_policy() { draw_one off on on on; args=$drawn; }
draw_daemon() { draw_from 0 12; args=$drawn; }
draw_add_up() { args=''; }

# at_most_mib WORD: more than the guest has stands for that word
at_most_mib()
{
	args="$name ${drawn}M"
	[ "$drawn" -le "$mib" ] || args="$name $1"
}

draw_balloon()
{
	draw_guest
	draw_from 0 $((mib * 5 / 8)) 2
	args="$name ${drawn}M"
	[ "$drawn" -le $((mib / 2)) ] || args="$name none"
}

# On its own file, or a new one, after some seconds in which nobody maps the old one
draw_kill()
{
	local how

	draw_guest
	draw_one keep fresh
	how=$drawn
	draw_from 0 10
	args="$name $how $drawn"
}

draw_hog()
{
	local take

	draw_from $((host / 24)) $((host / 5)) 8
	take=$drawn
	draw_from 5 40
	args="$take $drawn"
}

draw_io_fault()
{
	local how

	draw_one read_errors write_errors lost_writes wrong_bytes
	how=$drawn
	draw_from 2 10
	args="$how $drawn"
}

# One of so many allocations fails
draw_alloc_fault()
{
	local per

	draw_one 2 5 20 100
	per=$drawn
	draw_from 3 20
	args="$per $drawn"
}

# draw_kind: in $drawn
draw_kind()
{
	local i sum=0

	for ((i = 1; i < ${#plan_kinds[@]}; i += 2)); do
		sum=$((sum + plan_kinds[i]))
	done
	draw $sum
	for ((i = 0; drawn >= plan_kinds[i + 1]; i += 2)); do
		drawn=$((drawn - plan_kinds[i + 1]))
	done
	drawn=${plan_kinds[i]}
}

# plan SEED MINUTES HOST-MIB
plan()
{
	local host=$3 at=0 nr=0 kind name mib args

	plan_guests=()
	chance_seed "$1"
	echo "# seed $1, $2 minutes, a host with $3 MiB"
	plan_all_guests "$host"
	while draw_from 1 6 && at=$((at + drawn)) && [ $at -lt $(($2 * 60)) ]; do
		draw_kind
		kind=$drawn nr=$((nr + 1)) args=''
		"draw_$kind"
		echo "do $nr $at $kind${args:+ $args}"
	done
}
