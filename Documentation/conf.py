# SPDX-License-Identifier: GPL-2.0-only
# Sphinx configuration of the denseram manual.

project = "denseram"
copyright = "the denseram authors"
release = "0.1.0"

extensions = []
exclude_patterns = ["kernel-doc/*"]
primary_domain = "c"
highlight_language = "none"
html_theme = "alabaster"
html_theme_options = {
    "description": "Memory overcommit for KVM hosts",
    "page_width": "1080px",
}
html_copy_source = False
html_show_sphinx = False

# Types that are the kernel's, not ours: the manual has no page for them.
nitpicky = False
