// SPDX-License-Identifier: GPL-2.0-only
/* "denseram report": measurements and recordings as one page. */
#include "report.h"
#include "verbs.h"
#include "../lib/html.h"

#include <errno.h>
#include <glob.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/utsname.h>
#include <time.h>
#include <unistd.h>

/* Readable in light and dark; nothing is loaded from elsewhere. */
static const char style[] =
	":root{color-scheme:light dark;--ink:#1d2329;--soft:#5d6873;--line:#d9dee3;--paper:#fff}\n"
	"@media(prefers-color-scheme:dark){:root{--ink:#e3e7eb;--soft:#98a3ad;--line:#39424b;--paper:#15191d}}\n"
	"body{font:15px/1.5 system-ui,sans-serif;color:var(--ink);background:var(--paper);max-width:60rem;margin:2rem auto;padding:0 1rem}\n"
	"h1,h2,h3{line-height:1.2}section{border-top:1px solid var(--line);margin-top:2rem}\n"
	".from{color:var(--soft);font-size:.85em}.wide{overflow-x:auto}\n"
	"table{border-collapse:collapse;font-size:.9em;font-variant-numeric:tabular-nums}\n"
	"th,td{text-align:right;padding:.2rem .6rem;border-bottom:1px solid var(--line)}\n"
	"th:first-child,td:first-child{text-align:left}th{color:var(--soft);font-weight:600}\n"
	"figure{margin:1rem 0}figcaption{font-weight:600}svg,img{max-width:100%;height:auto}\n"
	"img{background:#fff}svg{width:100%}svg text{font-size:12px;fill:var(--soft)}\n"
	".end{text-anchor:end}.mid{text-anchor:middle}.grid{stroke:var(--line);fill:none}\n"
	".c0{fill:#3d8f5f}.c1{fill:#2f9fb5}.c2{fill:#d6a23a}.c3{fill:#c2544d}\n"
	".c4{fill:#8d66b5}.c5{fill:#b8c0c8}.c6{fill:#4a6fb0}.c7{fill:#8a8f94}\n";

static void write_head(FILE *out)
{
	struct utsname host;
	char text[64];
	time_t now = time(NULL);
	struct tm tm;

	gmtime_r(&now, &tm);
	strftime(text, sizeof(text), "%Y-%m-%d %H:%M:%S UTC", &tm);
	fputs("<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">\n"
	      "<meta name=\"viewport\" content=\"width=device-width,initial-scale=1\">\n"
	      "<title>denseram: report</title>\n<style>\n", out);
	fputs(style, out);
	fputs("</style></head><body>\n<h1>denseram: report</h1>\n<p class=\"from\">Made ",
	      out);
	html_text(out, text);
	fprintf(out, " by denseram %s", DR_TOOLS_VERSION);
	if (!uname(&host)) {
		fputs(" on ", out);
		html_text(out, host.nodename);
		fputs(", ", out);
		html_text(out, host.release);
	}
	fputs(".</p>\n", out);
}

/* What there is in a directory: figures, recordings; neither is an error. */
static int report_dir(FILE *out, const char *dir)
{
	char path[4096];
	glob_t found;
	bool any = false;
	int err = EXIT_OK;

	snprintf(path, sizeof(path), "%s/result.json", dir);
	if (!access(path, F_OK)) {
		any = true;
		err = report_bench(out, dir);
	}
	snprintf(path, sizeof(path), "%s/*.jsonl", dir);
	if (!err && !glob(path, 0, NULL, &found)) {
		for (size_t i = 0; !err && i < found.gl_pathc; i++)
			err = report_record(out, found.gl_pathv[i]);
		any |= found.gl_pathc;
		globfree(&found);
	}
	if (!err && !any)
		return fail("%s has neither result.json nor a recording (*.jsonl)",
			    dir);
	return err;
}

static int report_path(FILE *out, const char *path)
{
	struct stat st;

	if (stat(path, &st))
		return fail("%s: %s", path, strerror(errno));
	return S_ISDIR(st.st_mode) ? report_dir(out, path) :
				     report_record(out, path);
}

static int write_page(FILE *out, int nr, char **paths)
{
	int err = EXIT_OK;

	write_head(out);
	for (int i = 0; !err && i < nr; i++)
		err = report_path(out, paths[i]);
	fputs("</body></html>\n", out);
	return err;
}

/* In memory first: a report that fails leaves the old one as it is. */
static int report(const char *name, int nr, char **paths)
{
	char *page = NULL;
	size_t len;
	FILE *file, *out = open_memstream(&page, &len);
	int err;

	if (!out)
		return fail("out of memory");
	err = write_page(out, nr, paths);
	if (fclose(out))
		err = fail("out of memory");
	if (!err) {
		file = fopen(name, "we");
		if (!file || fwrite(page, 1, len, file) != len)
			err = fail("%s: %s", name, strerror(errno));
		if (file && fclose(file) && !err)
			err = fail("%s: %s", name, strerror(errno));
	}
	free(page);
	return err;
}

static int run_report(const struct verb *self, int argc, char **argv)
{
	const struct dr_flag flags[] = { { NULL, NULL } };
	const char *bad, *name;
	int nr;

	if (dr_args_option(&argc, argv, "-o", &name))
		return fail_usage(self, "-o needs a file");
	nr = dr_args_parse(argc, argv, flags, &bad);
	if (nr < 0)
		return fail_usage(self, "unknown option '%s'", bad);
	if (!nr)
		return fail_usage(self, "needs a directory or a recording");
	return report(name ? name : "report.html", nr, argv);
}

const struct verb verb_report = {
	.name = "report",
	.operands = "[-o FILE] DIR|RECORDING...",
	.summary = "measurements and recordings as a page of HTML",
	.help =
	"A page that stands alone, readable in light and dark, from what benchmarks left\n"
	"in their directories (build/bench/NAME) and from recordings of\n"
	"'denseram top --json'. Needs neither the module nor root.\n"
	"  denseram top --json --delay 10 --count 360 > hour.jsonl\n"
	"  denseram report hour.jsonl -o hour.html\n"
	"\n"
	"  -o FILE  the page (report.html)\n",
	.run = run_report,
};
