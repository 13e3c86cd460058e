"""Removals and corrections from form and file to the register: pages, people, a worker."""

from __future__ import annotations

import csv
import io
import re
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from threading import Barrier

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection, transaction
from django.test import Client as Browser
from django.utils import timezone

from apps.accounts.access import open_gate
from apps.accounts.models import User
from apps.jobs.models import Job
from apps.proposals.models import Batch, Decree, Proposal
from apps.proposals.submitting import submission
from apps.registry.models import Claim, Enrolment, Person
from tests import workers
from tests.conftest import as_role, look
from tests.flows.steps import decide_all, determine, upload, wait
from tests.personas import OWN
from tests.proposals.registered import registered
from tests.proposals.sending import as_csv, correction, removal, row, send

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]

CHAIN = (
    *("village_officer", "regency_officer", "verifier", "head_of_office"),
    *("pusdatin_verifier", "determiner"),
)
NUMBER = "91/HUK/2026"
CHANGES = "/proposals/changes/"


@pytest.fixture
def chain(person) -> dict[str, Browser]:
    """The people of the way, each in a browser of their own."""
    found = {}
    for role in CHAIN:
        found[role] = Browser()
        found[role].force_login(person(role))
    return found


def by_form(browser: Browser, nik: str, kind: str, **typed: str) -> Batch:
    """Find the person by NIK, follow the link, send the form, wait for the worker."""
    found = browser.post(CHANGES, {"nik": nik}).content.decode()
    (address,) = re.findall(rf'href="({CHANGES}\d+/{kind}/)"', found)
    paper = SimpleUploadedFile("surat.pdf", b"%PDF-1.4 surat\n%%EOF\n")
    answer = browser.post(address, typed | {"file": paper})
    assert answer.status_code == 302, answer.content.decode()
    pk = int(re.search(r"/sent/(\d+)/", answer.headers["Location"])[1])  # type: ignore[index]
    with as_role("owner"):
        batch = Batch.objects.get(pk=pk)
    assert wait(batch.subject).status == Job.Status.DONE
    assert browser.get(answer.headers["Location"]).context["is_submitted"]
    return batch


def decided(chain: dict[str, Browser], expected: int) -> Decree:
    filters = {"status": "submitted,verified,endorsed"}
    for role, step in (
        ("verifier", "verify"),
        ("head_of_office", "endorse"),
        ("pusdatin_verifier", "accept"),
    ):
        assert decide_all(chain[role], step, filters) == expected
    return determine(chain["determiner"], NUMBER, OWN)


@pytest.mark.long
def test_form_and_file_reach_the_register_with_reason_evidence_and_only_what_changed(
    chain, tmp_path
):
    died = registered(9001, programme="PKH")
    renamed = registered(9002, name="RINI", birth_place="AMPEL", programme="PKH")
    able = registered(9003, name="TUTI", programme="SEMBAKO")
    mended = registered(9004, name="WATI", occupation="BURUH TANI")
    path = tmp_path / "hapus.csv"
    path.write_bytes(
        as_csv(
            [
                removal(
                    9003,
                    name="TUTI",
                    reason="MAMPU",
                    reason_date="",
                    evidence_kind="BERITA ACARA",
                    evidence_number="411/08/2026",
                    programme="SEMBAKO",
                ),
                correction(9004, name="WATI", occupation="GURU"),
                removal(9005, reason=""),
            ]
        )
    )
    with workers.worker():
        by_form(
            chain["village_officer"],
            row(9001)["nik"],
            "removal",
            reason="MENINGGAL",
            reason_date="3-11-2026",
            evidence_kind="AKTA KEMATIAN",
            evidence_number="474.3/012/2026",
        )
        by_form(
            chain["village_officer"],
            row(9002)["nik"],
            "correction",
            evidence_kind="KTP",
            birth_place="SOLO",
        )
        batch = upload(chain["regency_officer"], path, OWN)
        assert wait(batch.subject).status == Job.Status.DONE
        answer = chain["regency_officer"].post(f"/proposals/batches/{batch.pk}/submit/")
        assert answer.status_code == 302
        papers_beside_rows(chain["regency_officer"], batch)
        shown_side_by_side(chain["verifier"], renamed)
        decree = decided(chain, 4)
    assert decree.counts["determined"] == 4
    with as_role("owner"):
        now = {one.pk: one for one in Person.objects.all()}
        open_ = set(Enrolment.objects.filter(active_until=None).values_list("person", "programme"))
        (old,) = Claim.objects.filter(field="birth_place")
        held = Batch.objects.get(pk=batch.pk).counts["held"]
    left = now[died.pk]
    assert (left.status, left.end_reason, left.end_date) == (
        "removed",
        "deceased",
        date(2026, 11, 3),
    )
    assert (now[renamed.pk].birth_place, now[renamed.pk].mother_name) == ("SOLO", "NUR")
    assert (old.person_id, old.value, old.change_id) == (renamed.pk, "AMPEL", decree.change_id)
    assert (now[able.pk].status, now[mended.pk].occupation) == ("active", "GURU")
    assert open_ == {(renamed.pk, "PKH")}
    assert held == 1
    annexed(chain["determiner"], decree)


def papers_beside_rows(browser: Browser, batch: Batch) -> None:
    """The rows of the file get their papers on their pages."""
    with as_role("owner"):
        keys = list(Proposal.objects.filter(batch=batch).values_list("pk", flat=True))
    for pk in keys:
        paper = SimpleUploadedFile("surat.pdf", b"%PDF-1.4 surat\n%%EOF\n")
        browser.post(f"/proposals/changes/papers/of/{pk}/", {"file": paper})


def shown_side_by_side(browser: Browser, person: Person) -> None:
    """The reviewer sees the field as it is and as it is proposed, and the paper."""
    with as_role("owner"):
        proposal = Proposal.objects.get(person=person)
    page = browser.get(f"/proposals/review/{proposal.pk}/").content.decode()
    assert "AMPEL" in page
    assert "SOLO" in page
    assert "KTP" in page


def annexed(browser: Browser, decree: Decree) -> None:
    answer = browser.get(f"/admin/proposals/decree/{decree.pk}/annex/csv/")
    content = b"".join(answer.streaming_content).decode("utf-8-sig")
    lines = list(csv.DictReader(io.StringIO(content)))
    assert sorted((line["jenis"], line["rincian"]) for line in lines) == [
        ("perbaikan", "pekerjaan; KTP"),
        ("perbaikan", "tempat lahir; KTP"),
        ("usul hapus", "mampu, program ini saja; berita acara 411/08/2026"),
        ("usul hapus", "meninggal, 03-11-2026; akta kematian 474.3/012/2026"),
    ]


@pytest.mark.parametrize("tries", [4, pytest.param(60, marks=pytest.mark.scale)])
@pytest.mark.long
def test_of_two_removals_of_one_person_submitted_at_once_one_is_in_review(tries, person):
    officer: User = person("regency_officer")
    pairs = []
    for serial in range(9001, 9001 + tries):
        registered(serial, programme="PKH")
        pairs.append(
            [
                send([removal(serial, evidence_number=f"{n}")], officer, name=f"{serial}-{n}.csv")
                for n in (1, 2)
            ]
        )

    def submit(batch: Batch, door: Barrier) -> int:
        with connection.cursor() as cursor:
            cursor.execute("SET ROLE portal_web")
        look("yes")
        door.wait(60)
        try:
            with transaction.atomic():
                open_gate(officer)
                return submission.submit(batch=batch, by=officer, now=timezone.now()).moved
        finally:
            connection.close()

    for pair in pairs:
        door = Barrier(2)
        with ThreadPoolExecutor(2) as pool:
            moved = [pool.submit(submit, batch, door) for batch in pair]
            assert sorted(one.result() for one in moved) == [0, 1]
    with as_role("owner"):
        assert Proposal.objects.filter(status="submitted").count() == tries
