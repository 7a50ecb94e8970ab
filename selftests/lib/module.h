/* SPDX-License-Identifier: GPL-2.0-only */
/* Unloading and loading denseram.ko, in the lab host alone. */
#ifndef SELFTESTS_MODULE_H
#define SELFTESTS_MODULE_H

#include <stdbool.h>

/* delete_module(2), which does not wait. */
int module_unload(void);
/* The same, to be waited for with poll_until(). */
bool module_unloaded(void *arg);
/* Until it can be unloaded, a minute at most; nothing of it is left then. */
void module_check_unload(void);
/* With parameters, as finit_module(2) answers. */
int module_try_load(const char *params);
void module_load(void);
/* The same of another module of ours, and its end, which may take a moment. */
int module_try_load_other(const char *name, const char *params);
int module_unload_other(const char *name);
/* Skip the test elsewhere. */
void module_need_lab(void);
/* That, too. Begin with it loaded and nothing mounted. */
void module_test_begin(void);
/* Mount it where the tests expect it. */
void module_mount(void);
/*
 * All of that for a test that wants the module with other parameters; it has a
 * new directory then, and scanner and sampler are off. "" at its end.
 */
void module_reload(const char *params);

#endif /* SELFTESTS_MODULE_H */
