"""The CAP message of a hazard: its structure, and that it is the same at each reading.

The structure is checked against the elements, their order and their values as OASIS CAP 1.2
(1 July 2010, section 3.2) has them.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any
from xml.etree import ElementTree

import pytest
from django.urls import reverse

from apps.commandcentre.hazards.intake import ASSESS_HAZARD
from apps.commandcentre.models import (
    Assessment,
    Footprint,
    Hazard,
    HazardRevision,
    ShiftEntry,
)
from apps.commandcentre.reports import cap
from apps.commandcentre.states import HazardKind
from apps.demo.country import CODES
from apps.jobs.models import Job
from apps.regions.models import Region
from tests.base import NOW
from tests.commandcentre.planning.needs import assessed
from tests.conftest import as_role
from tests.jobs.doing import do

pytestmark = pytest.mark.django_db
SPACE = "{urn:oasis:names:tc:emergency:cap:1.2}"
ALERT = (
    *("identifier", "sender", "sent", "status", "msgType", "source", "scope", "restriction"),
    *("addresses", "code", "note", "references", "incidents", "info"),
)
INFO = (
    *("language", "category", "event", "responseType", "urgency", "severity", "certainty"),
    *("audience", "eventCode", "effective", "onset", "expires", "senderName", "headline"),
    *("description", "instruction", "web", "contact", "parameter", "resource", "area"),
)
AREA = ("areaDesc", "polygon", "circle", "geocode", "altitude", "ceiling")
NEEDED = {
    "alert": {"identifier", "sender", "sent", "status", "msgType", "scope"},
    "info": {"category", "event", "urgency", "severity", "certainty"},
    "area": {"areaDesc"},
}
VALUES = {
    "status": {"Actual", "Exercise", "System", "Test", "Draft"},
    "msgType": {"Alert", "Update", "Cancel", "Ack", "Error"},
    "scope": {"Public", "Restricted", "Private"},
    "category": {
        *("Geo", "Met", "Safety", "Security", "Rescue", "Fire", "Health", "Env"),
        *("Transport", "Infra", "CBRNE", "Other"),
    },
    "urgency": {"Immediate", "Expected", "Future", "Past", "Unknown"},
    "severity": {"Extreme", "Severe", "Moderate", "Minor", "Unknown"},
    "certainty": {"Observed", "Likely", "Possible", "Unlikely", "Unknown"},
}
TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d[-+]\d\d:\d\d")
NUMBER = re.compile(r"[^\s,<&]+")
PAIR = re.compile(r"-?\d{1,2}(?:\.\d+)?,-?\d{1,3}(?:\.\d+)?")
# Elements of which there are several.
MANY = {"info", "code", "category", "responseType", "eventCode", "parameter", "resource", "area"}
MANY |= {"polygon", "circle", "geocode"}


def check(parent: Any, order: tuple[str, ...]) -> None:
    """Elements of CAP only, in its order, with its values; what it needs is there."""
    names = [one.tag.removeprefix(SPACE) for one in parent]
    places = [order.index(name) for name in names]
    assert places == sorted(places)
    assert NEEDED[parent.tag.removeprefix(SPACE)] <= set(names)
    assert all(names.count(name) == 1 for name in set(names) - MANY)
    for one, name in zip(parent, names, strict=True):
        text = one.text or ""
        if name in VALUES:
            assert text in VALUES[name]
        if name in {"sent", "onset", "expires"}:
            assert TIME.fullmatch(text)
        if name in {"identifier", "sender"}:
            assert NUMBER.fullmatch(text)
        if name == "references":
            assert all(len(one.split(",")) == 3 for one in text.split())
        if name == "polygon":
            check_ring(text)
        if name == "language":
            assert text in {"id", "en"}
        if name in {"info", "area"}:
            check(one, INFO if name == "info" else AREA)
    if parent.tag == f"{SPACE}alert" and parent.findtext(f"{SPACE}msgType") != "Alert":
        assert "references" in names


def check_ring(text: str) -> None:
    """Four or more "latitude,longitude" pairs, of which the last is the first; here in Java."""
    pairs = text.split(" ")
    assert len(pairs) >= 4 and pairs[0] == pairs[-1]
    assert all(PAIR.fullmatch(pair) for pair in pairs)
    places = [tuple(map(float, pair.split(","))) for pair in pairs]
    assert all(-11 < north < 6 and 95 < east < 141 for north, east in places)


@pytest.fixture
def hazard() -> Hazard:
    found = assessed({"A": 40, "B": 20}, severe="B").hazard
    version(found)
    return found


def version(hazard: Hazard, *, at: datetime = NOW, **values: Any) -> None:
    with as_role("owner"):
        HazardRevision.objects.create(
            hazard=hazard,
            number=hazard.revision,
            values={"status": hazard.status} | values,
            received_at=at,
        )


def revise(hazard: Hazard, *, minutes: int, **values: Any) -> None:
    """The next version, received so many minutes later, and its assessment."""
    with as_role("owner"):
        hazard.revision += 1
        for name, value in values.items():
            setattr(hazard, name, value)
        hazard.save()
    version(hazard, at=NOW + timedelta(minutes=minutes))
    assess(hazard, minutes=minutes + 1)


def assess(hazard: Hazard, *, minutes: int) -> None:
    with as_role("owner"):
        Assessment.objects.create(
            hazard=hazard, revision=hazard.revision, assessed_at=NOW + timedelta(minutes=minutes)
        )


@pytest.fixture
def read(signed_in) -> Callable[[Hazard], Any]:
    browser = signed_in("operator")

    def run(hazard: Hazard) -> Any:
        answer = browser.get(reverse("commandcentre:report-cap", args=[hazard.pk]))
        assert answer.status_code == 200
        root = ElementTree.fromstring(answer.content)  # noqa: S314
        check(root, ALERT)
        return root

    return run


def text(root: Any, name: str) -> str:
    found = root.findtext(f"{SPACE}{name}")
    return found if found is not None else root.findtext(f"{SPACE}info/{SPACE}{name}", "")


def moment(root: Any, name: str) -> datetime:
    return datetime.fromisoformat(text(root, name))


def test_the_same_message_is_the_same_whenever_it_is_read(hazard, signed_in):
    path = reverse("commandcentre:report-cap", args=[hazard.pk])
    first, second = (signed_in("operator").get(path).content for _ in range(2))
    assert first == second
    assert datetime.fromisoformat(text(ElementTree.fromstring(first), "sent")) == NOW  # noqa: S314


def test_an_area_is_named_by_its_band_and_the_regencies_in_it(hazard, read):
    regency = Region.objects.get(pk=CODES["A"][:5]).name
    found = [one.text for one in read(hazard).iter(f"{SPACE}areaDesc")]
    assert f"71–150 cm: {regency}" in found
    assert f"10–70 cm: {regency}" in found


def test_a_later_message_refers_to_each_that_went_out_with_the_time_it_had(hazard, read):
    sent = []
    for minutes in (10, 20):
        root = read(hazard)
        sent.append(",".join(text(root, name) for name in ("sender", "identifier", "sent")))
        revise(hazard, minutes=minutes)
    root = read(hazard)
    assert text(root, "msgType") == "Update"
    assert text(root, "references").split() == sent
    assert moment(root, "sent") == NOW + timedelta(minutes=20)


def test_another_assessment_of_a_version_is_a_message_of_its_own(hazard, read):
    first = read(hazard)
    assess(hazard, minutes=30)
    second = read(hazard)
    assert text(second, "identifier") != text(first, "identifier")
    assert text(first, "identifier") in text(second, "references")
    assert moment(second, "sent") == NOW + timedelta(minutes=30)


def test_a_cancellation_names_what_it_ends_and_keeps_its_status(hazard, read):
    with as_role("owner"):
        Hazard.objects.filter(pk=hazard.pk).update(status="exercise")
        HazardRevision.objects.filter(hazard=hazard).update(values={"status": "exercise"})
    hazard.refresh_from_db()
    first = read(hazard)
    revise(hazard, minutes=5, status="cancelled")
    root = read(hazard)
    assert (text(root, "msgType"), text(root, "status")) == ("Cancel", "Exercise")
    assert text(first, "identifier") in text(root, "references")


def close(signed_in, hazard: Hazard, reason: str = "") -> None:
    """Closed by an operator, an hour after its message went out."""
    path = reverse("commandcentre:hazard-close", args=[hazard.pk])
    signed_in("operator").post(path, {"revision": str(hazard.revision), "reason": reason})
    with as_role("owner"):
        at = NOW + timedelta(hours=1)
        assert Hazard.objects.filter(pk=hazard.pk).update(closed_at=at) == 1
        assert ShiftEntry.objects.filter(hazard=hazard, kind="close").update(at=at) == 1


def test_closing_a_hazard_ends_its_message_with_the_reason(hazard, read, signed_in):
    first = read(hazard)
    close(signed_in, hazard, "Tergambar karena keliru.")
    root = read(hazard)
    assert text(root, "msgType") == "Cancel"
    assert text(first, "identifier") in text(root, "references")
    assert text(root, "identifier") != text(first, "identifier")
    assert moment(root, "sent") == NOW + timedelta(hours=1)
    assert text(root, "note") == "Ditutup oleh pusat kendali. Tergambar karena keliru."


def test_a_message_that_had_expired_is_not_ended_once_more(hazard, read, signed_in):
    with as_role("owner"):
        ends = NOW + timedelta(minutes=30)
        HazardRevision.objects.filter(hazard=hazard).update(values={"ends_at": ends.isoformat()})
    first = read(hazard)
    close(signed_in, hazard)
    assert text(read(hazard), "identifier") == text(first, "identifier")


def test_what_is_opened_again_is_told_by_a_further_message(hazard, read, signed_in):
    close(signed_in, hazard)
    signed_in("operator").post(reverse("commandcentre:hazard-reopen", args=[hazard.pk]))
    with as_role("worker"):
        do(Job.objects.get(kind=ASSESS_HAZARD))
    assert text(read(Hazard.objects.get(pk=hazard.pk)), "msgType") == "Update"


def test_each_message_says_until_when_it_holds(hazard, read):
    assert moment(read(hazard), "expires") == NOW + cap.HOLDS_FOR


@pytest.mark.parametrize(
    ("values", "is_assessed", "words"),
    [({"status": "cancelled"}, True, "tidak ada yang dibatalkan"), ({}, False, "belum dinilai")],
)
def test_what_cannot_be_written_is_said(hazard, signed_in, values, is_assessed, words):
    with as_role("owner"):
        Hazard.objects.filter(pk=hazard.pk).update(**values)
        if not is_assessed:
            Hazard.objects.filter(pk=hazard.pk).update(revision=2)
    path = reverse("commandcentre:report-cap", args=[hazard.pk])
    page = signed_in("operator").get(path, follow=True).content.decode()
    assert words in page


def test_a_scenario_is_an_exercise_of_which_nothing_was_observed(read):
    with as_role("owner"):
        made = Hazard.objects.create(
            kind="earthquake",
            source="tests",
            source_id="scenario",
            status="scenario",
            title="Uji",
            occurred_at=NOW,
            first_received_at=NOW,
            received_at=NOW,
        )
    assessed({"A": 4}, hazard=made)
    version(made)
    root = read(made)
    assert [text(root, one) for one in ("status", "urgency", "certainty")] == [
        *("Exercise", "Unknown", "Possible")
    ]
    assert "belum terjadi" in text(root, "note")


@pytest.mark.parametrize(
    ("method", "certainty"),
    [("published", "Observed"), ("drawn", "Observed"), ("relation", "Likely")],
)
def test_an_estimated_area_was_not_observed(hazard, read, method, certainty):
    with as_role("owner"):
        Footprint.objects.filter(hazard=hazard).update(method=method)
    assert text(read(hazard), "certainty") == certainty


@pytest.mark.parametrize(
    ("hours", "level", "urgency"),
    [
        (-2, "awas", "Immediate"),
        (-2, "waspada", "Expected"),
        (-48, "awas", "Past"),
        (6, "awas", "Future"),
    ],
)
def test_how_urgent_it_is_follows_its_time_and_level(hazard, read, hours, level, urgency):
    with as_role("owner"):
        begins = NOW + timedelta(hours=hours)
        Hazard.objects.filter(pk=hazard.pk).update(occurred_at=begins, level=level)
    assert text(read(hazard), "urgency") == urgency


def test_until_when_a_warning_holds_is_told(hazard, read):
    ends = NOW + timedelta(hours=3)
    with as_role("owner"):
        HazardRevision.objects.filter(hazard=hazard).update(values={"ends_at": ends.isoformat()})
    assert moment(read(hazard), "expires") == ends


@pytest.mark.parametrize(
    ("kind", "category"),
    [
        (HazardKind.WILDFIRE, "Fire"),
        (HazardKind.DROUGHT, "Met"),
        (HazardKind.TIDAL_WAVE, "Met"),
        (HazardKind.TSUNAMI, "Geo"),
    ],
)
def test_each_kind_has_its_category(hazard, read, kind, category):
    with as_role("owner"):
        Hazard.objects.filter(pk=hazard.pk).update(kind=kind)
    assert text(read(hazard), "category") == category
