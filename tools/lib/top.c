// SPDX-License-Identifier: GPL-2.0-only
#include "account.h"
#include "text.h"
#include "top.h"
#include "units.h"
#include "words.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ARRAY_SIZE(a)	(sizeof(a) / sizeof(*(a)))

/* Lines above the guests, with the headings; and below them. */
#define ROWS_ABOVE	7
#define ROWS_BELOW	1

/* Columns of sizes, from the left. */
static const struct column {
	const char *name;
	const char *title;
	uint64_t (*bytes)(const struct dr_view_guest *g);
} columns[] = {
	{ "size", "SIZE", dr_view_size },
	{ "resident", "RESID", dr_view_resident },
	{ "target", "TARGET", dr_view_target },
	{ "active", "ACTIVE", dr_view_active },
	{ "shared", "SHARED", dr_view_shared },
	{ "compressed", "COMPR", dr_view_compressed },
	{ "disk", "DISK", dr_view_disk },
	{ "balloon", "BALLN", dr_view_balloon },
};

/* After them one can sort by name. */
#define SORT_NAME	ARRAY_SIZE(columns)
#define NR_SORTS	(SORT_NAME + 1)

const char *dr_top_sort_name(unsigned int sort)
{
	if (sort == SORT_NAME)
		return "name";
	return sort < SORT_NAME ? columns[sort].name : NULL;
}

int dr_top_sort_find(const char *name)
{
	for (unsigned int i = 0; i < NR_SORTS; i++)
		if (!strcmp(dr_top_sort_name(i), name))
			return (int)i;
	return -EINVAL;
}

static int by_id(const struct dr_view_guest *a, const struct dr_view_guest *b)
{
	return a->info.id < b->info.id ? -1 : a->info.id > b->info.id;
}

/* The most first, names from A to Z; who is equal stays in order. */
static int compare(const void *one, const void *two, void *arg)
{
	const struct dr_view_guest *a = *(const struct dr_view_guest *const *)one;
	const struct dr_view_guest *b = *(const struct dr_view_guest *const *)two;
	const struct dr_top *top = arg;
	int order;

	if (top->sort >= SORT_NAME) {
		order = strcmp(a->info.name, b->info.name);
	} else {
		uint64_t x = columns[top->sort].bytes(a);
		uint64_t y = columns[top->sort].bytes(b);

		order = x > y ? -1 : x < y;
	}
	if (!order)
		return by_id(a, b);
	return top->reverse ? -order : order;
}

/* The guests in the order they are shown in, to be freed; NULL without any. */
static const struct dr_view_guest **sorted(const struct dr_top *top,
					   const struct dr_view *view)
{
	const struct dr_view_guest **order;

	if (!view->nr_guests)
		return NULL;
	order = calloc(view->nr_guests, sizeof(*order));
	if (!order)
		return NULL;
	for (size_t i = 0; i < view->nr_guests; i++)
		order[i] = &view->guests[i];
	qsort_r(order, view->nr_guests, sizeof(*order), compare, (void *)top);
	return order;
}

/* Where the marked guest is; the first one when it is gone. */
static size_t marked_at(const struct dr_top *top, const struct dr_view *view,
			const struct dr_view_guest **order)
{
	for (size_t i = 0; i < view->nr_guests; i++)
		if (order[i]->info.id == top->marked)
			return i;
	return 0;
}

const struct dr_view_guest *dr_top_marked(const struct dr_top *top,
					  const struct dr_view *view)
{
	const struct dr_view_guest **order = sorted(top, view);
	const struct dr_view_guest *guest;

	if (!order)
		return NULL;
	guest = order[marked_at(top, view, order)];
	free(order);
	return guest;
}

static size_t list_rows(const struct dr_top *top)
{
	return top->rows > ROWS_ABOVE + ROWS_BELOW ?
	       top->rows - ROWS_ABOVE - ROWS_BELOW : 1;
}

static size_t step_from(const struct dr_top *top, size_t at, size_t nr, int key)
{
	size_t page = list_rows(top), last = nr - 1;

	switch (key) {
	case DR_KEY_UP:
		return at ? at - 1 : 0;
	case DR_KEY_DOWN:
		return at < last ? at + 1 : last;
	case DR_KEY_PAGE_UP:
		return at > page ? at - page : 0;
	case DR_KEY_PAGE_DOWN:
		return last - at > page ? at + page : last;
	case DR_KEY_HOME:
		return 0;
	case DR_KEY_END:
		return last;
	default:
		return at;
	}
}

static void move_mark(struct dr_top *top, const struct dr_view *view, int key)
{
	const struct dr_view_guest **order = sorted(top, view);
	size_t at;

	if (!order)
		return;
	at = step_from(top, marked_at(top, view, order), view->nr_guests, key);
	top->marked = order[at]->info.id;
	free(order);
}

/* How far it may go, the drawing knows. */
static void scroll(struct dr_top *top, int key)
{
	top->first = step_from(top, top->first, SIZE_MAX / 2, key);
}

static void open_page(struct dr_top *top, enum dr_top_page page)
{
	top->page = page;
	top->first = 0;
}

static bool press_on_list(struct dr_top *top, const struct dr_view *view,
			  int key)
{
	switch (key) {
	case 'q':
		return false;
	case '<':
		top->sort = (top->sort + NR_SORTS - 1) % NR_SORTS;
		break;
	case '>':
		top->sort = (top->sort + 1) % NR_SORTS;
		break;
	case 'R':
		top->reverse = !top->reverse;
		break;
	case DR_KEY_ENTER:
		if (view->nr_guests)
			open_page(top, DR_TOP_EXPLAIN);
		break;
	default:
		move_mark(top, view, key);
	}
	return true;
}

bool dr_top_press(struct dr_top *top, const struct dr_view *view, int key)
{
	if (key == '?' || key == 'h')
		open_page(top, DR_TOP_HELP);
	else if (top->page == DR_TOP_LIST)
		return press_on_list(top, view, key);
	else if (key == 'q' || key == DR_KEY_ESCAPE || key == DR_KEY_ENTER)
		open_page(top, DR_TOP_LIST);
	else
		scroll(top, key);
	return true;
}

static uint64_t less(uint64_t a, uint64_t b)
{
	return a > b ? a - b : 0;
}

static void draw_host_bar(const struct dr_view *v, struct dr_screen *screen)
{
	const struct dr_usage *u = &v->status.usage;
	uint64_t index = u->metadata + v->share.table_bytes;
	uint64_t ours = u->resident + v->share.kept + v->swap.pool_memory + index;
	uint64_t gone = less(v->status.host_total, v->status.host_available);
	const struct dr_part parts[] = {
		{ '#', "own", u->resident },
		{ 's', "shared", v->share.kept },
		{ 'c', "pool", v->swap.pool_memory },
		{ 'i', "index", index },
		{ 'o', "host", less(gone, ours) },
		{ '.', "free", v->status.host_available },
	};

	dr_screen_bar(screen, "Host", v->status.host_total, parts,
		      ARRAY_SIZE(parts));
}

static uint64_t balloons(const struct dr_view *v)
{
	uint64_t sum = 0;

	for (size_t i = 0; i < v->nr_guests; i++)
		sum += v->guests[i].balloon.backed;
	return sum;
}

static void draw_guest_bar(const struct dr_view *v, struct dr_screen *screen)
{
	uint64_t disk = dr_tiers_disk(&v->swap.tiers);
	uint64_t bytes[DR_NR_PLACES], balloon = balloons(v), absent;

	dr_account(&v->status.usage, bytes);
	absent = bytes[DR_PLACE_ABSENT];
	balloon = balloon < absent ? balloon : absent;

	const struct dr_part parts[] = {
		{ '#', "own", bytes[DR_PLACE_BLOCKS] + bytes[DR_PLACE_HOLES] +
			      bytes[DR_PLACE_PAGES] },
		{ 's', "shared", bytes[DR_PLACE_SHARED] },
		{ 'c', "pool", less(bytes[DR_PLACE_SWAPPED], disk) },
		{ 'd', "disk", disk },
		{ 'b', "balln", balloon },
		{ '.', "free", absent - balloon },
	};

	dr_screen_bar(screen, "Guests", v->status.usage.size, parts,
		      ARRAY_SIZE(parts));
}

static void draw_title(const struct dr_view *v, const char *clock,
		       struct dr_screen *screen)
{
	enum dr_line_kind kind = v->policy.level >= DR_LEVEL_HARD ?
				 DR_LINE_ALERT : DR_LINE_TITLE;
	const char *stop = "";

	if (v->swap.stop != DR_SWAP_STOP_NONE)
		stop = dr_swap_stop_name(v->swap.stop);
	dr_screen_add(screen, kind,
		      "denseram %s  level %s%s%s%s  guests %zu  policy %s  tax %u%%",
		      clock, dr_level_word(v->policy.level),
		      v->policy.strained ? " (stalls)" : "",
		      *stop ? "  paging stopped: " : "", stop, v->nr_guests,
		      v->policy.enabled ? "on" : "off", v->policy.tax);
}

static void draw_headings(const struct dr_top *top, struct dr_screen *screen)
{
	char text[DR_LINE_TEXT] = "";
	size_t len = 0;

	for (size_t i = 0; i < ARRAY_SIZE(columns); i++)
		len += (size_t)snprintf(text + len, sizeof(text) - len,
					"%c%6s", i == top->sort ? '*' : ' ',
					columns[i].title);
	dr_screen_add(screen, DR_LINE_HEAD, "%s  %-9s%cNAME", text, "RULE",
		      top->sort == SORT_NAME ? '*' : ' ');
}

static void draw_guest(const struct dr_view_guest *g, enum dr_line_kind kind,
		       struct dr_screen *screen)
{
	char text[DR_LINE_TEXT] = "", size[DR_SIZE_TEXT];
	char *name = dr_text_escape(g->info.name);
	size_t len = 0;

	for (size_t i = 0; i < ARRAY_SIZE(columns); i++)
		len += (size_t)snprintf(text + len, sizeof(text) - len, " %6s",
					dr_size_short(columns[i].bytes(g), size));
	dr_screen_add(screen, kind, "%s  %-9s %s", text,
		      g->rule ? g->rule : "-", name ? name : "?");
	free(name);
}

/* The cursor stays on the screen, and no line is left empty for nothing. */
static void place(struct dr_top *top, size_t at, size_t nr, size_t rows)
{
	if (at < top->first)
		top->first = at;
	if (at >= top->first + rows)
		top->first = at - rows + 1;
	if (top->first + rows > nr)
		top->first = nr > rows ? nr - rows : 0;
}

static void draw_guests(struct dr_top *top, const struct dr_view *view,
			struct dr_screen *screen)
{
	const struct dr_view_guest **order = sorted(top, view);
	size_t rows = top->rows ? list_rows(top) : view->nr_guests;
	size_t at, end;

	if (!order) {
		screen->failed |= view->nr_guests != 0;
		return;
	}
	at = marked_at(top, view, order);
	place(top, at, view->nr_guests, rows);
	end = top->first + rows;
	for (size_t i = top->first; i < end && i < view->nr_guests; i++)
		draw_guest(order[i], i == at && top->rows ? DR_LINE_MARKED :
			   DR_LINE_PLAIN, screen);
	free(order);
}

/* Let the last line be the last of the screen. */
static void fill(const struct dr_top *top, struct dr_screen *screen)
{
	while (!screen->failed && screen->nr + ROWS_BELOW < top->rows)
		dr_screen_add(screen, DR_LINE_PLAIN, "%s", "");
}

static void draw_list(struct dr_top *top, const struct dr_view *view,
		      const char *clock, struct dr_screen *screen)
{
	draw_title(view, clock, screen);
	draw_host_bar(view, screen);
	draw_guest_bar(view, screen);
	dr_screen_add(screen, DR_LINE_PLAIN, "%s", "");
	draw_headings(top, screen);
	draw_guests(top, view, screen);
	if (!top->rows)
		return;
	fill(top, screen);
	dr_screen_add(screen, DR_LINE_HEAD,
		      "q quit  h help  Enter explain  < > sort by %s  R reverse",
		      dr_top_sort_name(top->sort));
}

/* Lines of a text, as many as there is room for, from @top->first on. */
static void draw_text(struct dr_top *top, const char *text,
		      struct dr_screen *screen)
{
	size_t nr = 0, room = top->rows - 2;

	for (const char *s = text; *s; s++)
		nr += *s == '\n';
	if (top->first + room > nr)
		top->first = nr > room ? nr - room : 0;
	for (size_t skip = top->first; skip; skip--)
		text = strchr(text, '\n') + 1;
	for (; *text && room; room--) {
		size_t len = strcspn(text, "\n");

		dr_screen_add(screen, DR_LINE_PLAIN, "%.*s", (int)len, text);
		text += len + (text[len] == '\n');
	}
}

static const char help[] =
	"Host    where the memory of the host is: own (of guests, not shared), shared\n"
	"        (kept once for all its users), pool (what is paged out to memory, as it\n"
	"        is compressed), index (of the module), host (its own), free (to be had)\n"
	"Guests  where the RAM of the guests is: own (in host memory), shared, pool\n"
	"        (paged out to it), disk, balln (given up), free (never touched)\n"
	"\n"
	"SIZE    configured             TARGET  may have, by the last decision\n"
	"RESID   in host memory         ACTIVE  of that in use, an estimate\n"
	"SHARED  with others            COMPR   paged out to memory\n"
	"DISK    paged out to disk      BALLN   given up through the balloon\n"
	"RULE    what binds the target: see denseram explain\n"
	"\n"
	"Up, Down, Page Up, Page Down, Home, End   move\n"
	"Enter   why the guest has what it has; again, or q: back\n"
	"< >     sort by the column to the left, right; it is marked with *\n"
	"R       the least first\n"
	"h ?     this\n"
	"q       quit\n";

static void draw_page(struct dr_top *top, const char *title, const char *text,
		      struct dr_screen *screen)
{
	dr_screen_add(screen, DR_LINE_TITLE, "%s", title);
	draw_text(top, text, screen);
	fill(top, screen);
	dr_screen_add(screen, DR_LINE_HEAD, "%s", "q back  Up Down scroll");
}

static void draw_explanation(struct dr_top *top, const struct dr_view *view,
			     const char *text, struct dr_screen *screen)
{
	const struct dr_view_guest *guest = dr_top_marked(top, view);
	char title[DR_LINE_TEXT], *name;

	name = guest ? dr_text_escape(guest->info.name) : NULL;
	snprintf(title, sizeof(title), "%s%s", "Why it has what it has: ",
		 name ? name : "(it is gone)");
	draw_page(top, title, text, screen);
	free(name);
}

void dr_top_draw(struct dr_top *top, const struct dr_view *view,
		 const char *clock, const char *explanation,
		 struct dr_screen *screen)
{
	const struct dr_view_guest *marked = dr_top_marked(top, view);

	/* From now on it is that one, however the others are sorted. */
	top->marked = marked ? marked->info.id : 0;
	dr_screen_clear(screen);
	if (top->rows && (top->rows < DR_TOP_ROWS_MIN ||
			  screen->cols < DR_TOP_COLS_MIN)) {
		dr_screen_add(screen, DR_LINE_PLAIN, "too small: %dx%d at least",
			      DR_TOP_COLS_MIN, DR_TOP_ROWS_MIN);
		return;
	}
	if (top->page == DR_TOP_HELP)
		draw_page(top, "denseram top: help", help, screen);
	else if (top->page == DR_TOP_EXPLAIN)
		draw_explanation(top, view, explanation, screen);
	else
		draw_list(top, view, clock, screen);
}
