/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _DR_FILES_H
#define _DR_FILES_H

#include "gmem.h"
#include "guest.h"

/* Numbers of files fit into the hints of content-based sharing. */
#define DR_FILE_ID_MAX		(BIT(20) - 1)

int dr_files_add(struct dr_gmem *gm);
void dr_files_remove(struct dr_gmem *gm);
struct dr_gmem *dr_files_find(u32 id);

struct dr_gmem *dr_files_next(struct dr_guest *guest, struct dr_gmem *after);
struct dr_gmem *dr_files_pin_next(struct dr_guest *guest,
				  struct dr_gmem *after);
void dr_files_usage(struct dr_guest *guest, struct dr_usage *u);
u64 dr_files_resident(struct dr_guest *guest);
void dr_files_tiers(struct dr_guest *guest, struct dr_tiers *t);

#endif /* _DR_FILES_H */
