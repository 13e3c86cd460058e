"""Names of who acted, in words."""

import pytest
from django.utils import timezone
from django.utils.translation import override

from apps.audit import names
from apps.audit.models import Action, Entry
from apps.audit.names import spoken
from tests.conftest import as_role


def test_an_actor_is_shown_by_name_or_as_the_command_that_ran():
    assert "import boundaries" in spoken("command:import_boundaries")
    assert "command:" not in spoken("command:import_boundaries")
    assert spoken("system") != "system"
    assert spoken("Dewi Utami") == "Dewi Utami"


def test_subjects_and_actors_are_named_in_words():
    with override("en"):
        assert names.subject("proposals.Batch:12") == "Batch 12"
        assert names.subject("audit.Entry") == "Audit trail"
        assert names.subject("merge/84") == "Merge 84"
        assert names.actor("user:13", "") == "User 13"
        assert names.actor("user:13", "Sri Wahyuni") == "Sri Wahyuni"
    with override("id"):
        assert "." not in names.subject("regions.BoundaryEdition:3")


def test_details_are_shown_as_lines_of_text():
    given = {
        "step": "go_on_anyway",
        "columns": ["birth_date", "marital_status", "something_new"],
        "until": "2026-11-24",
        "is_automatic": True,
        "counts": {"not_checked": 5},
    }
    with override("en"):
        lines = dict(names.details(given))
    assert lines["Step"] == "gone on with"
    assert lines["Columns"] == "date of birth, marital status, something new"
    assert lines["Until"] == "24 Nov 2026"
    assert lines["Without a question"] == "yes"
    assert "_" not in str(lines)


@pytest.mark.django_db
def test_the_trail_is_searched_by_what_it_shows(signed_in, person):
    officer = person("verifier")
    with as_role("owner"):
        by = f"user:{officer.pk}"
        for subject in ("proposals.Batch:12", "proposals.Batch:13"):
            Entry.objects.create(
                at=timezone.now(), action=Action.READ, actor=by, actor_name=str(officer),
                subject=subject,
            )  # fmt: skip
    browser = signed_in("data_protection_officer")
    browser.defaults["HTTP_ACCEPT_LANGUAGE"] = "en"
    for words, rows in (("Batch 12", 1), (officer.username, 2), (str(officer), 2), ("Batch", 0)):
        page = browser.get("/admin/audit/entry/", {"q": words})
        assert page.context["cl"].result_count == rows, words
