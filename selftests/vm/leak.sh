#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# Guests come and go, most by SIGKILL; nothing of them may stay.
set -euo pipefail
. "$(dirname "$0")/lib.sh"

for round in 1 2 3 4; do
	for i in 1 2; do
		start vm$i --append "dr.mode=fill dr.secs=0 dr.seed=$round"
	done
	"$guest" ready vm1
	# The second is killed wherever it may be by now
	remove_guests
	check "round $round: no guest left" until_true 10 no_guests
	check "round $round: recount is right" recount_ok
done
finish
