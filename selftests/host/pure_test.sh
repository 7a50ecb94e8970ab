#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# The files of the policy are what they say: compiled as the kernel does, without
# floating point registers, they call nothing that allocates, locks, sleeps, or
# tells the time. TAP output.
set -euo pipefail

cd "$(dirname "$0")"
out=${O:?}/pure
nr=0
failed=0
mkdir -p "$out"

# What the compiler makes out of plain C, and the printing of explanations.
allowed='memcpy|memset|memcmp|memmove|strlen|scnprintf|vsnprintf|__stack_chk_fail|dr_[a-z_]+'

pure()
{
	"${CC:-gcc}" -std=gnu11 -O2 -Wall -Wextra -Werror -mgeneral-regs-only \
		-fno-stack-protector -include pure.h -I../../host-kmod \
		-I../../uapi -c -o "$out/$1.o" "../../host-kmod/$1.c" &&
		! nm -u "$out/$1.o" | grep -vE " ($allowed|_GLOBAL_OFFSET_TABLE_)$"
}

for file in fill policy revoke estimate explain record; do
	nr=$((nr + 1))
	if log=$(pure "$file" 2>&1); then
		echo "ok $nr - pure_test: $file.c"
	else
		failed=1
		printf '%s\n' "$log" | sed 's/^/# /'
		echo "not ok $nr - pure_test: $file.c"
	fi
done
echo "1..$nr"
exit "$failed"
