"""Values of a request are read in one way each."""

from __future__ import annotations

import ast
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
    "apps/common/text/identity.py": "NIK and KK",
    "apps/commandcentre/hazards/event_files.py": "parts of BNPB's number of an event, in a file",
    "apps/imports/cells.py": "cells of an office's file, with their own faults",
    "apps/imports/villages.py": "codes of villages in any notation",
    "apps/reconciliation/deliveries/records.py": "a whole column of such cells at once",
    "apps/reconciliation/conflicts/filters.py": "values beside each other, each masked if a number",
    "apps/regions/admin/regions.py": "a search term that begins with a digit is a code",
    "apps/demo/population/ministries.py": "changes a digit of made-up numbers",
}

# Who else reads the user of a request: all others ask `apps.ui.requests`.
USER = re.compile(r"""\brequest\.user\b|\brequest"\]\.user\b|getattr\(\w*request, "user\"""")
READS_USER = {
    "apps/ui/requests.py": "the one reading: a user, or none",
    "apps/api/authentication.py": "the principal that the REST framework authenticated: an agency",
    "apps/api/views.py": "the same agency, not a user",
}
# A parameter that is a user of ours is typed so, except where the interface is not ours.
UNTYPED_USERS = {
    "apps/accounts/apps.py: _update_last_login": "a receiver of Django's signal",
    "apps/accounts/authentication/adapters.py: get_totp_label": "a method of allauth's adapter",
    "apps/accounts/authentication/adapters.py: get_public_key_credential_user_entity": "the same",
    "apps/accounts/authentication/password_rules.py: validate": "a password validator of Django",
    "apps/accounts/authentication/password_rules.py: _of_person": "what the validator was given",
}


def sources() -> dict[str, str]:
    """The text of every module outside migrations, by its path."""
    files = [path for top in ("apps", "portal") for path in (ROOT / top).rglob("*.py")]
    kept = [path for path in files if "migrations" not in path.parts]
    assert len(kept) > 350
    return {str(path.relative_to(ROOT)): path.read_text() for path in kept}


# Who else reads or sets headers of htmx: where the page was that asked.
READS_HTMX = {
    "apps/ui/fragments.py": "whether a fragment is asked for, and what the page does next",
    "apps/accounts/signing_in/step_up.py": "the page that is asked again once it is confirmed",
    "portal/web/middleware.py": "the page that is opened again after the sign-in",
}


def test_the_user_of_a_request_is_read_in_one_place():
    found = {name for name, text in sources().items() if USER.search(text)}
    assert found == set(READS_USER)


def test_a_user_is_typed():
    found = {
        f"{name}: {node.name}"
        for name, text in sources().items()
        for node in ast.walk(ast.parse(text))
        if isinstance(node, ast.FunctionDef)
        for one in (*node.args.args, *node.args.kwonlyargs)
        if one.arg == "user" and ast.unparse(one.annotation or node) == "Any"
    }
    assert found == set(UNTYPED_USERS)


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


def test_fragments_are_known_and_led_in_one_place():
    assert {name for name, text in sources().items() if '"HX-' in text} == set(READS_HTMX)


def test_what_waits_for_a_job_asks_again_in_one_way():
    templates = list((ROOT / "templates").rglob("*.html"))
    assert len(templates) > 150
    polling = {str(path.relative_to(ROOT)) for path in templates if "X-Poll" in path.read_text()}
    assert polling == {"templates/jobs/_polls.html"}


def test_a_download_is_named_in_one_place():
    """`as_attachment(answer, name)`, or Django's FileResponse for a file on the disk."""
    found = {name for name, text in sources().items() if "content-disposition" in text.lower()}
    assert found == {"apps/common/files/attachments.py"}


def test_the_systems_of_region_codes_are_listed_in_one_place():
    written = re.compile(r"""["'](?:kemendagri|bps)["'], ?["'](?:kemendagri|bps)["']""", re.I)
    found = {name for name, text in sources().items() if written.search(text)}
    assert found == {"apps/regions/models/region.py"}


def test_a_stored_file_is_deleted_after_a_refusal_in_one_place():
    again = re.compile(r"except \w+:\n\s+(?:kept\.)?stored\.path\.unlink")
    found = {name for name, text in sources().items() if again.search(text)}
    assert found == {"apps/common/files/stored_files.py"}
