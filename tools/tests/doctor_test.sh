#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# shellcheck disable=SC2016,SC2154,SC2317 # jq has variables; heal, check call
#
# denseram(8) doctor: a host that is well, and what becomes of it when one thing after
# the other is broken. Needs neither module nor root. TAP.
set -euo pipefail

# shellcheck source=tools/tests/doctor_lib.sh
. "$(dirname "$0")/doctor_lib.sh"
shown=' '

# visit [ARGS...]: the tree; sets status
visit()
{
	status=0
	"$cli" doctor --root "$tree" "$@" >"$work/out" 2>"$work/err" || status=$?
}

all_well()
{
	visit --json
	jq -r '.checks[] | select(.severity != "ok") | "\(.id): \(.what)"' "$work/out"
	[[ $status == 0 && ! -s $work/err ]] &&
		[[ $(jq -r '.checks[].id' "$work/out") == "$(ids)" ]] &&
		jq -e '.schema == 1 and .sum.ok == .sum.checks and .sum.note == 0 and
			all(.checks[]; .severity == "ok" and .remedy == null)' "$work/out"
}

# shows SEVERITY ID TEXT [OTHER...]: the check finds it with this remedy, the
# exit status is as it has to be, and no check but OTHER finds anything
shows()
{
	local severity=$1 id=$2 text=$3 others

	shift 3
	visit --json
	jq -c --arg id "$id" '.checks[] | select(.id == $id)' "$work/out"
	jq -e --arg id "$id" --arg severity "$severity" --arg text "$text" '
		any(.checks[]; .id == $id and .severity == $severity and
			(.unknown | not) and (.remedy | contains($text)) and
			(.what | length > 0) and (.why | length > 0))' \
		"$work/out" >"$work/found" || return 1
	others=$(jq -r --arg id "$id" '.checks[] |
		select(.severity != "ok" and .id != $id) | .id' "$work/out" |
		sort -u | grep -vxF "$(printf '%s\n' "$@" "$id")" || true)
	echo "status $status; besides: $others"
	[[ -z $others ]] || return 1
	jq -e '(.sum.warning + .sum.error > 0) == ($status == 1) and $status < 2' \
		--argjson status "$status" "$work/out"
}

# broken SEVERITY ID TEXT [OTHER...]: as shows, then all is healed
broken()
{
	check "$2: $1" shows "$@"
	[[ $shown == *" $2 "* ]] || shown+="$2 "
	jq -r '.checks[].remedy | values' "$work/out" >>"$work/remedies"
	heal
}

ids()
{
	"$cli" doctor --list | cut -d' ' -f1
}

every_id()
{
	local id missing=''

	for id in $(ids); do
		[[ $shown == *" $id "* ]] || missing+=" $id"
	done
	echo "never broken:$missing"
	[[ -z $missing ]]
}

# What remedies say to do with denseram are its verbs and knobs
verbs_exist()
{
	local verbs verb words knob

	verbs=$("$cli" help | sed -nE 's/^  ([a-z]+( [a-z]+)?)  .*/\1/p')
	grep -oE '(^|&& |[:;] |, or: )denseram [a-z]+( [a-z]+)?' "$work/remedies" |
		sed 's/.*denseram //' | sort -u >"$work/verbs"
	while read -r words; do
		verb=${words%% *}
		grep -qxE "$words|$verb" <<<"$verbs" || {
			echo "no verb: $words"
			return 1
		}
	done <"$work/verbs"
	while read -r knob; do
		grep -qF "\"$knob\"" "$top/tools/lib/knob.c" || return 1
	done < <(sed -nE 's/.*denseram set ([a-z.]+)=.*/\1/p' "$work/remedies")
	[[ $(wc -l <"$work/verbs") -ge 5 ]]
}

# The manual's table of checks is what the program knows, in its order
documented()
{
	diff <(sed -nE 's/^   \* - ``([a-z-]+)``$/\1/p' \
		"$top/Documentation/admin-guide/troubleshooting.rst") <(ids)
}

# as_user COMMAND...: as somebody who is not root
as_user()
{
	if [[ $EUID == 0 ]]; then
		setpriv --reuid 65534 --regid 65534 --clear-groups -- "$@"
	else
		"$@"
	fi
}

no_permission()
{
	chmod 0755 "$work" && chmod 0 "$tree/etc/libvirt/qemu.conf" "$tree"/proc/4713/maps
	as_user "$cli" doctor --root "$tree" >"$work/out" 2>"$work/err"
	cat "$work/out" "$work/err"
	grep -A 1 '^unknown: run as root$' "$work/out" |
		grep -qx '    qemu-elsewhere libvirt-conf'
}

# Names and texts of others: no control character gets out, and no remedy is one
hostile()
{
	local name=$'a`reboot`\e[31m'

	mv "$tree/$module/guests/vm1" "$tree/$module/guests/$name"
	guest "$name" min 0
	guest "$name" vmm_pid 0
	put proc/4713/comm qemu-system-x86
	put_words proc/4713/cmdline qemu -name $'guest=x\n\e]0;y\a'"';reboot'"
	put proc/4713/maps ''
	put proc/sys/kernel/osrelease $'5.1\e[2J$(reboot)'
	visit --json
	jq -e '.checks[] | select(.id == "guest-min") | .remedy == "denseram guest set 1 min=SIZE"' \
		"$work/out" || return 1
	jq -e 'all(.checks[].remedy | values; contains("reboot") | not)' "$work/out" || return 1
	visit
	[[ $status == 1 && -z $(tr -d '[:print:]\n' <"$work/out") ]]
}

# Whatever is in a file, the program ends as it should
garbage()
{
	local file

	while read -r file; do
		head -c 3000 /dev/urandom >"$file"
		visit
		((status < 2)) || { echo "status $status: $file"; return 1; }
		cp "${file/#$tree/$healthy}" "$file"
	done < <(find "$tree" -type f)
}

changes_nothing()
{
	local list='%p %m %s %T@ %C@\n'

	find "$tree" -printf "$list" | sort >"$work/before"
	visit
	find "$tree" -printf "$list" | sort | cmp "$work/before" -
}

# "N checks: ..." last, problems first
printed()
{
	put sys/kernel/mm/ksm/run 1
	unload
	visit
	cat "$work/out"
	[[ $(head -n 1 "$work/out") == 'error module-loaded: '* ]] &&
		tail -n 1 "$work/out" | grep -qE \
			'^[0-9]+ checks: [0-9]+ ok, [0-9]+ notes \([0-9]+ unknown\), 1 warnings, 1 errors$' &&
		grep -qx '  -> modprobe denseram' "$work/out" &&
		grep -qx 'unknown: the module is not loaded' "$work/out" &&
		awk 'length > 200 { exit 1 }' "$work/out"
}

# Of many guests with one trouble some are shown, and programs are told of all
many()
{
	local i

	for i in {1..7}; do
		make_guest "many$i" "$((10 + i))" 0
		guest "many$i" resident 0
		guest "many$i" min 0
	done
	visit
	grep -A 20 '^note guest-min' "$work/out"
	[[ $(grep -c '^  many.: is promised nothing$' "$work/out") == 5 ]] || return 1
	grep -qx '  and more: --json has them all' "$work/out" || return 1
	visit --json
	jq -e '([.checks[] | select(.id == "guest-min")] | length) == 7 and .sum.note == 2' \
		"$work/out"
}

nothing_there()
{
	mkdir "$work/empty"
	"$cli" doctor --root "$work/empty" --json >"$work/out" && return 1
	jq -e '.sum.checks == ([.checks[].id] | unique | length)' "$work/out"
}

heal
check "doctor: a host with which all is well" all_well
check "doctor: ids are there once" equal "$(ids | sort | uniq -d)" ''
# shellcheck source=tools/tests/doctor_cases.sh
. "$(dirname "$0")/doctor_cases.sh"
check "doctor: every check was shown to find something" every_id
check "doctor: remedies name verbs and knobs that there are" verbs_exist
check "doctor: the manual has all checks" documented
check "doctor: problems first, the sum last" printed
heal
elsewhere
check "doctor: what only root can see is unknown" no_permission
heal
check "doctor: hostile names" hostile
heal
check "doctor: many guests" many
heal
check "doctor: changes nothing" changes_nothing
check "doctor: files of garbage" garbage
check "doctor: a directory with nothing in it" nothing_there
check "doctor: no such directory" fails 1 "No such file" doctor --root "$work/none"
check "doctor: --root needs one" fails 2 "needs a directory" doctor --root
check "doctor: takes no word" fails 2 "unexpected 'now'" doctor now
check "doctor: --list goes alone" fails 2 "goes alone" doctor --list --json
visit_here=0
"$cli" doctor >"$work/out" || visit_here=$?
check "doctor: this machine, whatever it is" test "$visit_here" -lt 2
finish
