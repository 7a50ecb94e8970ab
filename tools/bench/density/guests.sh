# shellcheck shell=bash disable=SC2154,SC2034 # "measure" sets what is not set here
# SPDX-License-Identifier: GPL-2.0-only
# The guests of bench-density: what they do, and how they are started, asked and ended.
#
# A guest's work is open loop ("serve" of selftests/guest): requests come at a rate,
# and are lost when they are a second late. Rates are low, so that memory and not the
# host's processors is what guests compete for; "cpu" of a sample tells if that is so.
#
#   idle    has written half of its RAM, and answers a few requests on 4 MiB of it: a
#           fifth of its pages are zeros, two fifths the same in all guests
#   busy    works on half of its RAM, three writes in ten
#   phased  is like one that is idle, on a quarter of its RAM, but takes three eighths
#           besides for 4 of 10 parts of a period, works there, and gives them back
#
# All have used all their memory once: what is free in a guest has been touched. What
# is neither zero nor the same compresses to half.

# role_of MIX NR: of that guest of a mix
role_of()
{
	case $1 in
	idle|busy|phased) echo "$1" ;;
	quarter)	if [ $(($2 % 4)) -eq 1 ]; then echo busy; else echo idle; fi ;;
	*)		echo "measure: unknown mix $1" >&2; exit 2 ;;
	esac
}

# secs_of MIX: of a window. Two of them are a period of those that are phased
secs_of()
{
	if [ "$1" = phased ]; then echo $((period / 2)); else echo "$secs"; fi
}

# words_of ROLE NR: for the guest's kernel. Golden sections of the period: whatever
# the number of guests, about as many as the duty says are in a burst
words_of()
{
	local half=$((mem / 2)) words="dr.mode=serve dr.age=1 dr.text=1 dr.secs=0"

	words+=" dr.marks=$mark_s dr.zero=20 dr.same=40 dr.seed=$((seed * 1000 + $2))"
	case $1 in
	idle)	words+=" dr.mem=$half dr.ws=4 dr.rate=$idle_rate" ;;
	busy)	words+=" dr.mem=$half dr.ws=$half dr.rate=$busy_rate" ;;
	phased)	words+=" dr.mem=$((mem * 5 / 8)) dr.burst=$((mem * 3 / 8)) dr.ws=4"
		words+=" dr.rate=$busy_rate dr.period=$period dr.duty=40"
		words+=" dr.offset=$(($2 * 618 * period / 1000 % period))" ;;
	esac
	echo "$words"
}

# start_guest MIX STACK NR. When the host kills for want of memory, it shall take a
# guest, and by a name that the lab takes for no fault of the kernel
start_guest()
{
	local name=g$3 role

	role=$(role_of "$1" "$3")
	echo "$role" >"$work/role.$name"
	launch_args_of "$2" "$name"
	(
		echo 500 >"/proc/$BASHPID/oom_score_adj"
		exec "$launch" --name "$name" --mem "${mem}M" "${launch_args[@]}" \
			--append "$(words_of "$role" "$3") ${guest_words[*]}" -- \
			-name process=oom_victim "${qemu_args[@]}"
	) >"$work/launch.log" 2>&1
}

# alive NAME: no process is started for this
alive()
{
	local pid state

	read -r pid <"$GUESTS/$1/pid" || return 1
	read -r _ _ state _ <"/proc/$pid/stat" || return 1
	[ "$state" != Z ]
} 2>/dev/null

# log_has NAME PATTERN
log_has()
{
	grep -qaE "$2" "$GUESTS/$1/log"
}

# up MIX STACK NR: start it, and wait until it has written its memory; else $why
up()
{
	local name=g$3 end=$((SECONDS + boot_most))

	begun=$EPOCHREALTIME
	if ! start_guest "$@"; then
		why=refused
		sed 's/^/# /' "$work/launch.log"
		return 1
	fi
	until log_has "$name" '^@dr \{"ready"'; do
		! is_broken "$name" || return 1
		if [ $SECONDS -ge $end ]; then
			why=late
			return 1
		fi
		sleep 0.5
	done
	booted=$(since "$begun")
	members+=("$name")
}

# is_broken NAME...: one of them is gone, or ran out of memory; sets $why
is_broken()
{
	local name

	for name; do
		if [ "$(oom_kills)" -gt "$kills" ]; then
			why=host_oom
		elif log_has "$name" 'Out of memory|System is deadlocked'; then
			why=guest_oom
		elif ! alive "$name"; then
			why=died
		else
			continue
		fi
		return 0
	done
	return 1
}

# marks: what each has said last of its work, an object a line
marks()
{
	local logs=("${members[@]/#/$GUESTS/}")

	awk '{ sub(/\r$/, "") }
		/^@dr [{]"mark":.*[}][}]$/ { last[FILENAME] = substr($0, 5) }
		END { for (f in last) { n = split(f, at, "/")
			print "{\"name\":\"" at[n - 1] "\",\"mark\":" last[f] "}" } }' \
		"${logs[@]/%//log}"
}

# wake_one NAME: seconds until it has found all its memory unharmed, null if it has not
wake_one()
{
	local end=$((SECONDS + 120)) line

	"$guest" tell "$1" wake
	until log_has "$1" '^@dr \{"wake_s"'; do
		if [ $SECONDS -ge $end ] || ! alive "$1"; then
			echo null
			return
		fi
		sleep 0.5
	done
	line=$(grep -a '^@dr {"wake_s"' "$GUESTS/$1/log" | tail -n 1)
	line=${line#*:}
	echo "${line%%,*}"
}

# wake_idle: of those that are idle, some that have been so for longest
wake_idle()
{
	local name left=$repeat

	for name in "${members[@]}"; do
		[ "$left" -gt 0 ] || break
		[ "$(<"$work/role.$name")" = idle ] || continue
		wake_one "$name"
		left=$((left - 1))
	done | jq -s -c .
}

# end_guests: one by one, each checks all its memory. How many pages were wrong; one that
# gives no report counts as well, unless the host has killed for want of memory
end_guests()
{
	local name bad=0 final

	for name in "${members[@]}"; do
		if alive "$name"; then
			"$guest" stop "$name" || :
			"$guest" wait "$name" 180 >&2 || :
			final=$("$guest" result "$name") || :
			[ -z "$final" ] && [ "$(oom_kills)" -gt "$kills" ] ||
				bad=$((bad + $(jq '.bad // 1' <<<"${final:-{\}}")))
		fi
		"$guest" rm "$name"
	done
	echo "$bad"
}

# forget_newest NR: the one that was too many
forget_newest()
{
	local name kept=()

	[ ! -d "$GUESTS/g$1" ] || "$guest" rm "g$1"
	for name in "${members[@]}"; do
		[ "$name" = "g$1" ] || kept+=("$name")
	done
	members=("${kept[@]}")
}
