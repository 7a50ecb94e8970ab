# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-only
# bash completion for denseram(8)

# Names of the guests, from sysfs: readable without root.
_denseram_guests()
{
	local path

	for path in /sys/kernel/denseram/guests/*/; do
		[[ -d $path ]] || continue
		path=${path%/}
		printf '%s\n' "${path##*/}"
	done
}

# Paths of the swap areas; the module tells root alone.
_denseram_areas()
{
	denseram swap ls 2>/dev/null | awk 'NR > 1 { print $6 }'
}

_denseram_words()
{
	local verb=$1 operands=$2

	case $verb in
	status | version | policy | 'guest ls') echo --json ;;
	balloon | explain) echo --json; ((operands)) || _denseram_guests ;;
	'guest show') echo --json; ((operands)) || _denseram_guests ;;
	'guest trim')
		echo '--zero --same --blocks --json'
		((operands)) || _denseram_guests ;;
	'guest set')
		if ((operands)); then
			echo 'min= max= limit= shares= pinned= share= scan= balloon='
		else
			_denseram_guests
		fi ;;
	sim)
		echo '--guests --fleet --size --host --seconds --rule --tax'
		echo '--seed --trace --record --plot --scale --move --json' ;;
	record) echo --secs; ((operands)) || compgen -f -- "$cur" ;;
	replay) echo '--guest --json'; ((operands)) || compgen -f -- "$cur" ;;
	help) ((operands)) || echo 'status guest balloon share swap policy explain record sim replay version help' ;;
	guest | 'help guest') echo 'ls show set trim park wake' ;;
	'guest park' | 'guest wake') ((operands)) || _denseram_guests ;;
	share | 'help share') echo tree ;;
	'share tree') echo '--sample --json' ;;
	swap | 'help swap') echo 'add rm ls' ;;
	'swap ls') echo --json ;;
	'swap add')
		echo '--prio --force'
		((operands)) || compgen -f -- "${COMP_WORDS[COMP_CWORD]}" ;;
	'swap rm') ((operands)) || _denseram_areas ;;
	'') echo 'status guest balloon share swap policy explain record sim replay version help' ;;
	esac
}

# What may follow an option of sim, instead of a word of the verb.
_denseram_sim_values()
{
	case $1 in
	--fleet) echo 'idle diurnal bursty mixed' ;;
	--rule) echo 'denseram proxmox mom' ;;
	--trace | --record | --plot) compgen -f -- "$cur" ;;
	--guests | --size | --host | --seconds | --tax | --seed) ;;
	*) return 1 ;;
	esac
}

# Values of a key of "guest set" that has a few.
_denseram_values()
{
	case $1 in
	share) echo off guest domain all ;;
	scan) echo on off ;;
	esac
}

# bash takes "=" for a word of its own: KEY = VALUE. Sets key and cur.
_denseram_split()
{
	local i=$COMP_CWORD

	if [[ $cur == = ]]; then
		key=${COMP_WORDS[i - 1]} cur=''
	elif ((i > 1)) && [[ ${COMP_WORDS[i - 1]} == = ]]; then
		key=${COMP_WORDS[i - 2]}
	fi
}

_denseram()
{
	local key='' cur=${COMP_WORDS[COMP_CWORD]} verb='' operands=0 i word words

	for ((i = 1; i < COMP_CWORD; i++)); do
		word=${COMP_WORDS[i]}
		case $verb,$word in
		guest,* | share,* | swap,* | help,guest | help,share | help,swap) verb+=" $word" ;;
		,*) verb=$word ;;
		*,-*) ;;
		*) operands=$((operands + 1)) ;;
		esac
	done
	_denseram_split
	if [[ $verb == 'guest set' && -n $key ]]; then
		mapfile -t COMPREPLY < <(compgen -W \
			"$(_denseram_values "$key")" -- "$cur")
		return
	fi
	words=$(_denseram_words "$verb" "$operands")
	[[ $verb != sim ]] ||
		words=$(_denseram_sim_values "${COMP_WORDS[COMP_CWORD - 1]}") ||
		words=$(_denseram_words sim 0)
	mapfile -t COMPREPLY < <(compgen -W "$words" -- "$cur")
	# A key wants its value next to it.
	if [[ ${#COMPREPLY[@]} == 1 && ${COMPREPLY[0]} == *= ]]; then
		compopt -o nospace
	fi
}

complete -F _denseram denseram
