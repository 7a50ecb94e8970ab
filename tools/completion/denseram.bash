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

_denseram_words()
{
	local verb=$1 operands=$2

	case $verb in
	status | version | 'guest ls') echo --json ;;
	balloon) echo --json; ((operands)) || _denseram_guests ;;
	'guest show') echo --json; ((operands)) || _denseram_guests ;;
	'guest trim')
		echo '--zero --same --blocks --json'
		((operands)) || _denseram_guests ;;
	'guest set')
		if ((operands)); then
			echo 'min= max= limit= shares= share= scan= balloon='
		else
			_denseram_guests
		fi ;;
	help) ((operands)) || echo 'status guest balloon share version help' ;;
	'help guest') echo 'ls show set trim' ;;
	guest) echo 'ls show set trim' ;;
	share | 'help share') echo tree ;;
	'share tree') echo '--sample --json' ;;
	'') echo 'status guest balloon share version help' ;;
	esac
}

_denseram()
{
	local cur=${COMP_WORDS[COMP_CWORD]} verb='' operands=0 i word

	for ((i = 1; i < COMP_CWORD; i++)); do
		word=${COMP_WORDS[i]}
		case $verb,$word in
		guest,* | share,* | help,guest | help,share) verb+=" $word" ;;
		,*) verb=$word ;;
		*,-*) ;;
		*) operands=$((operands + 1)) ;;
		esac
	done
	mapfile -t COMPREPLY < <(compgen -W \
		"$(_denseram_words "$verb" "$operands")" -- "$cur")
	# A key wants its value next to it.
	if [[ ${#COMPREPLY[@]} == 1 && ${COMPREPLY[0]} == *= ]]; then
		compopt -o nospace
	fi
}

complete -F _denseram denseram
