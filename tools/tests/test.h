/* SPDX-License-Identifier: GPL-2.0-only */
/* cmocka wants these four first, in every test. */
#ifndef DR_TEST_H
#define DR_TEST_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#endif /* DR_TEST_H */
