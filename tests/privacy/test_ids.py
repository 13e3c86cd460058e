"""A foreign id in a body, a choice, a bulk list or a filter is answered like one that is not there.

Ids in paths are looked at by `tests.access`; here are all other places, and paths with full forms.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client as Browser

from apps.demo import country
from apps.jobs.models import Job
from apps.proposals.fixes import row_fixes
from apps.proposals.models import Batch, Fix, HeldRow, Proposal
from apps.proposals.upload import upload_parts
from tests.access.objects import made_in, village_of
from tests.access.visitors import MISSING
from tests.base import NOW
from tests.conftest import as_role
from tests.personas import FOREIGN, OWN, SIBLING, persona
from tests.privacy.fingerprint import answer, changed, number_from, state
from tests.proposals.factory import batch, proposal, status_of
from tests.proposals.sending import as_csv, row

pytestmark = [pytest.mark.django_db, pytest.mark.slow]

PROPOSALS, BATCHES = "/admin/proposals/proposal/", "/admin/proposals/batch/"
FILES = "/proposals/batches/"
REVIEW = "/proposals/review/"
POINT_TILE = "/tiles/proposals/12/3299/2136.mvt"
UNTIL = {"until": "2027-06-30"}
NEW_USER = {"username": "petugas.baru", "full_name": "Petugas", "role": "verifier", **UNTIL}
NEW_USER |= {"nik": "9701010101779001"}
# Codes of places that do not exist, of the same shape as those that do.
NOWHERE = "97.99"
MISSING_OF = {"region": NOWHERE, "village": f"{NOWHERE}.01.2001", "upload": UUID(int=MISSING)}


@dataclass(frozen=True)
class Place:
    """One place in which an id is sent: by whom, where, and with what beside it.

    KEY stands for the id, BATCH for a batch of one's own. `part` is a part of an upload.
    """

    who: str
    path: str
    kind: str
    query: dict[str, str] = field(default_factory=dict)
    form: dict[str, str] | None = None
    headers: dict[str, str] = field(default_factory=dict)
    file: bytes = b""
    part: bytes = b""

    @property
    def missing(self) -> object:
        return MISSING_OF.get(self.kind, MISSING)

    def ask(self, browser: Browser, key: object, batch: object) -> Any:
        def filled(given: dict[str, str]) -> dict[str, Any]:
            return {name: value.replace("KEY", str(key)) for name, value in given.items()}

        path = self.path.replace("KEY", str(key)).replace("BATCH", str(batch))
        if self.part:
            return browser.post(path, self.part, PART, headers=self.headers)
        if self.form is None:
            return browser.get(path, filled(self.query), headers=self.headers)
        query = "&".join(f"{name}={value}" for name, value in filled(self.query).items())
        form = filled(self.form)
        if self.file:
            form["file"] = SimpleUploadedFile("berkas.pdf", self.file)
        return browser.post(f"{path}?{query}", form, headers=self.headers)


BULK = {"expected": "1", "typed": "1", "step": "verify"}
PART, UPLOADS = "application/octet-stream", "/proposals/uploads/"
OWN_BATCH = "/proposals/batches/BATCH/"
EVIDENCE = {"kind": "minutes", "number": "7/BA", "date": "02-11-2026"}
PLACES = {
    "list by batch": Place("verifier", PROPOSALS, "batch", {"batch": "KEY"}),
    "list by region": Place("verifier", PROPOSALS, "region", {"region": "KEY"}),
    "list by typed region": Place("verifier", PROPOSALS, "region", {"region_text": "KEY"}),
    "rows at a place": Place("verifier", f"{PROPOSALS}picked/", "proposal", {"at": "KEY"}),
    "tile by batch": Place("verifier", POINT_TILE, "batch", {"batch": "KEY"}),
    "tile by region": Place("verifier", POINT_TILE, "region", {"region": "KEY"}),
    "outlines": Place("verifier", f"{PROPOSALS}outlines.json", "batch", {"batch": "KEY"}),
    "bulk page by batch": Place(
        "verifier", f"{PROPOSALS}bulk/", "batch", {"step": "verify", "batch": "KEY"}
    ),
    "bulk verify by batch": Place(
        "verifier", f"{PROPOSALS}bulk/", "batch", {"step": "verify", "batch": "KEY"}, BULK
    ),
    "bulk verify by region": Place(
        "verifier", f"{PROPOSALS}bulk/", "region", {"step": "verify", "region": "KEY"}, BULK
    ),
    "bulk reject by batch": Place(
        *("verifier", f"{PROPOSALS}bulk/", "batch", {"step": "reject", "batch": "KEY"}),
        {"expected": "1", "typed": "1", "step": "reject", "reason": "deceased"},
    ),
    "questions by region": Place(
        "regency_officer", "/reconciliation/conflicts/questions/", "region", {"region": "KEY"}
    ),
    "questions by typed region": Place(
        "verifier",
        "/reconciliation/conflicts/questions/",
        "region",
        {"region": "KEY", "status": "answered"},
    ),
    "decide": Place(
        *("verifier", f"{PROPOSALS}KEY/decide/", "proposal", {}),
        {"step": "verify", "seen": "submitted", "whole_family": "on"},
    ),
    "review list by batch": Place("verifier", REVIEW, "batch", {"batch": "KEY"}),
    "review list by region": Place("verifier", REVIEW, "region", {"region": "KEY"}),
    "review rows at a place": Place("verifier", f"{REVIEW}picked/", "proposal", {"at": "KEY"}),
    "review outlines": Place("verifier", f"{REVIEW}outlines.json", "batch", {"batch": "KEY"}),
    "review bulk page": Place(
        "verifier", f"{REVIEW}bulk/", "batch", {"step": "verify", "batch": "KEY"}
    ),
    "review bulk": Place(
        "verifier", f"{REVIEW}bulk/", "batch", {"step": "verify", "batch": "KEY"}, BULK
    ),
    "review decide": Place(
        *("verifier", f"{REVIEW}KEY/decide/", "proposal", {}),
        {"step": "verify", "seen": "submitted", "whole_family": "on"},
    ),
    "review reveal": Place(
        "verifier", f"{REVIEW}KEY/reveal/", "proposal", {}, {"reason": "verification"}
    ),
    "reveal of a proposal": Place(
        "verifier", f"{PROPOSALS}KEY/reveal/", "proposal", {}, {"reason": "verification"}
    ),
    "reveal of a person": Place(
        "verifier", "/admin/registry/person/KEY/reveal/", "person", {}, {"reason": "verification"}
    ),
    "agreeing to a large file": Place(
        "verifier", "/proposals/exports/KEY/answer/", "export", {}, {"answer": "agree"}
    ),
    "submit": Place("regency_officer", f"{FILES}KEY/submit/", "batch", {}, {"batch": "KEY"}),
    "chosen rows of a list": Place(
        *("regency_officer", BATCHES, "batch", {}),
        {"action": "delete_selected", "_selected_action": "KEY", "index": "0"},
    ),
    "list of batches by a lookup": Place(
        "regency_officer", BATCHES, "region", {"region__code__exact": "KEY"}
    ),
    "places to choose": Place(
        "regency_officer", "/places/", "region", {"for": "upload", "region_text": "KEY"}
    ),
    "determination page": Place(
        "verifier", "/admin/proposals/decree/determine/", "region", {"region": "KEY"}
    ),
    "grant to a user": Place(
        *("user_administrator", "/admin/accounts/user/KEY/grant/", "user", {}),
        {"role": "verifier", "region_code": OWN, **UNTIL},
    ),
    "end of a grant": Place(
        "user_administrator", "/admin/accounts/grant/KEY/end/", "grant", {}, {"reason": "x"}
    ),
    "disabling a user": Place(
        "user_administrator", "/admin/accounts/user/KEY/disable/", "user", {}, {"user": "KEY"}
    ),
    "reset of a second factor": Place(
        *("user_administrator", "/admin/accounts/user/KEY/reset-factor/", "user", {}),
        {"reason": "lost"},
    ),
    "pair of the reconciliation": Place("verifier", "/reconciliation/pairs/KEY/", "pair"),
    "answer on a pair": Place(
        *("verifier", "/reconciliation/review/KEY/judge/", "pair", {}), {"outcome": "same"}
    ),
    "grants of a user by a lookup": Place(
        "user_administrator", "/admin/accounts/grant/", "user", {"user__id__exact": "KEY"}
    ),
    "a row by its change": Place("regency_officer", f"{OWN_BATCH}rows/2/", "edit", {"fix": "KEY"}),
    "a line by its change": Place(
        *("regency_officer", f"{OWN_BATCH}rows/2/", "edit", {"fix": "KEY", "code": "name_short"}),
        headers={"HX-Request": "true"},
    ),
    "a change of another batch": Place("regency_officer", f"{OWN_BATCH}fixes/KEY/", "edit"),
    "undoing a change": Place("regency_officer", f"{OWN_BATCH}fixes/KEY/undo/", "edit", {}, {}),
    "evidence by village": Place(
        "regency_officer", f"{OWN_BATCH}evidence/", "village", {"village": "KEY"}
    ),
    "evidence for a village": Place(
        *("regency_officer", f"{OWN_BATCH}evidence/", "village", {}),
        EVIDENCE | {"village": "KEY"},
        file=b"%PDF-1.4 bukti\n%%EOF\n",
    ),
    "state of an upload": Place("regency_officer", f"{UPLOADS}KEY/", "upload"),
    "part of an upload": Place(
        *("regency_officer", f"{UPLOADS}KEY/", "upload"),
        headers={"Upload-Offset": "0"},
        part=b"NIK,NAMA\n",
    ),
    "end of an upload": Place("regency_officer", f"{UPLOADS}KEY/finish/", "upload", {}, {}),
    "questions about an upload": Place("regency_officer", f"{UPLOADS}KEY/settle/", "upload"),
    "answers about an upload": Place(
        *("regency_officer", f"{UPLOADS}KEY/settle/", "upload", {}),
        {"column_nik": "0", "code_system": "kemendagri"},
    ),
    "removal of an upload": Place("regency_officer", f"{UPLOADS}KEY/remove/", "upload", {}, {}),
}


# Refused whatever the id, by a closed page or because a list offers no such filter.
REFUSED_FOR_ALL = {
    *("pair of the reconciliation", "answer on a pair"),
    "chosen rows of a list",
    "list of batches by a lookup",
    "determination page",
    "grants of a user by a lookup",
}


@pytest.fixture(scope="module")
def objects(lasting: Callable[[], AbstractContextManager[None]]) -> dict[str, dict[str, Any]]:
    """Their ids are numbers that nothing else on a page is, so that only ids are compared."""
    with lasting():
        number_from(700_001)
        made = {region: made_in(region) for region in (OWN, SIBLING, FOREIGN)}
        for region, kinds in made.items():
            kinds["village"] = village_of(region)
            kinds["edit"] = typed_over(kinds["batch"]).pk
        made[OWN] |= of_the_asking_officer([village_of(region) for region in made])
    return made


def typed_over(batch_id: int) -> Fix:
    """A row that somebody has typed over, and that waits for its check."""
    found = Batch.objects.get(pk=batch_id)
    fix = Fix.objects.create(
        batch=found,
        kind=Fix.Kind.EDIT,
        user_id=found.user_id,
        rows=1,
        values={"2": {"name": "NAMA LAIN"}},
        asked_at=NOW,
    )
    Job.objects.create(
        kind=row_fixes.FIX_ROWS,
        subject=fix.subject,
        region_code=found.region_id,
        actor="system",
        created_at=NOW,
        heartbeat_at=NOW,
    )
    return fix


def of_the_asking_officer(villages: list[str]) -> dict[str, Any]:
    """A file with ready rows in these villages and a row to be mended, and an upload begun."""
    officer = persona("regency_officer")
    mine = batch(officer, region=OWN)
    HeldRow.objects.create(
        batch=mine, row_number=2, village_code=villages[0], values={"name": "BARIS DUA"}
    )
    letters = {code: letter for letter, code in country.CODES.items()}
    for number, village in enumerate(villages, 3):
        proposal(mine, village=letters[village], first=number, status="draft")
    begun = upload_parts.begin(by=officer, region_code=OWN, file_name="usulan.csv", size=9, now=NOW)
    return {"mine": mine.pk, "edit": typed_over(mine.pk).pk, "upload": begun.pk}


@pytest.mark.parametrize("name", PLACES)
@pytest.mark.parametrize("region", [SIBLING, FOREIGN])
@pytest.mark.long
def test_a_foreign_id_is_answered_like_a_missing_one_and_does_nothing(
    name, region, objects, signed_in
):
    place, mine = PLACES[name], objects[OWN]["mine"]
    foreign, missing = objects[region][place.kind], place.missing
    browser = signed_in(place.who)
    before = state()
    first = answer(place.ask(browser, missing, mine), [missing])
    assert answer(place.ask(browser, foreign, mine), [foreign]) == first
    assert changed(before) == set()


@pytest.mark.parametrize("name", sorted(set(PLACES) - REFUSED_FOR_ALL))
@pytest.mark.long
def test_an_own_id_is_answered_otherwise(name, objects, signed_in):
    """Else the test above would prove nothing about this place."""
    place, mine = PLACES[name], objects[OWN]["mine"]
    own, missing = objects[OWN][place.kind], place.missing
    browser = signed_in(place.who)
    first = answer(place.ask(browser, missing, mine), [missing])
    assert answer(place.ask(browser, own, mine), [own]) != first


@pytest.mark.parametrize("region", [SIBLING, FOREIGN, NOWHERE, "ID", "97"])
@pytest.mark.parametrize("name", ["region", "region_text"])
@pytest.mark.long
def test_no_file_is_taken_for_a_region_outside_ones_own(name, region, signed_in, role):
    browser = signed_in("regency_officer")
    before = state()
    missing = answer(_upload(browser, {name: NOWHERE}), [f'"{NOWHERE}"'])
    assert answer(_upload(browser, {name: region}), [f'"{region}"']) == missing
    assert changed(before) == set()


def _upload(browser: Browser, form: dict[str, str]) -> Any:
    file = SimpleUploadedFile("usulan.csv", as_csv([row(9001)]))
    return browser.post(f"{FILES}upload/", form | {"file": file})


@pytest.mark.parametrize("region", [SIBLING, FOREIGN, NOWHERE, "ID", "97"])
@pytest.mark.long
def test_no_role_is_given_outside_ones_own_region(region, objects, signed_in):
    """Names of regions are public; what is refused for which reason is said in words."""
    browser = signed_in("user_administrator")
    before = state()
    user = objects[OWN]["user"]
    form = {"role": "regency_officer", "region_code": region, **UNTIL}
    assert browser.post(f"/admin/accounts/user/{user}/grant/", form).status_code == 200
    form = NEW_USER | {"region_code": region}
    assert browser.post("/admin/accounts/user/add/", form).status_code == 200
    assert changed(before) == set()


def test_a_family_that_crosses_the_border_is_decided_on_ones_own_side(person, signed_in):
    national = batch(person("pusdatin_verifier"), region="ID", status="submitted")
    known: dict[str, Any] = {"status": "submitted", "kk": "9701010101909001"}
    own = proposal(national, village="A", first=1, **known)
    foreign = proposal(national, village="I", first=2, **known)
    form = {"step": "verify", "seen": "submitted", "whole_family": "on"}
    signed_in("verifier").post(f"{PROPOSALS}{own.pk}/decide/", form)
    assert (status_of(own), status_of(foreign)) == ("verified", "submitted")


def test_bulk_on_a_national_batch_takes_ones_own_rows_only(person, signed_in):
    national = batch(person("pusdatin_verifier"), region="ID", status="submitted")
    own = proposal(national, village="A", first=1, status="submitted")
    foreign = proposal(national, village="I", first=2, status="submitted")
    browser = signed_in("verifier")
    address = f"{PROPOSALS}bulk/?step=verify&batch={national.pk}"
    browser.post(address, {"step": "verify", "expected": "2"})
    assert (status_of(own), status_of(foreign)) == ("submitted", "submitted")
    browser.post(address, {"step": "verify", "expected": "1"})
    assert (status_of(own), status_of(foreign)) == ("verified", "submitted")


def test_after_a_decision_the_next_row_is_never_a_foreign_one(objects, signed_in):
    foreign, own = objects[FOREIGN], objects[OWN]["proposal"]
    form = {"step": "verify", "seen": "submitted"}
    browser = signed_in("verifier")
    to = browser.post(f"{PROPOSALS}{own}/decide/?batch={foreign['batch']}", form)["Location"]
    assert f"/{foreign['proposal']}/" not in to
    with as_role("owner"):
        assert Proposal.objects.get(pk=foreign["proposal"]).status == "submitted"
