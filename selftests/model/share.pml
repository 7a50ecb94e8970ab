/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Two words, of two guests, whose pages become one and part again: faults of
 * both, the scanner, a device that reads what the first guest sends by a short
 * pin, and (TRUST) somebody who ends the sharing of the first guest.
 *
 * Both guests write 1, which can be shared; and each has a value of its own,
 * which no other may ever see. "last" is what a guest has written last. "may" is
 * what the device may send: what the first guest has written since it was asked
 * to, or last before.
 */
#ifndef OPS
#define OPS	2
#endif
#ifndef FIRST_OPS		/* of the first guest */
#define FIRST_OPS OPS
#endif
#ifndef SCANS
#define SCANS	2
#endif
#define NR_PTES	2
#define NR_PAGES 6
#include "core.inc"

mtype = { PRIVATE, SHARED };

bool wlock[2];
mtype wtype[2];
byte wpfn[2];
bool wpeeked[2];

/* Shared pages: struct dr_share, and their place in the table of contents. */
bool shared[NR_PAGES];
byte users[NR_PAGES];
byte table = NONE;

byte last[2];
byte may;
bool off;			/* the first guest shares with nobody */
bool unshared;			/* and does not any more */
byte busy;			/* processes at work */

/* dr_gmem_set_entry() */
inline set_entry(w, t, p)
{
	d_step {
		assert(wlock[w]);
		assert(!(t == SHARED && unshared && w == 0));
		wtype[w] = t;
		wpfn[w] = p;
		wpeeked[w] = false;
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

/* dr_table_remove() */
inline table_remove(p)
{
	d_step {
		if
		:: table == p -> table = NONE
		:: else
		fi
	}
}

/* dr_share_put() */
inline share_put(p)
{
	d_step {
		assert(shared[p] && users[p] > 0);
		users[p]--;
		none = (users[p] == 0);
	}
	if
	:: none ->
		table_remove(p);
		lock_page(p);
		shared[p] = false;
		unlock_page(p);
		put_page(p);
	:: else
	fi;
	none = false
}

/* share_claim(), stand_in_isolate() and share_claimed(): dr_store_claim() */
inline claim(w, held, taken)
{
	d_step {
		c = wpfn[w];
		assert(shared[c] && users[c] > 0);
#ifdef BUG_CLAIM_USED
		taken = true;
#else
		taken = (users[c] == 1);
#endif
		users[c] = (taken -> 0 : users[c]);
	}
	if
	:: taken ->
		table_remove(c);
		trylock_page(c, taken);
		if
		:: taken ->
			if
			:: wpeeked[w] -> zap(w)
			:: else
			fi;
#ifndef BUG_CLAIM_PINNED
			/* Frozen for a moment: nobody else has it. */
			d_step { taken = (ref[c] == 1 + (c == held -> 1 : 0)); }
#endif
			unlock_page(c);
		:: else
		fi;
		if
		:: taken ->
			shared[c] = false;
			set_entry(w, PRIVATE, c);
		:: else -> users[c] = 1
		fi
	:: else
	fi;
	c = 0
}

/* dr_store_leave() of a shared page */
inline store_leave(w, p, peeked)
{
#ifndef BUG_NO_STAND_IN_UNMAP
	if
	:: peeked ->
#ifndef BUG_NO_STAND_IN_LOCK
		lock_page(p);
#endif
		zap(w);
#ifndef BUG_NO_STAND_IN_LOCK
		unlock_page(p);
#endif
	:: else
	fi;
#endif
	share_put(p);
}

/* make_private() */
inline make_private(w)
{
	page_alloc(spare);
	c = wpfn[w];
	assert(shared[c] && users[c] > 0);
	data[spare] = data[c];
	was_peeked = wpeeked[w];
	set_entry(w, PRIVATE, spare);
	store_leave(w, c, was_peeked);
	d_step {
		spare = NONE;
		was_peeked = false;
		c = 0;
	}
}

/* answer() */
inline answer(p)
{
	page = p;
	get_page(page);
	lock_page(page);
}

/* try_entry(): "held" is a page that the caller has a reference to. */
inline resolve(w, wr, held)
{
	word_lock(w);
	if
	:: wtype[w] == PRIVATE
	:: wtype[w] == SHARED && !(wr) -> wpeeked[w] = true
	:: wtype[w] == SHARED && (wr) ->
		claim(w, held, taken);
		if
		:: taken
		:: else -> make_private(w)
		fi;
		taken = false;
	fi;
	writable = (wtype[w] == PRIVATE);
	answer(wpfn[w]);
	word_unlock(w)
}

/* The core maps what it was answered with, and its folio is locked. */
inline finish(w, p, rw, was_mapped)
{
	mapped = was_mapped;
	if
	:: was_mapped ->
		d_step {
			if
			:: pte[w] == p -> pte_rw[w] = true
			:: else
			fi
		}
		unlock_page(p);
		put_page(p);
	:: else ->
		map_page(w, p, rw, mapped);
		unlock_page(p);
		if
		:: !mapped -> put_page(p)
		:: else
		fi
	fi
}

/* gmem_page_mkwrite() */
inline page_mkwrite(w, was_mapped)
{
	resolve(w, true, old);
	if
	:: page == old ->
		put_page(page);
		finish(w, old, true, was_mapped);
	:: else ->
		unlock_page(page);
		put_page(page);
		put_page(old);
	fi
}

inline look(w)
{
	d_step {
		old = NONE;
		if
		:: pte[w] != NONE ->
			old = pte[w];
			assert(live[old] && ref[old] > 0);
			ref[old]++;
		:: else
		fi
	}
}

/* handle_pte_fault() */
inline fault(w, wr)
{
	if
	:: wr -> look(w)
	:: else
	fi;
	mapped = (old != NONE);
	if
	:: !mapped ->
		resolve(w, wr, NONE);
		if
		:: wr ->
			old = page;
			unlock_page(old);
		:: else -> finish(w, page, writable, false)
		fi
	:: else
	fi;
	if
	:: old != NONE -> page_mkwrite(w, mapped)
	:: else
	fi;
	d_step {
		page = NONE;
		old = NONE;
		mapped = false;
		writable = false;
	}
}

/* A load, or a store of a value other than 0. */
inline touch(w, v)
{
	do
	:: d_step { pte[w] != NONE && v == 0 ->
			assert(live[pte[w]]);
			assert(data[pte[w]] == last[w]); }
		break
	:: d_step { v != 0 && pte[w] != NONE && pte_rw[w] ->
			assert(live[pte[w]] && !shared[pte[w]]);
			data[pte[w]] = v;
			last[w] = v;
			may = (w == 0 -> may | (1 << v) : may); }
		break
	:: pte[w] == NONE || (v != 0 && !pte_rw[w]) -> fault(w, v != 0)
	od
}

/* A process that maps the memory of a guest. */
proctype guest(byte i; byte ops)
{
	byte page = NONE, old = NONE, spare = NONE, v, c;
	bool writable, mapped, was_peeked, taken, none;

	do
	:: ops > 0 ->
		ops--;
		if
		:: v = 0
		:: v = 1
		:: v = 2 + i
		fi;
		touch(i, v);
		v = 0;
#ifndef DEVICE
		if
		:: zap(i)		/* munmap(), madvise() */
		:: true
		fi
#endif
	:: ops == 0 -> break
	od;
	busy--
}

/* O_DIRECT: a device reads a page of the first guest, for its disk. */
proctype device()
{
	byte pin = NONE;

	may = 1 << last[0];
	gup_fast(0, false, pin);
	if
	:: pin == NONE
	:: else ->
		d_step {
			assert(live[pin]);
			/* Not what another guest has written. */
			assert((may >> data[pin]) & 1);
		}
		put_page(pin);
	fi;
	d_step {
		pin = NONE;
		busy--;
	}
}

/* page_isolate() */
inline page_isolate(w, p, got)
{
	trylock_page(p, got);
	if
	:: got && ref[p] <= 1 + maps[p] ->
		if
		:: maps[p] > 0 -> zap(w)
		:: else
		fi;
		ref_freeze(p, 1, got);
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

/* dr_gmem_grab(): waits for nobody. */
inline grab(w, p, got)
{
	d_step {
		got = !wlock[w];
		wlock[w] = true;
	}
	if
	:: got ->
		if
		:: wtype[w] == SHARED -> claim(w, NONE, got)
		:: else
		fi;
		if
		:: got ->
			p = wpfn[w];
			page_isolate(w, p, got);
		:: else
		fi;
		if
		:: !got -> word_unlock(w)
		:: else
		fi
	:: else
	fi
}

inline putback(w, p)
{
	ref_unfreeze(p, 1);
	unlock_page(p);
	word_unlock(w)
}

/* dr_gmem_commit(), to a shared page; the page that was there is freed. */
inline commit(w, p, to)
{
	set_entry(w, SHARED, to);
	ref_unfreeze(p, 1);
	unlock_page(p);
	put_page(p);
	word_unlock(w)
}

/* dr_gmem_give(): the page of the grab is the shared one. */
inline give(w, p)
{
	set_entry(w, SHARED, p);
	ref_unfreeze(p, 1);
	unlock_page(p);
	word_unlock(w)
}

/* The domain of a guest, as it is now. */
inline see_domain(w)
{
	apart = (off && w == 0)
}

#ifdef BUG_NO_COMPARE
#define same_bytes(a, b)	true
#else
#define same_bytes(a, b)	(data[a] == data[b])
#endif

/* merge_share(), as a user of "share" already. */
inline merge_share(w)
{
#ifdef BUG_DOMAIN_EARLY
	see_domain(w);
#endif
	grab(w, a, got);
	if
	:: got ->
#ifndef BUG_DOMAIN_EARLY
		see_domain(w);
#endif
		if
		:: !apart && same_bytes(a, share) -> commit(w, a, share)
		:: else ->
			putback(w, a);
			share_put(share);
		fi
	:: else -> share_put(share)
	fi
}

/* share_grabbed(): 3 users, and this is the last of them. */
inline share_grabbed(w)
{
	d_step {
		share = b;
		shared[b] = true;
		users[b] = 3;
	}
	give(w, b);
	table = share;
	share_put(share);
}

/* merge_grabbed(): "a" is in a grab. */
inline merge_grabbed(w, x)
{
	grab(x, b, got);
	if
	:: got ->
#ifndef BUG_DOMAIN_EARLY
		see_domain(0);
#endif
		if
		:: !apart && same_bytes(a, b) ->
#ifdef BUG_ORDER
			/* Whoever waits for this one finds a page with no count. */
			share = b;
			commit(w, a, share);
			d_step {
				shared[b] = true;
				users[b] = 2;
			}
			give(x, b);
			table = share;
#else
			share_grabbed(x);
			commit(w, a, share);
#endif
		:: else ->
			putback(x, b);
			putback(w, a);
		fi
	:: else -> putback(w, a)
	fi
}

/* hint_holds(): a glance, before anybody is disturbed. */
#define looks_same	(data[wpfn[0]] == data[wpfn[1]])

/* dr_merge() of a page of the first guest, or of the second. */
proctype scanner()
{
	byte a, b, c, share = NONE, w, other, scans;
	bool got, none, apart;

	do
	:: scans < SCANS ->
		scans++;
		if
		:: w = 0
		:: w = 1
		fi;
		other = 1 - w;
		/* dr_table_find(), with dr_share_get() */
		d_step {
			share = NONE;
			if
#ifdef BUG_GET_UNUSED
			:: table != NONE ->
#else
			:: table != NONE && users[table] > 0 ->
#endif
				share = table;
				users[share]++;
			:: else
			fi
		}
		if
		:: share != NONE -> merge_share(w)
		:: share == NONE && looks_same && wpfn[0] != wpfn[1] ->
#ifdef BUG_DOMAIN_EARLY
			see_domain(0);
#endif
			grab(w, a, got);
			if
			:: got -> merge_grabbed(w, other)
			:: else
			fi
		:: else
		fi;
		d_step {
			share = NONE;
			a = 0;
			b = 0;
			w = 0;
			other = 0;
			got = false;
			apart = false;
		}
	:: scans == SCANS -> break
	od;
	busy--
}

/* dr_guest_unshare(): the domain is another one already. */
proctype admin()
{
	byte page = NONE, spare = NONE, c;
	bool writable, was_peeked, taken, none;

	off = true;
#ifndef BUG_NO_WORD_WAIT
	/* next_shared(): a merge may be about to commit there. */
	if
	:: wlock[0] ->
		word_lock(0);
		word_unlock(0);
	:: else
	fi;
#endif
	if
	:: wtype[0] == SHARED ->
		/* unshare_page() */
		resolve(0, true, NONE);
		unlock_page(page);
		put_page(page);
	:: else
	fi;
	d_step {
		assert(wtype[0] != SHARED);
		unshared = true;
		page = NONE;
		busy--;
	}
}

inline first_page(w)
{
	page_alloc(p);
	d_step {
		wtype[w] = PRIVATE;
		wpfn[w] = p;
		data[p] = 1;
		last[w] = 1;
	}
}

/* The end of a file: drop_entry(), with nobody about. */
inline drop(w)
{
	zap(w);
	word_lock(w);
	p = wpfn[w];
	if
	:: wtype[w] == PRIVATE -> put_page(p)
	:: wtype[w] == SHARED -> share_put(p)
	fi
}

active proctype evict()
{
	byte p;
	bool none;

	first_page(0);
	first_page(1);
	atomic {
		run guest(0, FIRST_OPS);
		run guest(1, OPS);
		run scanner();
		busy = 3;
#ifdef DEVICE
		busy++;
		run device();
#endif
#ifdef TRUST
		busy++;
		run admin();
#endif
	}
	busy == 0;
	drop(0);
	drop(1);
	d_step {
		assert(table == NONE);
		p = 0;
		do
		:: p < NR_PAGES ->
			assert(!live[p] && !flock[p] && !shared[p] && users[p] == 0);
			p++
		:: else -> break
		od
	}
}
