# SPDX-License-Identifier: GPL-2.0-only
# The figures for the eye, one a line, the sharers side by side.
. as $r | ["denseram", "ksm", "ksm_advisor", "ksm_default"] as $who |
(["sharing", $who[]] | join("\t")),
("saved_mib", "ideal_mib", "fraction_of_ideal", "cpu_s", "cpu_s_per_gib_saved",
 "pages_scanned", "t90_s", "t90_at_least_s", "t99_s",
 "steady_cpu_s_per_min", "metadata_mib", "bad" |
 . as $key | ["  " + $key, ($who[] | $r[.][$key]? // "-" | tostring)] | join("\t")),
"metadata",
(["metadata_bytes_per_page", "metadata_bytes_per_page_used", "ops_ratio",
  "ops_scan_rate"][] | ["  " + ., ($r[.] // "-" | tostring)] | join("\t")),
(["metadata_per_resident_page", "metadata_per_page_used"][] |
 ["  " + ., (if $r[. + "_met"] == null then "-" elif $r[. + "_met"]
      then "at most 24" else "above 24" end)] | join("\t")),
($r.metadata_note // empty | "  " + .),
"ten identical guests",
($r.identical // {} | to_entries[] |
 ["  " + .key, (.value | tostring)] | join("\t")),
"boots of the lab host\t\($r.boot_ids // [] | length)"
