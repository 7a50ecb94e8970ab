/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A slot of a swap area, from the page that is put into it to the one that comes
 * next: the pager and its clusters, writes that succeed and fail, faults meanwhile,
 * the end of a file. Two files want the only slot there is, so what one of them
 * finds of the other shows. A word and what is behind it is in page.pml; here a
 * grab is one step.
 */
#ifndef OPS
#define OPS	2
#endif
#ifndef OUTS
#define OUTS	3
#endif
#define NR_PTES	1
#define NR_PAGES 5
#include "core.inc"

mtype = { ABSENT, PRIVATE, SWAPPED, CLEAN };

bool wlock[2];
mtype wtype[2];
byte wpfn[2];

/* The slot; "sum" is a page while it is "writing", NONE if nobody wants it. */
bool used, writing, bad;
byte sum = NONE;
byte disk;			/* what is in it */

byte last[2];			/* what a guest has written last */
bool removed[2];		/* dr_files_remove() */
byte pins[2];
byte busy;
byte nr_writes;			/* clusters on their way */

inline set_entry(w, t, p)
{
	d_step {
		assert(wlock[w]);
		wtype[w] = t;
		wpfn[w] = p;
	}
}

inline word_lock(w)
{
	atomic { !wlock[w] -> wlock[w] = true }
}

inline word_unlock(w)
{
	wlock[w] = false
}

/* free_slot(): within a d_step, the area's lock. */
inline free_slot()
{
	assert(used && !bad && !writing);
	used = false;
	sum = NONE;
}

/* dr_area_give() */
inline area_give()
{
	d_step {
#ifdef BUG_FREE_WRITING
		writing = false;
#endif
		assert(used);
		if
		:: writing -> sum = NONE
		:: else -> free_slot()
		fi
	}
}

/* dr_area_written() */
inline area_written(p)
{
	d_step {
		assert(used && writing);
		writing = false;
		if
		:: sum != NONE -> sum = data[p]
		:: else -> free_slot()
		fi
	}
}

/* dr_area_retire(): an entry that still leads there frees the slot, not this. */
inline area_retire(is_bad)
{
	d_step {
		assert(used && writing);
		writing = false;
		if
#ifdef BUG_RETIRE_USED
		:: true ->
#else
		:: sum == NONE ->
#endif
			if
			:: is_bad -> bad = true
			:: else -> free_slot()
			fi
		:: else
		fi
	}
}

/* restore(): to the entry, if that has not got another value. */
inline restore(w, p)
{
	d_step {		/* dr_files_find() */
		found = !removed[w];
		pins[w] = pins[w] + (found -> 1 : 0);
	}
	gone = false;
	taken = false;
	if
	:: found ->
		word_lock(w);
		if
		:: wtype[w] == SWAPPED && used && sum == p ->
			set_entry(w, PRIVATE, p);
			taken = true;
			gone = true;
		:: wtype[w] == CLEAN ->
#ifndef BUG_CLEAN_KEPT
			set_entry(w, PRIVATE, wpfn[w]);
#endif
			gone = true;
		:: else
		fi;
		word_unlock(w);
		if
		:: gone -> area_give()
		:: else
		fi;
		pins[w]--;
	:: else
	fi
}

/* cluster_work(): member_written(), member_failed() */
proctype cluster(byte w; byte p)
{
	bool found, gone, taken, is_bad;

	if
	:: d_step { disk = data[p]; }
		atomic {
			area_written(p);
			put_page(p);
		}
	:: atomic { true ->
			if
			:: is_bad = true
			:: true		/* no memory: dr_io_is_shortage() */
			fi;
			taken = (sum == NONE);		/* dr_area_lost() */
#ifdef BUG_RETIRE_FIRST
			writing = false;
#endif
		}
		if
		:: !taken -> restore(w, p)
		:: else -> taken = false
		fi;
#ifdef BUG_RETIRE_FIRST
		writing = true;
#endif
		area_retire(is_bad);
		if
		:: !taken -> put_page(p)
		:: else
		fi
	fi;
	nr_writes--
}

/* dr_page_out(), of a page to the disk. The file is kept by its inode. */
proctype pager()
{
	byte outs, w;
	bool got;

	do
	:: outs < OUTS ->
		outs++;
		if
		:: w = 0
		:: w = 1
		fi;
		d_step {		/* dr_files_next(), dr_gmem_grab_own() */
			got = !removed[w] && !wlock[w];
			got = got && (wtype[w] == CLEAN ||
				      (wtype[w] == PRIVATE && !used));
			if
			:: got -> wlock[w] = true; pins[w]++
			:: else
			fi
		}
		if
		:: atomic { got && wtype[w] == CLEAN ->
				put_page(wpfn[w]);
				set_entry(w, SWAPPED, NONE);
				word_unlock(w);
				pins[w]--; }
		:: got && wtype[w] == PRIVATE ->
			/* dr_area_take(), dr_cluster_add() */
			d_step {
				assert(!used);
				used = true;
				sum = wpfn[w];
				writing = true;
				nr_writes++;
			}
			run cluster(w, wpfn[w]);
			/* dr_gmem_take() */
			atomic {
				set_entry(w, SWAPPED, NONE);
				word_unlock(w);
				pins[w]--;
			}
		:: else
		fi
	:: outs == OUTS -> break
	od;
	busy--
}

/* dr_disk_load(), or a fetch, which starts only when nothing is written. */
inline load(w, p)
{
	page_alloc(p);
#ifdef BUG_COPY_LATE
	copied = writing;
	if
	:: copied ->
		v = sum;
		d_step { assert(live[v]); data[p] = data[v]; }
	:: else
	fi;
#else
	d_step {		/* copy_writing() */
		copied = writing;
		if
		:: copied ->
			assert(used && sum != NONE && live[sum]);
			data[p] = data[sum];
		:: else
		fi
	}
#endif
	if
	:: !copied ->
		d_step { data[p] = disk; }
		d_step { assert(used && !writing && sum == data[p]); }
	:: else
	fi;
	copied = false;
	v = 0
}

/* A fault, and what the guest does then. */
inline access(w, write)
{
	word_lock(w);
	if
	:: wtype[w] == SWAPPED ->
		load(w, p);
		if
		:: write ->
			set_entry(w, PRIVATE, p);
			area_give();
		:: else -> set_entry(w, CLEAN, p)
		fi
	:: wtype[w] == CLEAN && write ->
		set_entry(w, PRIVATE, wpfn[w]);
		area_give();
	:: else
	fi;
	atomic {
		assert(live[wpfn[w]] && data[wpfn[w]] == last[w]);
		if
		:: write ->
			last[w] = last[w] ^ 4;
			data[wpfn[w]] = last[w];
		:: else
		fi;
		word_unlock(w);
		p = 0;
	}
}

/* A guest, and the eviction of its file. */
proctype guest(byte w)
{
	byte ops, p, v;
	bool copied;

	do
	:: ops < OPS ->
		ops++;
		if
		:: access(w, false)
		:: access(w, true)
		fi
	:: true -> break
	od;
	removed[w] = true;
	atomic {
		pins[w] == 0;
		assert(!wlock[w]);
		wlock[w] = true;
		if
		:: wtype[w] == CLEAN ->
			put_page(wpfn[w]);
			area_give();
		:: wtype[w] == SWAPPED -> area_give()
		:: else -> put_page(wpfn[w])
		fi;
		set_entry(w, ABSENT, NONE);
		busy--;
	}
}

inline first_page(w)
{
	page_alloc(p);
	d_step {
		wtype[w] = PRIVATE;
		wpfn[w] = p;
		data[p] = 1 + w;
		last[w] = 1 + w;
	}
}

active proctype area_rm()
{
	byte p;

	first_page(0);
	first_page(1);
	atomic {
		busy = 3;
		run guest(0);
		run guest(1);
		run pager();
	}
	busy == 0 && nr_writes == 0;
	d_step {
		/* pages_left(): a slot is free, or bad. */
		assert(used == bad && !writing);
		p = 0;
		do
		:: p < NR_PAGES ->
			assert(!live[p]);
			p++
		:: else -> break
		od
	}
}
