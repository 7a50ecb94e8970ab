# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-only
# Recordings that were made up.

# look SECOND NAME RESIDENT-MIB: a line as "denseram top --json" writes it
look()
{
	printf '{"schema":1,"time":"2026-11-27T10:00:%02d.500Z","machine":{"node":"host<1>","cpus":2},"guests":[{"id":1,"name":"%s","size":268435456,"resident":%d,"target":1,"active":1,"shared":1048576,"compressed":2097152,"disk":0,"balloon":104857600,"rule":"shares"}],"host":{"total":1073741824,"available":536870912,"resident":%d,"kept":1048576,"pool_memory":1048576,"index":4096}}\n' \
		"$1" "$2" $(($3 << 20)) $(($3 << 20))
}
