"""What is counted before a decree is made, on the page and by the command, and what guards it."""

from __future__ import annotations

import io
import json

import pytest
from django.core.management import call_command
from django.urls import reverse
from django.utils import timezone

from apps.common.errors import DomainError
from apps.jobs.models import Job
from apps.proposals.decree import determination
from apps.proposals.models import Decree, Proposal, RegisteredMatch
from tests.base import NOW
from tests.conftest import as_role
from tests.personas import persona
from tests.proposals import factory
from tests.proposals.decree.test_determination import DATE, REASON
from tests.registry.people import a_person

pytestmark = pytest.mark.django_db
PAGE = reverse("admin:proposals_decree_determine")
FORM = {"number": "88/HUK/2026", "date": "20-11-2026", "region": "97", "civil_reason": REASON}


@pytest.fixture
def rows(person):
    """Eight that wait: two of them seem to be others, one explained; one is there twice."""
    batch = factory.batch(person("regency_officer"), status="submitted")
    by = person("pusdatin_verifier")
    given = {"status": "accepted", "step_by": by}
    found = factory.proposals(batch, 4, **given)
    found += factory.proposals(batch, 2, first=11, village="B", programme_id="SEMBAKO", **given)
    found += factory.proposals(batch, 1, first=21, nik=found[0].nik, **given)
    found += factory.proposals(
        batch, 1, first=31, kind="correction", verdict="near_border", **given
    )
    with as_role("worker"):
        mended = a_person(
            found[-1].village_id,
            name=found[-1].name,
            nik=found[-1].nik,
            birth_date=found[-1].birth_date,
        )
        RegisteredMatch.objects.create(
            proposal=found[-1], village_id=mended.village_id, person_id=mended.pk, likely="same",
            checked_at=NOW,
        )  # fmt: skip
        for number, (one, likely, differs, move) in enumerate(
            (
                (found[1], "other", ["name"], ""),
                (found[2], "other", ["name", "village"], ""),
                (found[3], "same", ["village"], "confirmed"),
            )
        ):
            RegisteredMatch.objects.create(
                proposal=one, village_id=one.village_id, person_id=number + 1, likely=likely,
                differs=differs, move=move, move_at=NOW if move else None, checked_at=NOW,
            )  # fmt: skip
    with as_role("owner"):
        note = "KTP lama memakai nama kecil"
        Proposal.objects.filter(pk=found[2].pk).update(identity_note=note)
    return found


@pytest.fixture
def browser(signed_in):
    browser = signed_in("determiner")
    browser.defaults["HTTP_ACCEPT_LANGUAGE"] = "en"
    return browser


@pytest.fixture
def determiner(person, gate):
    user = person("determiner")
    gate(user)
    return user


def test_the_page_counts_what_would_be_determined_and_does_nothing(rows, browser):
    answer = browser.post(PAGE, FORM)
    preview = answer.context["preview"]
    assert (preview.waiting, preview.total) == (8, 6)
    assert preview.left_out == {"identity": 1, "duplicate": 1}
    assert preview.programmes == [("PKH", 5), ("SEMBAKO", 2)]
    assert preview.kinds == {"new": 6, "correction": 1}
    assert preview.verdicts == {"inside": 6, "near_border": 1}
    assert [(name, count) for _code, name, count in preview.villages] == [
        (str(rows[0].village.name), 5),
        (str(rows[4].village.name), 2),
    ]
    assert preview.civil["not_checked"] == 7
    assert preview.identity == {"differs": 2, "other": 1, "moved": 1, "denied": 0, "unsaid": 1}
    text = answer.content.decode()
    assert "6 proposals would be determined" in text
    assert "another person under this NIK" in text
    assert "move confirmed: the family moves" in text
    assert not Decree.objects.exists()
    assert not Job.objects.exists()


def test_who_seems_to_be_another_person_is_beside_who_is_registered(rows, browser):
    with as_role("worker"):
        RegisteredMatch.objects.filter(proposal=rows[2]).update(
            registered={"name": "S••• A•••", "nik": "970501••••••0001", "village": "Desa Lama"}
        )
    answer = browser.post(PAGE, FORM)
    assert [one.pk for one in answer.context["preview"].others] == [rows[1].pk, rows[2].pk]
    text = answer.content.decode()
    assert "S••• A•••" in text
    assert "KTP lama memakai nama kecil" in text
    assert text.count("Nobody has explained it: left out.") == 1


def test_what_is_typed_is_there_again_on_the_way_back(rows, browser):
    text = browser.post(PAGE, FORM | {"expected": "8", "back": "1"}).content.decode()
    assert "88/HUK/2026" in text
    assert REASON in text
    assert not Decree.objects.exists()


def confirmed(browser, preview):
    return browser.post(PAGE, FORM | {"expected": preview.waiting, "seen": preview.seen})


def test_confirmed_as_it_was_shown_the_decree_is_made(rows, browser):
    preview = browser.post(PAGE, FORM).context["preview"]
    assert confirmed(browser, preview).status_code == 302
    assert Decree.objects.get().number == "88/HUK/2026"


@pytest.mark.parametrize("what", ["gone", "explained", "move"])
def test_what_changed_since_is_shown_before_anything_is_done(rows, browser, what):
    preview = browser.post(PAGE, FORM).context["preview"]
    with as_role("owner"):
        if what == "gone":
            Proposal.objects.filter(pk=rows[0].pk).update(status="returned")
        elif what == "explained":
            Proposal.objects.filter(pk=rows[1].pk).update(identity_note="Sudah dijelaskan benar")
        else:
            RegisteredMatch.objects.filter(move="").update(move="denied", move_at=NOW)
    answer = confirmed(browser, preview)
    assert answer.status_code == 409
    assert "Something changed meanwhile" in answer.content.decode()
    assert answer.context["preview"].seen != preview.seen
    assert not Decree.objects.exists()
    assert confirmed(browser, answer.context["preview"]).status_code == 302


def test_a_count_or_a_fingerprint_of_other_rows_is_refused(rows, determiner):
    given = {
        "number": "88/HUK/2026", "date": DATE, "region_code": "97", "by": determiner, "now": NOW,
        "civil_reason": REASON,
    }  # fmt: skip
    seen = determination.check(**given).seen
    with pytest.raises(DomainError, match="^selection_changed$"):
        determination.enqueue_decree(**given, expected=7, seen=seen)
    with pytest.raises(DomainError, match="^selection_swapped$"):
        determination.enqueue_decree(**given, expected=8, seen="another")
    determination.enqueue_decree(**given, expected=8, seen=seen)


def test_the_command_prints_the_same_counts_before_and_after(person):
    batch = factory.batch(person("regency_officer"), status="submitted")
    by = person("pusdatin_verifier")
    factory.proposals(batch, 3, status="accepted", step_by=by, step_at=timezone.now())
    with as_role("owner"):
        persona("determiner")
    out = io.StringIO()
    with as_role("worker"):
        call_command(
            *("determine", "--as", "determiner-ID", "--decree", "9/HUK/2026"),
            *("--date", "2026-11-20", "--reason", REASON, "--json"),
            stdout=out,
        )
    lines = out.getvalue().splitlines()
    assert any(line.startswith("3 ") for line in lines)
    assert any("PKH 3" in line for line in lines)
    assert json.loads(lines[-1])["identity"] == {
        "differs": 0, "other": 0, "moved": 0, "denied": 0, "unsaid": 0,
    }  # fmt: skip
