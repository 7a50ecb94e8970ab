# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-only
# bash completion for denseram(8)

_denseram_verbs='status top guest balloon share swap policy get set explain watch metrics
	exporter record sim replay report doctor version help'

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

# Names of the knobs: without root, too.
_denseram_knobs()
{
	denseram get --json 2>/dev/null | sed -n 's/.*"name": *"\(.*\)",*/\1/p'
}

# Words of a knob that has some, in brackets or not.
_denseram_knob_values()
{
	local kind

	kind=$(denseram get "$1" 2>/dev/null | sed -n 's/^  takes //p')
	case $kind in
	*' or '[a-z]*) tr -d '[]' <<<"${kind%%;*}" | sed 's/ or / /g' ;;
	esac
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
	'guest get')
		echo --json
		if ((operands)); then
			echo min max limit shares pinned share scan balloon
		else
			_denseram_guests
		fi ;;
	get) echo '--json --bare'; _denseram_knobs ;;
	set) _denseram_knobs | sed 's/$/=/' ;;
	watch) echo '--json --secs'; ((operands)) || _denseram_guests ;;
	top) echo '--batch --json --delay --count --sort --reverse' ;;
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
	metrics) echo -o ;;
	exporter) echo --listen ;;
	report) echo -o; compgen -f -- "$cur" ;;
	doctor) echo '--json --root --list' ;;
	help) ((operands)) || echo "$_denseram_verbs" ;;
	guest | 'help guest') echo 'ls show get set trim park wake' ;;
	'guest park' | 'guest wake') ((operands)) || _denseram_guests ;;
	share | 'help share') echo tree ;;
	'share tree') echo '--sample --json' ;;
	swap | 'help swap') echo 'add rm ls' ;;
	'swap ls') echo --json ;;
	'swap add')
		echo '--prio --force --size'
		((operands)) || compgen -f -- "${COMP_WORDS[COMP_CWORD]}" ;;
	'swap rm') echo --wipe; ((operands)) || _denseram_areas ;;
	'') echo "$_denseram_verbs" ;;
	esac
}

# What may follow an option of a verb, instead of one of its words.
_denseram_option_values()
{
	case $1 in
	--sort) echo 'size resident target active shared compressed disk balloon name' ;;
	--fleet) echo 'idle diurnal bursty mixed' ;;
	--rule) echo 'denseram proxmox mom' ;;
	--trace | --record | --plot) compgen -f -- "$cur" ;;
	--root) compgen -d -- "$cur" ;;
	--guests | --size | --host | --seconds | --tax | --seed) ;;
	--listen) echo '127.0.0.1:10170 [::1]:10170' ;;
	--delay | --count | --secs) ;;
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
	if [[ -n $key ]]; then
		case $verb in
		'guest set') words=$(_denseram_values "$key") ;;
		set) words=$(_denseram_knob_values "$key") ;;
		esac
		mapfile -t COMPREPLY < <(compgen -W "${words-}" -- "$cur")
		return
	fi
	words=$(_denseram_words "$verb" "$operands")
	case $verb in
	sim | top | watch | record | exporter | doctor)
		words=$(_denseram_option_values "${COMP_WORDS[COMP_CWORD - 1]}") ||
			words=$(_denseram_words "$verb" "$operands") ;;
	esac
	mapfile -t COMPREPLY < <(compgen -W "$words" -- "$cur")
	# A key wants its value next to it.
	if [[ ${#COMPREPLY[@]} == 1 && ${COMPREPLY[0]} == *= ]]; then
		compopt -o nospace
	fi
}

complete -F _denseram denseram
