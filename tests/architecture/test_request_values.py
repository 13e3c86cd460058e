"""Values of a request are read in one way each."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
DIGITS = re.compile(r"\.(?:isdigit|isdecimal|isnumeric)\b")
BOUND = re.compile(r"\w*Form\(\s*request\.POST\b")
# What takes the body as a whole, or a library's own fields: no form of ours.
READS_BODY = {
    "apps/accounts/signing_in/step_up.py": "carries the form of any page on, behind its question",
    "apps/accounts/tokens/oauth.py": "fields of the OAuth library, before it reads them",
    "apps/audit/admin_base.py": "a button of Django's own form",
    "portal/web/middleware.py": "looks at every value for what no column stores",
}
# What looks at digits itself: the two readings everybody else calls, and cells of foreign files.
READS_DIGITS = {
    "apps/common/http.py": "whole numbers of a request",
    "apps/common/identity.py": "NIK and KK",
    "apps/reconciliation/deliveries/cells.py": "cells of a ministry's file, with their own faults",
    "apps/reconciliation/deliveries/records.py": "a whole column of such cells at once",
    "apps/reconciliation/conflicts/filters.py": "values beside each other, each masked if a number",
    "apps/regions/admin/regions.py": "a search term that begins with a digit is a code",
    "apps/demo/population/ministries.py": "changes a digit of made-up numbers",
}


def sources() -> dict[str, str]:
    """The text of every module outside migrations, by its path."""
    files = [path for top in ("apps", "portal") for path in (ROOT / top).rglob("*.py")]
    kept = [path for path in files if "migrations" not in path.parts]
    assert len(kept) > 350
    return {str(path.relative_to(ROOT)): path.read_text() for path in kept}


def test_digits_of_a_request_are_looked_at_in_one_place():
    found = {name for name, text in sources().items() if DIGITS.search(text)}
    assert found == set(READS_DIGITS)


def test_what_is_posted_is_read_by_a_form():
    """`SomeForm(request.POST…)`, nowhere `request.POST.get`."""
    unbound = {
        name
        for name, text in sources().items()
        if len(BOUND.findall(text)) != len(re.findall(r"\brequest\.POST\b", text))
    }
    assert unbound == set(READS_BODY)
