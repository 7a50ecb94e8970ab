# SPDX-License-Identifier: GPL-2.0-only
# The figures for the eye.
def row: map(. // "-" | tostring) | join("\t");
(["tax, %", "0", "75"] | row),
(["  busy guest, operations a second", .tax.ops_per_s["0"], .tax.ops_per_s["75"]] | row),
(["  busy guest holds, MiB", .tax.busy_mib["0"], .tax.busy_mib["75"]] | row),
(["  idle guest holds, MiB", .tax.idle_mib["0"], .tax.idle_mib["75"]] | row),
(["  gain", null, .tax.gain] | row),
(["a quarter of the memory moves", "denseram", "proxmox", "mom", "where it is free"] | row),
(["  seconds", .move.denseram_s, .move.proxmox_s, .move.mom_s,
	.move.free_s] | row),
(["  seconds, in the simulator", (.sim.move_s? // {} |
	.denseram, .proxmox, .mom)] | row),
(["working set, MiB", "estimate", "settled, s"] | row),
(.wss.steps[] | ["  \(.ws_mib) of \(.mem_mib)", .estimate_mib, .settled_s] | row),
(["ms a run of the policy", (.sim.run_ms? // {} | keys_unsorted[])] | row),
(["", (.sim.run_ms? // {} | .[])] | row)
