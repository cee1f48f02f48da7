#!/usr/bin/env python3
"""The table of keys of a page is what the program prints.

    keys_test.py ADMMNET PAGE     PAGE: has the table between two marks

Exit code 0 when they agree; else 1 and how they differ.
"""
import difflib
import pathlib
import re
import subprocess
import sys

program, page = sys.argv[1:]
table = re.search(r"<!-- keys: [^\n]*-->\n\n(.*?)\n<!-- end of keys -->",
                  pathlib.Path(page).read_text(encoding="utf-8"), re.DOTALL)
printed = subprocess.run([program, "-help-markdown"], stdout=subprocess.PIPE, text=True,
                         check=True).stdout
if table is None:
    sys.exit(f"{page} has no table of keys between its marks")
difference = list(difflib.unified_diff(table.group(1).splitlines(), printed.splitlines(), page,
                                       "admmnet -help-markdown", n=0, lineterm=""))
print("\n".join(difference) or "the same")
sys.exit(1 if difference else 0)
