/* SPDX-License-Identifier: GPL-2.0-only */
/* Texts of /proc: keys with values, words, processes of VMMs. Pure. */
#ifndef DR_PROC_H
#define DR_PROC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/**
 * dr_proc_field - a number of "Key:   123 kB"
 * @text: of meminfo, status or the like
 * @key: without the colon; the first line that begins with it counts
 * @value: the result; of kB in bytes
 *
 * Returns false when there is none.
 */
bool dr_proc_field(const char *text, const char *key, uint64_t *value);

/* Has the first line of a key this word: a flag of a processor? */
bool dr_proc_has_word(const char *text, const char *key, const char *word);

/* The sum of all "name  123" of a text, whatever is in front of them. */
uint64_t dr_proc_sum(const char *text, const char *name);

/* Bytes of each page that zoneinfo, vmstat and the like count. */
#define DR_PROC_PAGE	4096

/**
 * dr_proc_maps - does a process map something of a device?
 * @maps: of /proc/PID/maps
 * @dev: device numbers, major and minor
 */
bool dr_proc_maps(const char *maps, const unsigned int dev[2]);

/**
 * dr_proc_cgroup - its path in the one hierarchy of version 2
 * @text: of /proc/PID/cgroup
 * @path: where to, @size bytes
 *
 * Returns false when there is none, or it leads outside: "/..".
 */
bool dr_proc_cgroup(const char *text, char *path, size_t size);

/* Is it the name of a program that is QEMU? Cut as in /proc/PID/comm, too. */
bool dr_proc_is_qemu(const char *name);

/**
 * dr_proc_argument - the word after an option
 * @cmdline: words, each ended by a zero byte
 * @len: bytes of all of them
 * @option: "-name"
 *
 * Returns the word in @cmdline, which must be followed by a zero byte, or NULL.
 */
const char *dr_proc_argument(const char *cmdline, size_t len,
			     const char *option);

/* Is there a word that has this text in it? */
bool dr_proc_mentions(const char *cmdline, size_t len, const char *text);

/**
 * dr_proc_vm_name - the name of a virtual machine from what follows "-name"
 * @argument: "vm1" or "guest=vm1,debug-threads=on"
 * @name: where to, @size bytes; what does not fit is cut
 */
void dr_proc_vm_name(const char *argument, char *name, size_t size);

#endif /* DR_PROC_H */
