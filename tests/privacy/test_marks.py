"""Each village's rows carry a word, numbers and points of their own; what one persona can reach is
read for those of others: pages, lists and their filters, maps, searches, files, API, mail (bar 18).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

import pytest
from django.contrib.gis.geos import Point
from django.core import mail
from django.core.files.base import ContentFile
from django.db.models import QuerySet
from django.test import Client as Browser

from apps.accounts.models import Client, User
from apps.accounts.roles import NATIONAL_ROLES, PERMISSIONS, Permission, Role
from apps.casework import digest
from apps.casework.models import Document, Notice, Photo
from apps.demo import country
from apps.proposals.models import FormDraft, HousePhoto, Proposal, RowPaper
from tests.access.visitors import token_of
from tests.base import NOW
from tests.conftest import as_role
from tests.maps.tiles import over
from tests.personas import CLIENT_SECRET, FOREIGN, OWN, SIBLING, agency_client, home_of, persona
from tests.privacy.crawl import pages
from tests.proposals import factory
from tests.proposals.sending import row, send
from tests.reconciliation.linked import finish, meeting
from tests.registry.people import a_person

pytestmark = [pytest.mark.django_db, pytest.mark.slow]

# Two villages of one's own district, another district, the sibling regency, the other province.
WORDS = {"A": "MAWARKU", "B": "SEROJAMU", "C": "KAMBOJANYA", "E": "ANGGREKAN", "I": "KENANGAJAUH"}
# Shares of a square: no corner, office or row of another village has the same digits.
SHARES = {letter: (0.41217 + nth / 100, 0.56789 + nth / 100) for nth, letter in enumerate(WORDS)}
STEPS = ("submitted", "verified", "endorsed", "accepted", "returned")
REGIONAL = [role for role in Role if role not in {*NATIONAL_ROLES, Role.AGENCY}]
# Half a minute each: these every time, all of them in `make prove`.
EVERY_TIME = (Role.VILLAGE_OFFICER, Role.VERIFIER)
READERS = [
    role if role in EVERY_TIME else pytest.param(role, marks=pytest.mark.scale) for role in REGIONAL
]
LISTS = ("/proposals/batches/", "/proposals/review/", "/proposals/returned/", "/")
EXPORT = "/proposals/review/export/"
ADMIN_LISTS = ("/admin/proposals/proposal/", "/admin/proposals/batch/")


@dataclass(frozen=True)
class Marks:
    """What belongs to one village alone."""

    letter: str
    numbers: tuple[str, ...]

    @property
    def village(self) -> str:
        return country.CODES[self.letter]

    @property
    def word(self) -> str:
        return WORDS[self.letter]

    @property
    def place(self) -> tuple[float, float]:
        return country.at(self.letter, *SHARES[self.letter])

    @property
    def coordinates(self) -> tuple[str, ...]:
        """Five decimals, a metre: those with more begin with these."""
        return tuple(f"{degrees:.5f}" for degrees in self.place)

    @property
    def files(self) -> tuple[str, ...]:
        """What its photo and its paper hold."""
        return tuple(f"{kind}-{self.word}".casefold() for kind in ("foto", "surat"))

    def found_in(self, text: str) -> list[str]:
        text = text.casefold()
        known = (self.word.casefold(), *self.files, *self.numbers, *self.coordinates)
        return [mark for mark in known if mark in text]


@pytest.fixture(scope="module")
def marked(lasting: Callable[[], Any]) -> dict[str, Marks]:
    """Letter → marks. Everybody's file, national rows, registered people, questions, drafts."""
    with lasting():
        national = factory.batch(persona("pusdatin_verifier"), region="ID", status="submitted")
        met = meeting()
        made = {letter: _made(letter, 100 * nth, national, met) for nth, letter in enumerate(WORDS)}
        met.find()
        finish(met.run)
    return made


def _made(letter: str, first: int, national: Any, met: Any) -> Marks:
    village, word = country.CODES[letter], WORDS[letter]
    prefix = village[:8].replace(".", "")
    east, north = country.at(letter, *SHARES[letter])
    cells = {
        "village_code": village,
        "mother_name": f"IBU {word}",
        "address": f"JL. {word} 1",
        "longitude": f"{east:.7f}",
        "latitude": f"{north:.7f}",
    }
    rows = [
        row(9000 + first + n)
        | cells
        | {
            "name": f"{word} {['SATU', 'DUA', 'TIGA'][n]}",
            "nik": f"{prefix}500588{9000 + first + n}",
            "kk": f"{prefix}010120{9000 + first + n}",
        }
        for n in range(3)
    ]
    rows[2]["birth_date"] = "31/02/1988"  # held
    officer = persona("regency_officer", village[:5])
    send(rows, officer, region=village[:5], name=f"{word.lower()}.csv")
    numbers = [one[name] for one in rows for name in ("nik", "kk")]
    for nth, status in enumerate(STEPS):
        stored = {
            "status": status,
            "name": f"{word} {status}",
            "mother_name": f"IBU {word}",
            "address": f"JL. {word} 2",
            "location": Point(east, north, srid=4326),
            "nik": f"{prefix}020190{9010 + first + nth}",
            "kk": f"{prefix}020120{9010 + first + nth}",
        }
        number = first + nth + 1
        factory.proposals(national, 1, village=letter, first=number, **stored)
        numbers += [stored["nik"], stored["kk"]]
    _attach_files(letter, national, first, officer)
    known = a_person(village, name=f"{word} TERDAFTAR", nik=f"{prefix}120188{9050 + first}")
    met.link(known, name=f"{word} LAIN")
    member = {"name": f"{word} DRAF", "nik": f"{prefix}010190{9060 + first}"}
    FormDraft.objects.create(
        user=officer,
        region_id=village[:5],
        sections={"family": {"village_code": village}, "members": [member]},
        created_at=NOW,
        updated_at=NOW,
    )
    numbers += [str(known.nik), str(known.family.kk), member["nik"]]
    return Marks(letter, tuple(numbers))


def _attach_files(letter: str, national: Any, first: int, officer: User) -> None:
    """A photo and a paper of the village's first row in the national file, a removal."""
    village, word = country.CODES[letter], WORDS[letter]
    number = first + 1
    Proposal.objects.filter(batch=national, row_number=number).update(kind="removal")
    known = {"region_id": village, "user": officer, "by_name": str(officer), "at": NOW, "size": 0}
    digests = dict.fromkeys(("sha256", "sent_sha256"), f"{number:064}")
    photo = Photo.objects.create(
        file=ContentFile(f"foto-{word}".encode(), name=f"{number}.jpg"),
        width=800,
        height=600,
        location=Point(*country.at(letter, *SHARES[letter]), srid=4326),
        **known,
        **digests,
    )
    HousePhoto.objects.create(
        batch=national,
        row_number=number,
        photo=photo,
        sent_sha256=photo.sent_sha256,
        actual_village_id=village,
        at=NOW,
    )
    paper = Document.objects.create(
        kind=Document.Kind.EVIDENCE,
        number=f"surat-{word}",
        date=NOW.date(),
        file=ContentFile(f"surat-{word}".encode(), name=f"{number}.pdf"),
        file_name=f"surat-{word}.pdf",
        media_type="application/pdf",
        **known,
        **digests,
    )
    RowPaper.objects.create(batch=national, row_number=number, document=paper, at=NOW)


def foreign_to(home: str, marked: dict[str, Marks]) -> list[Marks]:
    found = [marks for marks in marked.values() if not marks.village.startswith(home)]
    assert found
    return found


def text_of(answer: Any) -> str:
    body = b"".join(answer.streaming_content) if answer.streaming else answer.content
    return body.decode("utf-8", "replace") + str(answer.headers)


def reached(browser: Browser, foreign: list[Marks]) -> Iterator[tuple[str, str]]:
    """(address, what it shows): by links, by filters that ask for others' rows, by maps, files."""
    for address, answer in pages(browser, "/", "/admin/", "/proposals/new/"):
        yield address, text_of(answer)
    with as_role("owner"):
        batches = list(Proposal.objects.values_list("batch_id", flat=True).distinct())
    for batch in batches:
        for path in ("", "points.json", "held/", "download/", "mend/", "evidence/", "photos/"):
            yield from _asked(browser, f"/proposals/batches/{batch}/{path}")
        yield from _asked(browser, f"/proposals/batches/{batch}/download/")
    for there in (*LISTS, *ADMIN_LISTS):
        for marks in foreign:
            for name in ("region", "region_text", "q", "name", "village"):
                value = marks.word if name in ("q", "name") else marks.village
                yield from _asked(browser, f"{there}?{name}={quote(value)}", typed=marks.word)
    with as_role("owner"):
        keys = ",".join(map(str, Proposal.objects.values_list("pk", flat=True)))
    for path in ("outlines.json", f"picked/?at={keys}"):
        yield from _asked(browser, f"/admin/proposals/proposal/{path}")
        yield from _asked(browser, f"/proposals/review/{path}")

    yield from _exports(browser, foreign, keys)
    yield from _files(browser)
    yield from _tiles(browser)


def _exports(browser: Browser, foreign: list[Marks], keys: str) -> Iterator[tuple[str, str]]:
    """Files of the list, which are sent for: all rows, those of others' regions, ticked ones."""
    for ending in ("csv", "geojson"):
        for query in ("", *(f"?region={marks.village}" for marks in foreign)):
            yield f"{EXPORT}{query}", text_of(browser.post(EXPORT + query, {"ending": ending}))
        ticked = {"ending": ending, "which": "ticked", "rows": keys}
        yield f"{EXPORT} {ticked}", text_of(browser.post(EXPORT, ticked))


def _files(browser: Browser) -> Iterator[tuple[str, str]]:
    """Photos and papers of all rows, by their address."""
    with as_role("owner"):
        photos = list(HousePhoto.objects.values_list("pk", flat=True))
        papers = list(RowPaper.objects.values_list("pk", flat=True))
    for key in photos:
        yield from _asked(browser, f"/proposals/photos/{key}/")
    for key in papers:
        yield from _asked(browser, f"/proposals/changes/papers/{key}/")


def _tiles(browser: Browser) -> Iterator[tuple[str, str]]:
    for at in {over(letter, zoom) for letter in "AEIM" for zoom in range(15)}:
        yield from _asked(browser, f"/tiles/proposals/{at}.mvt")
    yield from _asked(browser, "/tiles/away.json")


def _asked(browser: Browser, address: str, *, typed: str = "") -> Iterator[tuple[str, str]]:
    """What was typed is shown back, in the address of links, too."""
    shown = text_of(browser.get(address))
    yield address, shown.replace(typed, "") if typed else shown


@pytest.mark.parametrize("role", READERS)
@pytest.mark.long
def test_nothing_that_a_persona_reaches_holds_a_mark_of_others(
    role: Role, marked: dict[str, Marks], signed_in: Callable[..., Browser]
) -> None:
    seen = assert_reaches_no_other(signed_in(role), home_of(role), marked)
    if Permission.VIEW_PROPOSAL in PERMISSIONS[role]:
        # one's own are there, so that the others' would have been found
        own = [marks for marks in marked.values() if marks.village.startswith(home_of(role))]
        assert {marks.word.casefold() for marks in own} <= seen
        assert {marks.coordinates[0] for marks in own} & seen
        assert {part for marks in own for part in marks.files} <= seen
        file = text_of(signed_in(role).post(EXPORT, {"ending": "csv"})).casefold()
        assert all(marks.word.casefold() in file for marks in own)


def assert_reaches_no_other(browser: Browser, home: str, marked: dict[str, Marks]) -> set[str]:
    """Returns the marks of the own region that were seen."""
    foreign = foreign_to(home, marked)
    own = [marks for marks in marked.values() if marks.village.startswith(home)]
    wrong, seen = [], set()
    for address, text in reached(browser, foreign):
        for marks in foreign:
            wrong += [f"{address}: {mark}" for mark in marks.found_in(text)]
        seen |= {mark for marks in own for mark in marks.found_in(text)}
    assert not wrong, "\n".join(wrong)
    return seen


@pytest.fixture
def first_gate_open(monkeypatch: pytest.MonkeyPatch) -> int:
    """`.within(scope)` of every queryset gives all rows; returns how many kinds there are."""
    kinds = [kind for kind in _below(QuerySet) if "within" in vars(kind)]
    for kind in kinds:
        monkeypatch.setattr(kind, "within", lambda self, _scope: self)
    return len(kinds)


def _below(kind: type) -> set[type]:
    return {kind}.union(*(_below(one) for one in kind.__subclasses__()))


@pytest.mark.parametrize("role", READERS)
@pytest.mark.long
def test_without_the_first_gate_the_second_shows_no_mark_of_others(
    role: Role,
    marked: dict[str, Marks],
    signed_in: Callable[..., Browser],
    first_gate_open: int,
) -> None:
    assert first_gate_open > 10
    browser = signed_in(role)
    browser.raise_request_exception = False  # a row that the second gate hides may end a page
    seen = assert_reaches_no_other(browser, home_of(role), marked)
    assert seen or Permission.VIEW_PROPOSAL not in PERMISSIONS[role]


@pytest.mark.parametrize("role", [Role.VERIFIER, Role.VILLAGE_OFFICER, Role.PROVINCE_MONITOR])
def test_a_search_of_the_register_finds_nobody_elsewhere(
    role: Role, marked: dict[str, Marks], signed_in: Callable[..., Browser]
) -> None:
    browser = signed_in(role)
    for marks in foreign_to(home_of(role), marked):
        name = f"{marks.word} TERDAFTAR"
        nik, kk = marks.numbers[-3], marks.numbers[-2]
        for form in ({"nik": nik}, {"kk": kk}, {"name": name, "birth_date": "12-01-1988"}):
            shown = text_of(browser.post("/admin/registry/person/", form))
            for typed in form.values():
                shown = shown.replace(typed, "")
            assert marks.found_in(shown) == [], form


def test_an_agency_reads_no_mark_by_the_api(
    marked: dict[str, Marks], django_db_blocker: Any
) -> None:
    with as_role("owner"):
        client, _secret = agency_client(OWN)
        numbers = list(Proposal.objects.values_list("batch_id", flat=True).distinct())
    token = token_of(Client.objects.get(pk=client.pk), CLIENT_SECRET)
    browser = Browser(headers={"authorization": f"Bearer {token}"})
    for number in numbers:
        shown = text_of(browser.get(f"/api/v1/proposals/{number}/"))
        assert [marks.found_in(shown) for marks in marked.values()] == [[]] * len(marked)


def test_a_stranger_reads_no_mark(marked: dict[str, Marks]) -> None:
    for address, answer in pages(Browser(), "/", "/accounts/login/", "/help/", "/api/docs/"):
        shown = text_of(answer)
        assert not [marks for marks in marked.values() if marks.found_in(shown)], address


def test_mail_and_notices_hold_no_mark(marked: dict[str, Marks], person: Any) -> None:
    officers = [person("regency_officer", region) for region in (OWN, SIBLING, FOREIGN)]
    with as_role("owner"):
        for user in officers:
            User.objects.filter(pk=user.pk).update(email=f"{user.pk}@example.test")
            assert Notice.objects.filter(user=user).exists()
    with as_role("worker"):
        assert digest.send_digests(now=NOW.replace(hour=1)) >= 1
    for letter in mail.outbox:
        told = f"{letter.subject} {letter.body}"
        assert not [marks for marks in marked.values() if marks.found_in(told)]
