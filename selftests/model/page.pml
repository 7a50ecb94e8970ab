/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * One word of a table, from its first touch to the end of its file: faults that
 * read and write, with and without waiting, a device that writes to the page by a
 * short pin, the pager, the read of a page from a disk, a hole. One process maps
 * it, by THREADS threads.
 *
 * Ghosts, which the code has not: "last" is what was written last. While a hole
 * is punched, what is written may be lost or not, and "may" has all that a reader
 * may find: a bit a value.
 */
#ifndef THREADS
#define THREADS	2
#endif
#ifndef OPS
#define OPS	2
#endif
#define NR_PTES	1
#define NR_PAGES 6
#include "core.inc"

#define ZERO	0		/* the file's page of zeros */

mtype = { ABSENT, PRIVATE, SWAPPED, CLEAN };
mtype = { OK, BUSY, RETRY, AGAIN };

bool wlock;			/* DR_ENTRY_LOCK */
mtype wtype = ABSENT;
byte wpfn = NONE;
bool wpeeked;
short nr_own, nr_swapped;	/* dr_gmem.nr[] */

/* The store: one slot, or an object of the pool, that has the bytes. */
bool s_used, s_disk;
byte s_data;

/* A fetch on its way: the lock of the word is its own. */
bool f_begun;

byte last;
bool punching;
byte may;
byte holes;			/* holes punched so far, or begun */
byte users = THREADS;		/* that may still touch the word */

#define own(t)		(t == PRIVATE || t == CLEAN)

/* Somebody sees a value. */
inline seen(v)
{
	assert(punching -> (may >> (v)) & 1 : (v) == last)
}

/* Within a d_step: somebody has written a value. */
inline written(v)
{
	last = v;
	may = may | (1 << v)
}

/* dr_gmem_set_entry(), the one writer of words. */
inline set_entry(t, p)
{
	d_step {
		assert(wlock);
		nr_own = nr_own + (own(t) -> 1 : 0) - (own(wtype) -> 1 : 0);
		nr_swapped = nr_swapped + (t == SWAPPED -> 1 : 0) -
			     (wtype == SWAPPED -> 1 : 0);
		wtype = t;
		wpfn = p;
		wpeeked = false;
	}
}

inline word_lock()
{
	atomic { !wlock -> wlock = true }
}

inline word_unlock()
{
	wlock = false
}

/* swap_drop() */
inline store_drop()
{
	d_step {
		assert(s_used);
		s_used = false;
	}
}

/* dr_clean_end() */
inline clean_end()
{
	if
	:: wtype == CLEAN ->
		set_entry(PRIVATE, wpfn);
		store_drop();
	:: else
	fi
}

/* dr_stand_in_unmap(): whoever was answered with the zeros maps them before. */
inline stand_in_unmap()
{
#ifndef BUG_NO_STAND_IN_LOCK
	lock_page(ZERO);
#endif
	zap(0);
#ifndef BUG_NO_STAND_IN_LOCK
	unlock_page(ZERO);
#endif
}

/* answer() */
inline answer(p)
{
	page = p;
	get_page(page);
	lock_page(page);
}

/* make_private(): a fresh page, with what the entry stands for. */
inline make_private(w)
{
	page_alloc(spare);
	if
	:: wtype == ABSENT ->
		was_peeked = wpeeked;
		set_entry(PRIVATE, spare);
#ifndef BUG_NO_STAND_IN_UNMAP
		if
		:: was_peeked -> stand_in_unmap()
		:: else
		fi;
#endif
		was_peeked = false;
	:: else ->
		d_step {
			assert(wtype == SWAPPED && s_used);
			data[spare] = s_data;
		}
		if
		:: !(w) && s_disk -> set_entry(CLEAN, spare)
		:: else ->
			set_entry(PRIVATE, spare);
			store_drop();
		fi
	fi;
	spare = NONE;
}

/* lock_entry() */
inline lock_entry(nw)
{
	if
	:: atomic { nw && wtype == SWAPPED && wlock -> err = BUSY }
	:: word_lock() -> err = OK
	fi
}

/* answer_own() */
inline answer_own(w)
{
	if
	:: w -> clean_end()
	:: else
	fi;
	writable = (wtype == PRIVATE);
#ifdef BUG_CLEAN_WRITABLE
	writable = true;
#endif
	answer(wpfn)
}

/* dr_fetch_begin(): the lock goes to the read. */
inline fetch_begin()
{
	assert(!f_begun);
	f_begun = true;
	fetched = true;
}

/* try_entry() and answer_locked() */
inline try_entry(w, nw)
{
#ifdef BUG_NO_WORD_LOCK
	/* A page that is there is taken as it is seen. */
	if
	:: atomic { own(wtype) && !(w) -> page = wpfn; err = AGAIN }
	:: else -> lock_entry(nw)
	fi;
#else
	lock_entry(nw);
#endif
	if
	:: err == BUSY
	:: err == AGAIN ->
		writable = false;
		err = OK;
		get_page(page);
		lock_page(page);
	:: err == OK && own(wtype) ->
		answer_own(w);
		word_unlock();
	:: err == OK && wtype == ABSENT && !(w) ->
		set_entry(ABSENT, NONE);
		wpeeked = true;
		writable = false;
		answer(ZERO);
		word_unlock();
	:: err == OK && wtype == SWAPPED && s_disk && !fetched ->
		err = (nw -> BUSY : RETRY);
		fetch_begin();
	:: else ->
		make_private(w);
		answer_own(w);
		word_unlock();
	fi
}

/* dr_resolve(): "page", with a reference and its folio locked; or BUSY. */
inline resolve(w, nw)
{
	fetched = false;
	do
	:: true ->
		try_entry(w, nw);
		if
		:: err == RETRY
		:: else -> break
		fi
	od;
	fetched = false
}

/*
 * The core maps what it was answered with: do_read_fault(), or the end of
 * do_shared_fault() and of wp_page_shared(). The folio is locked.
 */
inline finish(p, rw, was_mapped)
{
	mapped = was_mapped;
	if
	:: was_mapped ->
		d_step {
			if
			:: pte[0] == p -> pte_rw[0] = true
			:: else
			fi
		}
		unlock_page(p);
		put_page(p);
	:: else ->
		map_page(0, p, rw, mapped);
		unlock_page(p);
		if
		:: !mapped -> put_page(p)
		:: else
		fi
	fi
}

/* gmem_page_mkwrite(): "old" is mapped for reading, or was the answer. */
inline page_mkwrite(was_mapped)
{
#ifdef BUG_NO_RECHECK
	lock_page(old);
	finish(old, true, was_mapped);
#else
	resolve(true, false);
	put_page_unless(page == old);
	if
	:: page == old -> finish(old, true, was_mapped)
	:: else -> put_page(old)
	fi
#endif
}

/* The second reference; or a page that is not the one, with its lock. */
inline put_page_unless(same)
{
	if
	:: same
	:: else -> unlock_page(page)
	fi;
	put_page(page)
}

/* The mapping says what kind of fault it is. */
inline look()
{
	d_step {
		old = NONE;
		if
		:: pte[0] != NONE ->
			old = pte[0];
			assert(live[old] && ref[old] > 0);
			ref[old]++;
		:: else
		fi
	}
}

/* handle_pte_fault() */
inline fault()
{
	err = OK;
	if
	:: wr -> look()
	:: else
	fi;
	mapped = (old != NONE);
	if
	:: !mapped ->
		resolve(wr, nowait);
		if
		:: err == OK && wr ->
			old = page;
			unlock_page(old);
		:: err == OK && !wr -> finish(page, writable, false)
		:: else
		fi
	:: else
	fi;
	if
	:: old != NONE -> page_mkwrite(mapped)
	:: else
	fi;
	d_step {
		page = NONE;
		old = NONE;
		mapped = false;
		writable = false;
	}
}

/* A load or a store of the guest: until it has been done, or need not be. */
inline touch()
{
	do
	:: d_step { pte[0] != NONE && !wr ->
			assert(live[pte[0]]);
			seen(data[pte[0]]); }
		break
	:: d_step { wr && pte[0] != NONE && pte_rw[0] ->
			assert(live[pte[0]] && (own(wtype) || punching));
			data[pte[0]] = ops;
			written(ops); }
		break
	:: pte[0] == NONE || (wr && !pte_rw[0]) ->
		fault();
		if
		:: err == BUSY -> break
		:: else
		fi
	od;
	atomic {
		wr = false;
		nowait = false;
		err = OK;
	}
}

/* dr_resolve_read(), for read(2). The bytes are looked at with a reference. */
inline read_call()
{
	word_lock();
	if
	:: own(wtype) ->
		page = wpfn;
		get_page(page);
		old = holes;
		word_unlock();
		d_step {
			assert(live[page]);
			if
			:: holes == old -> seen(data[page])
			:: else
			fi
		}
		put_page(page);
	:: else ->
		d_step { seen((wtype == ABSENT -> 0 : s_data)) }
		word_unlock();
	fi;
	d_step {
		page = NONE;
		old = NONE;
	}
}

/* A thread of the VMM, or a virtual CPU: the first only reads. */
proctype thread(bool writes)
{
	byte page = NONE, old = NONE, spare = NONE, ops = 0;
	bool writable, mapped, fetched, was_peeked, wr, nowait;
	mtype err = OK;

	do
	:: ops < OPS ->
		ops++;
		if
		:: if
			:: true
			:: writes -> wr = true
#ifdef NOWAIT
			:: nowait = true
#endif
			fi;
			touch()
#ifdef READ
		:: !writes -> read_call()
#endif
		:: zap(0)		/* munmap(), madvise(), age_table() */
		fi
	:: ops == OPS -> break
	od;
	users--
}

/* A device that writes to the page, by a pin: O_DIRECT. */
proctype device()
{
	byte pin = NONE, hole, ops = 0;

	do
	:: ops < OPS ->
		ops++;
		hole = (punching -> holes - 1 : holes);
		gup_fast(0, true, pin);
		if
		:: pin == NONE
		:: else ->
			d_step {
				assert(live[pin]);
				data[pin] = 3;
				/* Behind a hole the page is nobody's. */
				if
				:: own(wtype) && wpfn == pin -> written(3)
				:: else ->
					assert(hole != holes);
					may = (punching -> may | (1 << 3) : may);
				fi
			}
			put_page(pin);
			pin = NONE;
		fi
	:: ops == OPS -> break
	od;
	users--
}

/* page_isolate() */
inline page_isolate(p, got)
{
	trylock_page(p, got);
	if
	:: got && ref[p] <= 1 + maps[p] ->
#ifdef BUG_NO_UNMAP
		ref_freeze(p, 1 + maps[p], got);
#else
		if
		:: maps[p] > 0 -> zap(0)
		:: else
		fi;
#ifdef BUG_NO_FREEZE
		got = true;
#else
		ref_freeze(p, 1, got);
#endif
#endif
		if
		:: !got -> unlock_page(p)
		:: else
		fi
	:: got && ref[p] > 1 + maps[p] ->
		unlock_page(p);
		got = false;
	:: else
	fi
}

/* dr_gmem_disown() */
inline disown(p)
{
	unlock_page(p);
	put_page(p)
}

/* dr_gmem_commit() */
inline commit(t)
{
	set_entry(t, NONE);
#ifndef BUG_NO_FREEZE
	ref_unfreeze(p, 1);
#endif
	disown(p);
	word_unlock();
}

/* page_out_grabbed(): unchanged since it was read, zeros, some tier, or none. */
inline page_out_grabbed()
{
	if
	:: wtype == CLEAN -> commit(SWAPPED)
	:: wtype == PRIVATE && data[p] == 0 -> commit(ABSENT)
	:: wtype == PRIVATE && data[p] != 0 ->
		if
		:: d_step {
				assert(!s_used);
				s_used = true;
				s_data = data[p];
			}
			if
			:: s_disk = true
			:: s_disk = false
			fi;
			commit(SWAPPED)
		:: true ->
			/* dr_gmem_putback() */
#ifndef BUG_NO_FREEZE
			ref_unfreeze(p, 1);
#endif
			unlock_page(p);
			word_unlock();
		fi
	fi
}

/* dr_page_out(), which waits for nobody. */
proctype pager()
{
	byte p, ops = 0;
	bool got;

	do
	:: ops < OPS ->
		ops++;
		d_step {
			got = !wlock;
			wlock = true;
		}
		if
		:: got && own(wtype) ->
			p = wpfn;
			page_isolate(p, got);
			if
			:: got -> page_out_grabbed()
			:: else -> word_unlock()
			fi
		:: got && !own(wtype) -> word_unlock()
		:: else
		fi
	:: ops == OPS -> break
	od;
	users--
}

/* disk_fetch_work() and dr_fetch_done(): a thread that takes no locks. */
proctype reader()
{
	byte p;

end:	do
	:: f_begun ->
		page_alloc(p);
		if
		:: d_step { assert(s_used && s_disk); data[p] = s_data; }
			set_entry(CLEAN, p);
			f_begun = false;
			word_unlock();
		:: true ->		/* it cannot be had */
			put_page(p);
			f_begun = false;
#ifndef BUG_NO_UNLOCK
			word_unlock();
#endif
		fi
	od
}

/* drop_private() */
inline drop_private()
{
	p = wpfn;
#ifndef BUG_NO_PAGE_LOCK
	lock_page(p);
#endif
	set_entry(ABSENT, NONE);
	if
	:: maps[p] > 0 -> zap(0)
	:: else
	fi;
#ifdef BUG_NO_PAGE_LOCK
	put_page(p);
#else
	disown(p);
#endif
}

/* drop_entry() */
inline drop_entry()
{
	word_lock();
	clean_end();
	if
	:: wtype == PRIVATE -> drop_private()
	:: wtype == ABSENT && wpeeked ->
		set_entry(ABSENT, NONE);
		stand_in_unmap();
	:: wtype == SWAPPED ->
		set_entry(ABSENT, NONE);
		store_drop();
	:: else
	fi;
	word_unlock()
}

/* What is there now. */
#define bytes_now	(own(wtype) -> data[wpfn] : \
			 (wtype == SWAPPED -> s_data : 0))

/* punch_table(). What has not been written meanwhile is zero afterwards. */
inline punch()
{
	d_step {
		holes++;
		punching = true;
		may = (1 << last) | 1;
	}
	zap(0);
	/* A glance, without the lock. */
	if
	:: wtype != ABSENT || wpeeked || wlock ->
		drop_entry()
	:: else
	fi;
	d_step {
		assert((may >> bytes_now) & 1);
		last = bytes_now;
		punching = false;
		may = 0;
	}
}

proctype puncher()
{
	byte p;

	punch();
	users--
}

/* The end of the file: nobody has it mapped or open. */
active proctype evict()
{
	byte p;

	page_alloc(p);			/* gm->zero */
	assert(p == ZERO);
	atomic {
		run thread(true);
		if
		:: THREADS > 1 -> run thread(false)
		:: else
		fi;
#ifdef DEVICE
		users++;
		run device();
#endif
#ifdef PAGER
		users++;
		run pager();
		run reader();
#endif
#ifdef PUNCH
		users++;
		run puncher();
#endif
	}
	users == 0 && !f_begun;
	zap(0);
	drop_entry();
	lock_page(ZERO);
	disown(ZERO);
	d_step {
		assert(nr_own == 0 && nr_swapped == 0 && !s_used && !wlock);
		p = 0;
		do
		:: p < NR_PAGES ->
			assert(!live[p] && !flock[p] && maps[p] == 0);
			p++
		:: else -> break
		od
	}
}
