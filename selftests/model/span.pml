/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The locks of a span of two words, and how long its table lives: faults, with
 * a read that has a word's lock for itself, two passes of which each wants both
 * pages, the pager, whose write may fail, two who break up blocks on the reserve,
 * a hole as large as the span, a collapse. Bytes are in the other models: here a
 * word is there, on a disk, or nothing.
 */
#define NR	2

mtype = { ABSENT, OWN, SWAPPED };

bool table = true, block;
mtype type[NR] = SWAPPED;
bool wlock[NR];
bool flock[NR];
bool reading[NR];		/* a fetch is under way */
byte busy;

/* dr_span.sem: readers come behind a writer that waits. */
byte sem_readers, sem_waiting;
bool sem_writer;

inline down_read()
{
	atomic { !sem_writer && !sem_waiting -> sem_readers++ }
}

inline down_read_trylock(done)
{
	d_step {
		done = (!sem_writer && !sem_waiting);
		sem_readers = sem_readers + (done -> 1 : 0);
	}
}

inline up_read()
{
	sem_readers--
}

inline down_write()
{
	sem_waiting++;
	atomic { !sem_writer && !sem_readers -> sem_writer = true; sem_waiting-- }
}

inline up_write()
{
	sem_writer = false
}

/* Who touches a word has a table that stays. */
inline word_lock(w)
{
	atomic { (!table || !wlock[w]) -> assert(table); wlock[w] = true }
}

inline word_trylock(w, done)
{
	d_step {
		assert(table);
		done = !wlock[w];
		wlock[w] = true;
	}
}

inline word_unlock(w)
{
	d_step {
		assert(table && wlock[w]);
		wlock[w] = false;
	}
}

inline lock_page(w)
{
	atomic { !flock[w] -> flock[w] = true }
}

/* dr_resolve() */
proctype fault(byte w)
{
	bool answered, fetched;

	do
	:: !answered ->
		down_read();
		if
		:: !table && !block ->
			/* fill_span() */
			up_read();
			down_write();
			d_step { table = (block -> table : true); }
			up_write();
		:: block ->
			up_read();
			answered = true;
		:: table ->
			word_lock(w);
			if
			:: type[w] == SWAPPED && !fetched ->
				/* dr_fetch_begin(): the lock is the read's now */
				reading[w] = true;
				fetched = true;
				word_lock(w);
			:: else
			fi;
			type[w] = OWN;
			/* answer() */
			lock_page(w);
			word_unlock(w);
			up_read();
			answered = true;
			/* The core maps it, with page table locks alone. */
			flock[w] = false;
		fi
	:: answered -> break
	od;
	busy--
}

/* dr_fetch_done() */
proctype reader(byte w)
{
end:	do
	:: reading[w] ->
#ifdef BUG_FETCH_SEM
		down_read();
#endif
		if
		:: type[w] = OWN
		:: true		/* it cannot be had */
		fi;
		reading[w] = false;
		word_unlock(w);
#ifdef BUG_FETCH_SEM
		up_read();
#endif
	od
}

/* dr_gmem_grab(), which waits for nobody: there may be another grab already. */
inline grab(w, got)
{
#ifdef BUG_WAIT_SPAN
	down_read();
	got = true;
#else
	down_read_trylock(got);
#endif
	if
	:: got ->
		if
		:: table ->
#ifdef BUG_WAIT_WORD
			word_lock(w);
			up_read();
#else
			word_trylock(w, got);
			up_read();
#endif
		:: else ->
			up_read();
			got = false;
		fi
	:: else
	fi;
	if
	:: got && (type[w] != OWN || flock[w]) ->
		word_unlock(w);
		got = false;
	:: got && type[w] == OWN && !flock[w] -> flock[w] = true
	:: else
	fi
}

inline ungrab(w)
{
	flock[w] = false;
	word_unlock(w)
}

/* dr_merge() of one with the other. */
proctype pass(byte a; byte b)
{
	bool got;

	grab(a, got);
	if
	:: got ->
		grab(b, got);
		if
		:: got -> ungrab(b)
		:: else
		fi;
		ungrab(a);
	:: else
	fi;
	busy--
}

/* The write of a cluster has failed: dr_swapped_restore() */
bool writing = true;

proctype cluster()
{
	down_read();
	if
	:: table ->
		word_lock(0);
		type[0] = (type[0] == SWAPPED -> OWN : type[0]);
		word_unlock(0);
	:: else
	fi;
	up_read();
	writing = false;
	busy--
}

/* dr_page_out(): it waits for a cluster before it has anything. */
proctype pager()
{
	bool got;

#ifndef BUG_WAIT_IN_GRAB
	!writing;
#endif
	grab(0, got);
#ifdef BUG_WAIT_IN_GRAB
	!writing;
#endif
	if
	:: got ->
		type[0] = SWAPPED;
		ungrab(0);
	:: else
	fi;
	busy--
}

/* punch_whole() */
proctype puncher()
{
	byte w;

	down_write();
	if
	:: block -> block = false
	:: table ->
		do
		:: w < NR ->
			/* A glance: the word is not zero. */
			if
#ifdef BUG_DROP_LOCKED
			:: type[w] != ABSENT ->
#else
			:: type[w] != ABSENT || wlock[w] ->
#endif
				word_lock(w);
				if
				:: type[w] == OWN ->
					lock_page(w);
					flock[w] = false;
				:: else
				fi;
				type[w] = ABSENT;
				word_unlock(w);
			:: else
			fi;
			w++
		:: else -> break
		od;
		/* dr_span_drop_table() */
		atomic {
#ifdef BUG_DROP_LOCKED
			table = false;
#else
			table = (wlock[0] || wlock[1]);
#endif
		}
	:: else
	fi;
	up_write();
	busy--
}

/* dr_block_collapse(): all words, then all pages, and it waits for none. */
proctype collapse()
{
	bool got;

	down_write();
	if
	:: table ->
		word_trylock(0, got);
		if
		:: got ->
			word_trylock(1, got);
			if
			:: got && type[0] == OWN && type[1] == OWN ->
				d_step { got = !flock[0] && !flock[1]; }
				if
				:: got ->
					/* install_block() */
					d_step {
						wlock[0] = false;
						wlock[1] = false;
						type[0] = ABSENT;
						type[1] = ABSENT;
						table = false;
						block = true;
					}
				:: else ->
					word_unlock(1);
					word_unlock(0);
				fi
			:: got && (type[0] != OWN || type[1] != OWN) ->
				word_unlock(1);
				word_unlock(0);
			:: else -> word_unlock(0)
			fi
		:: else
		fi
	:: else
	fi;
	up_write();
	busy--
}

/* dr_block_evacuate() on the reserve, which has one borrower at a time. */
bool reserve;

#ifdef BUG_RESERVE_LATE
#define LATE	true
#else
#define LATE	false
#endif

inline borrow()
{
	atomic { !reserve -> reserve = true }
}

proctype evacuator(bool late)
{
	if
	:: !late -> borrow()
	:: else
	fi;
	down_write();
	if
	:: late -> borrow()
	:: else
	fi;
	if
	:: block ->
		block = false;
		table = true;
		type[0] = OWN;
	:: else
	fi;
	up_write();
	reserve = false;
	busy--
}

active proctype end_of_file()
{
	if
	:: type[1] = ABSENT
	:: true
	fi;
	atomic {
		run reader(0);
		run reader(1);
		run fault(0);
		run fault(1);
		run puncher();
		busy = 3;
#ifdef PASSES
		busy = busy + 2;
		run pass(0, 1);
		run pass(1, 0);
#endif
#ifdef PAGER
		busy = busy + 2;
		run pager();
		run cluster();
#endif
#ifdef BLOCKS
		busy = busy + 3;
		run collapse();
		run evacuator(false);
		run evacuator(LATE);
#endif
	}
	busy == 0;
	assert(!sem_readers && !sem_writer && !sem_waiting && !reserve);
	assert(!wlock[0] && !wlock[1] && !flock[0] && !flock[1]);
}
