"""A village officer finds a registered person and proposes a removal or a correction."""

from __future__ import annotations

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from apps.audit.models import Action, Entry
from apps.casework.models import Cycle, Document
from apps.jobs.models import Job
from apps.proposals.models import Batch, Proposal, RowPaper
from apps.registry.models import Person
from tests import photo_files
from tests.base import NOW
from tests.conftest import as_role
from tests.jobs.doing import do
from tests.proposals import factory
from tests.proposals.registered import registered
from tests.proposals.sending import A, B, row
from tests.registry.people import a_change

pytestmark = pytest.mark.django_db

FIND = "/proposals/changes/"
DEATH = {
    "reason": "MENINGGAL",
    "reason_date": "3/11/2026",
    "evidence_kind": "AKTA KEMATIAN",
    "evidence_number": "474.3/012/2026",
}
CARD = {"evidence_kind": "KTP"}
NOT_HERE = "Berkasnya tidak ada di sini"
PDF = b"%PDF-1.4 surat\n%%EOF\n"


@pytest.fixture
def officer(person):
    return person("village_officer")


@pytest.fixture
def browser(officer, signed_in):

    return signed_in("village_officer")


def address(person: Person, kind: str) -> str:
    return f"{FIND}{person.pk}/{kind}/"


def paper(content: bytes = PDF, name: str = "surat.pdf") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, content)


def send(browser, person: Person, kind: str, batch: Batch | None = None, **typed) -> Batch:
    """Send the form with its paper and let the worker check it; the batch as it is then."""
    query = f"?batch={batch.pk}" if batch else ""
    sent = {"file": paper()} | typed
    answer = browser.post(
        address(person, kind) + query, {name: value for name, value in sent.items() if value}
    )
    assert answer.status_code == 302, answer.content.decode()
    with as_role("worker"):
        sent = Batch.objects.latest("pk")
        assert answer.headers["Location"] == f"{FIND}sent/{sent.pk}/"
        for job in Job.objects.filter(subject=sent.subject, status="waiting"):
            do(job)
        return Batch.objects.get(pk=sent.pk)


def rows(batch: Batch) -> list[Proposal]:
    with as_role("owner"):
        return list(Proposal.objects.filter(batch=batch).order_by("row_number"))


def page(browser, batch: Batch) -> str:
    return browser.get(f"{FIND}sent/{batch.pk}/").content.decode()


# --- finding ---


def test_a_person_of_the_own_village_is_found_by_post_masked_and_on_record(browser, officer):
    person = registered(9001, programme="PKH")
    answer = browser.post(FIND, {"nik": row(9001)["nik"]})
    shown = answer.content.decode()
    assert "SITI AMINAH" in shown
    assert person.masked_nik in shown
    assert address(person, "removal") in shown
    assert row(9001)["kk"] not in shown
    with as_role("owner"):
        entry = Entry.objects.get(action=Action.SEARCH)
    assert entry.actor == f"user:{officer.pk}"
    assert entry.details["persons"] == [person.pk]
    assert row(9001)["nik"] not in str(entry.details)


def test_a_family_is_found_by_its_card(browser):
    registered(9001)
    registered(9002, kk=row(9001)["kk"], name="RINI")
    shown = browser.post(FIND, {"kk": row(9001)["kk"]}).content.decode()
    assert "SITI AMINAH" in shown
    assert "RINI" in shown


def test_nobody_of_another_village_is_found_or_opened(browser):
    person = registered(9001, village_id=B)
    shown = browser.post(FIND, {"nik": row(9001)["nik"]}).content.decode()
    assert "SITI AMINAH" not in shown
    assert browser.get(address(person, "removal")).status_code == 404
    assert browser.post(address(person, "removal"), DEATH).status_code == 404


def test_the_search_needs_a_number(browser):
    shown = browser.post(FIND, {"nik": "", "kk": ""}).content.decode()
    assert 'role="alert"' in shown
    shown = browser.post(FIND, {"nik": "123"}).content.decode()
    assert "errorlist" in shown


def test_who_has_left_the_register_has_no_form(browser):
    person = registered(9001)
    with as_role("worker"):
        Person.objects.filter(pk=person.pk).update(
            status="removed", end_reason="moved", change=a_change()
        )
    shown = browser.post(FIND, {"nik": row(9001)["nik"]}).content.decode()
    assert address(person, "removal") not in shown
    assert browser.get(address(person, "removal")).status_code == 302


# --- removals ---


def test_a_removal_is_a_batch_of_one_that_the_worker_checks_and_submits(browser, officer):
    person = registered(9001, programme="PKH")
    batch = send(browser, person, "removal", **DEATH)
    (sent,) = rows(batch)
    assert (sent.kind, sent.status, sent.person_id) == ("removal", "submitted", person.pk)
    assert (sent.reason, str(sent.reason_date)) == ("deceased", "2026-11-03")
    assert (batch.origin, batch.user_id) == ("form", officer.pk)
    assert (batch.region_id, len(batch.row_values)) == (row(9001)["village_code"], 1)
    shown = page(browser, batch)
    assert str(batch.pk) in shown
    assert row(9001)["nik"] not in shown


def test_members_of_the_family_may_leave_with_the_same_paper(browser):
    person = registered(9001)
    other = registered(9002, kk=row(9001)["kk"], name="RINI")
    stranger = registered(9003, name="TUTI")
    moved = {
        "reason": "PINDAH", "reason_date": "01-11-2026", "evidence_kind": "SURAT PINDAH",
        "evidence_number": "SKPWNI/9701/12112026/0007",
    }  # fmt: skip
    shown = browser.get(address(person, "removal")).content.decode()
    assert "RINI" in shown
    assert "TUTI" not in shown
    refused = browser.post(
        address(person, "removal"), {**moved, "file": paper(), "also": [stranger.pk]}
    )
    assert refused.status_code == 200
    batch = send(browser, person, "removal", **moved, also=[other.pk])
    assert {(one.person_id, one.reason) for one in rows(batch)} == {
        (person.pk, "moved"),
        (other.pk, "moved"),
    }


def test_a_removal_that_lacks_its_day_comes_back_with_the_answers(browser):
    person = registered(9001, programme="PKH")
    held = send(browser, person, "removal", **DEATH | {"reason_date": ""})
    assert rows(held) == []
    shown = page(browser, held)
    assert f"{address(person, 'removal')}?batch={held.pk}" in shown
    form = browser.get(f"{address(person, 'removal')}?batch={held.pk}").content.decode()
    assert 'value="474.3/012/2026"' in form
    assert 'href="#id_reason_date"' in form
    mended = send(browser, person, "removal", held, **DEATH)
    assert mended.pk == held.pk
    assert [one.status for one in rows(mended)] == ["submitted"]
    with as_role("owner"):
        assert Batch.objects.count() == 1
    # what was submitted is not changed any more
    assert browser.get(f"{address(person, 'removal')}?batch={held.pk}").status_code == 404


def test_the_batch_of_a_correction_is_not_turned_into_a_removal(browser):
    """Its paper proves the correction."""
    person = registered(9001, programme="PKH")
    held = send(browser, person, "correction", **CARD, location="rumah biru")
    assert rows(held) == []
    again = f"?batch={held.pk}"
    assert browser.get(address(person, "correction") + again).status_code == 200
    assert browser.get(address(person, "removal") + again).status_code == 404
    answer = browser.post(address(person, "removal") + again, {**DEATH, "file": paper()})
    assert answer.status_code == 404
    with as_role("owner"):
        assert Batch.objects.get().row_values[0]["kind"] == "PERBAIKAN"


def test_a_second_proposal_about_the_person_waits_for_the_first(browser):
    person = registered(9001, programme="PKH")
    send(browser, person, "removal", **DEATH)
    second = send(browser, person, "correction", **CARD, birth_place="SOLO")
    assert [one.status for one in rows(second)] == ["draft"]
    assert 'role="alert"' in page(browser, second)


def test_no_village_meeting_is_needed_for_what_has_its_own_paper(browser):
    """The village of these tests has neither minutes nor statement."""
    person = registered(9001, programme="PKH")
    batch = send(browser, person, "removal", **DEATH)
    assert batch.submit_outcome == {"moved": 1, "held_back": {}}


# --- corrections ---


def test_a_correction_shows_what_is_now_and_sends_only_what_changes(browser):
    person = registered(9001, birth_place="AMPEL", programme="PKH")
    form = browser.get(address(person, "correction")).content.decode()
    assert "AMPEL" in form
    assert row(9001)["kk"] not in form
    batch = send(browser, person, "correction", **CARD, birth_place="Solo", rt="9")
    (sent,) = rows(batch)
    assert sent.changes == {"birth_place": ["AMPEL", "Solo"], "rt": ["001", "009"]}
    assert (sent.status, sent.name) == ("submitted", "SITI AMINAH")
    cells = batch.row_values[0]
    assert set(cells) == {
        *("nik", "name", "village_code", "kind", "birth_place", "rt", "evidence_kind"),
    }


def test_a_new_name_is_a_change_of_this_person(browser):
    person = registered(9001)
    batch = send(browser, person, "correction", **CARD, name="SITI AMINAH WATI")
    assert rows(batch)[0].changes == {"name": ["SITI AMINAH", "SITI AMINAH WATI"]}


def test_a_correction_without_a_new_value_is_told_at_once(browser):
    person = registered(9001)
    answer = browser.post(address(person, "correction"), {**CARD, "file": paper()})
    assert answer.status_code == 200
    assert 'role="alert"' in answer.content.decode()
    with as_role("owner"):
        assert not Batch.objects.exists()


def test_a_typed_point_is_read_like_everywhere(browser):
    person = registered(9001)
    batch = send(browser, person, "correction", **CARD, location="-7,765432, 110,005432")
    (now, proposed) = rows(batch)[0].changes["location"]
    assert proposed == "-7.765432, 110.005432"
    assert now != proposed


@pytest.mark.parametrize(("role", "is_offered"), [("regency_officer", True), ("verifier", False)])
def test_the_page_of_a_person_leads_to_the_forms(role, is_offered, signed_in):
    person = registered(9001)
    page = signed_in(role).get(f"/register/{person.pk}/").content.decode()
    assert "SITI AMINAH" in page
    assert (address(person, "removal") in page) is is_offered


def test_every_opened_person_is_on_record(browser, officer):
    person = registered(9001)
    browser.get(address(person, "correction"))
    with as_role("owner"):
        entry = Entry.objects.get(action=Action.READ, subject=f"registry.Person:{person.pk}")
    assert entry.actor == f"user:{officer.pk}"


def test_the_outcome_is_its_senders_alone(browser, signed_in, person):
    known = registered(9001, programme="PKH")
    batch = send(browser, known, "removal", **DEATH)
    other = signed_in("regency_officer")
    assert other.get(f"{FIND}sent/{batch.pk}/").status_code == 404


# --- the paper itself ---


def stored_papers(batch: Batch) -> list[RowPaper]:
    with as_role("owner"):
        return list(RowPaper.objects.filter(batch=batch).select_related("document").order_by("pk"))


def test_nothing_is_sent_without_the_paper_and_a_broken_one_is_told_at_its_field(browser):
    person = registered(9001, programme="PKH")
    place = address(person, "removal")
    missing = browser.post(place, DEATH)
    assert list(missing.context["form"].errors) == ["file"]
    for content in (b"", b"MZ\x90", b"\xff\xd8\xff broken"):
        refused = browser.post(place, {**DEATH, "file": paper(content, "akta.jpg")})
        assert list(refused.context["form"].errors) == ["file"]
        assert 'value="474.3/012/2026"' in refused.content.decode()
    with as_role("owner"):
        assert not Batch.objects.exists()


def test_the_paper_proves_all_rows_of_the_form_and_a_picture_is_drawn_anew(browser, signed_in):
    person = registered(9001, programme="PKH")
    other = registered(9002, kk=row(9001)["kk"], name="RINI")
    photo = photo_files.photo(position=(-7.77, 110.0))
    batch = send(
        browser, person, "removal", **DEATH, also=[other.pk], file=paper(photo, "SITI.jpg")
    )
    (kept,) = stored_papers(batch)
    assert (kept.row_number, kept.document.kind) == (None, "evidence")
    assert kept.document.number == DEATH["evidence_number"]
    assert kept.document.media_type == "image/jpeg"
    verifier = signed_in("verifier")
    for sent in rows(batch):
        text = verifier.get(f"/proposals/review/{sent.pk}/").content.decode()
        assert f"/proposals/changes/papers/{kept.pk}/?show=1" in text
    answer = verifier.get(f"/proposals/changes/papers/{kept.pk}/?show=1")
    content = b"".join(answer.streaming_content)
    assert content.startswith(b"\xff\xd8\xff")
    assert b"Exif" not in content
    with as_role("owner"):
        entry = Entry.objects.get(action=Action.READ, subject=f"proposals.Batch:{batch.pk}")
        assert entry.details["rows"] == [1, 2]
    foreign = signed_in("verifier", "98.01")
    assert foreign.get(f"/proposals/changes/papers/{kept.pk}/").status_code == 404


def test_a_removal_that_is_mended_keeps_its_paper_and_may_get_another(browser):
    person = registered(9001, programme="PKH")
    held = send(browser, person, "removal", **DEATH | {"reason_date": ""})
    form = browser.get(f"{address(person, 'removal')}?batch={held.pk}")
    assert not form.context["form"].fields["file"].required
    mended = send(browser, person, "removal", held, **DEATH, file=None)
    assert [one.status for one in rows(mended)] == ["submitted"]
    assert len(stored_papers(mended)) == 1


def test_a_row_that_came_in_a_file_says_that_its_paper_is_missing_and_gets_it(
    officer, browser, signed_in
):
    batch = factory.batch(officer, region=row(9001)["village_code"], status="submitted")
    known = {
        "kind": "removal",
        "status": "submitted",
        "evidence_kind": "death_certificate",
        "evidence_number": "474.3/77",
    }
    first, second = factory.proposals(batch, 2, **known)
    page = f"/proposals/review/{first.pk}/"
    verifier = signed_in("verifier")
    assert NOT_HERE in verifier.get(page).content.decode()
    send_to = f"/proposals/changes/papers/of/{first.pk}/"
    assert verifier.post(send_to, {"file": paper()}).status_code == 403
    assert send_to in browser.get(page).content.decode()
    assert browser.post(send_to, {}, follow=True).status_code == 200
    assert stored_papers(batch) == []
    for _twice in range(2):
        browser.post(send_to, {"file": paper()})
    (kept,) = stored_papers(batch)
    assert (kept.row_number, kept.document.number) == (1, "474.3/77")
    assert NOT_HERE not in verifier.get(page).content.decode()
    other = verifier.get(f"/proposals/review/{second.pk}/").content.decode()
    assert NOT_HERE in other
    # once it is over, the papers are those that were decided on
    with as_role("owner"):
        Proposal.objects.filter(pk=second.pk).update(status="rejected")
    browser.post(f"/proposals/changes/papers/of/{second.pk}/", {"file": paper(PDF + b"2")})
    assert len(stored_papers(batch)) == 1


# --- no step to "verified" without it ---

IN_A_FILE = {
    "kind": "removal",
    "status": "submitted",
    "evidence_kind": "death_certificate",
    "evidence_number": "474.3/77",
}


@pytest.fixture
def sent(officer) -> Batch:
    """A file that a village officer sent; its rows are made by the tests."""
    with as_role("owner"):
        Document.objects.all().delete()
        cycle = Cycle.objects.get()
    return factory.batch(officer, region=A, status="submitted", cycle=cycle)


def verify(browser, proposal: Proposal, **more: str) -> str:
    """Press Verify on a row; the text of the page that follows."""
    given = {"step": "verify", "seen": "submitted"} | more
    address = f"/proposals/review/{proposal.pk}/decide/"
    return browser.post(address, given, follow=True).content.decode()


def test_a_row_of_a_file_is_verified_only_when_its_paper_is_there(browser, sent, signed_in):
    row_ = factory.proposal(sent, first=3, **IN_A_FILE)
    verifier = signed_in("verifier")
    refused = verify(verifier, row_)
    told = f"berkas {sent.pk}, baris {row_.line}: surat buktinya tidak ada di sini"
    assert told in refused
    assert "Akta kematian" in refused
    assert "“Tambah berkas…”" in refused
    assert factory.status_of(row_) == "submitted"
    browser.post(f"/proposals/changes/papers/of/{row_.pk}/", {"file": paper()})
    verify(verifier, row_)
    assert factory.status_of(row_) == "verified"


def test_a_row_without_its_paper_can_still_be_returned(sent, signed_in):
    row_ = factory.proposal(sent, **IN_A_FILE)
    given = {"reason": "missing_evidence", "note": "Akta kematian belum dilampirkan."}
    verify(signed_in("verifier"), row_, step="return", **given)
    assert factory.status_of(row_) == "returned"


@pytest.mark.parametrize(
    ("evidence_kind", "document", "village", "status"),
    [
        ("minutes", "minutes", A, "verified"),
        ("minutes", "statement", A, "submitted"),
        ("minutes", "minutes", B, "submitted"),
        ("statement", "statement", A, "submitted"),
    ],
)
def test_minutes_of_the_village_prove_what_minutes_prove_and_nothing_else(
    evidence_kind, document, village, status, sent, officer, signed_in
):
    proved = IN_A_FILE | {"reason": "able", "evidence_kind": evidence_kind}
    row_ = factory.proposal(sent, **proved)
    with as_role("owner"):
        Document.objects.create(
            kind=document, number="7/BA/2026", date=NOW.date(), region_id=village,
            cycle=sent.cycle, media_type="application/pdf", size=1, at=NOW, user=officer,
        )  # fmt: skip
    refused = verify(signed_in("verifier"), row_)
    assert factory.status_of(row_) == status
    assert ("Bukti per desa" in refused) is (status == "submitted" and evidence_kind == "minutes")


def test_members_of_a_family_without_their_papers_are_left_and_told(browser, sent, signed_in):
    known = IN_A_FILE | {"kk": factory.nik_of(900)}
    first, second = factory.proposals(sent, 2, **known)
    browser.post(f"/proposals/changes/papers/of/{first.pk}/", {"file": paper()})
    told = verify(signed_in("verifier"), first, whole_family="on")
    assert [factory.status_of(one) for one in (first, second)] == ["verified", "submitted"]
    assert "1 orang dari keluarga ini belum diputuskan: berkas buktinya" in told


def test_beside_the_list_it_is_told_who_of_a_family_is_left(browser, sent, signed_in):
    first, second = factory.proposals(sent, 2, **IN_A_FILE | {"kk": factory.nik_of(900)})
    browser.post(f"/proposals/changes/papers/of/{first.pk}/", {"file": paper()})
    given = {"step": "verify", "seen": "submitted", "whole_family": "on"}
    verifier = signed_in("verifier")
    told = verifier.post(
        f"/proposals/review/{first.pk}/decide/", given, HTTP_HX_REQUEST="true"
    ).content.decode()
    assert "1 orang dari keluarga ini belum diputuskan: berkas buktinya" in told
    later = verifier.get("/proposals/review/").content.decode()
    assert "dari keluarga ini belum diputuskan" not in later


def test_a_decision_on_all_leaves_rows_without_their_paper_and_lists_them(browser, sent, signed_in):
    lacking, proved = factory.proposals(sent, 2, **IN_A_FILE)
    new = factory.proposal(sent, first=9, status="submitted")
    browser.post(f"/proposals/changes/papers/of/{proved.pk}/", {"file": paper()})
    verifier = signed_in("verifier")
    shown = verifier.get("/proposals/review/bulk/?step=verify&status=submitted")
    preview = shown.context["preview"]
    assert (preview.total, preview.unproved, preview.decidable) == (3, 1, 2)
    query = shown.context["left_out"]["unproved"]
    listed = verifier.get(f"/proposals/review/?{query}").context["page"]
    assert [row.pk for row in listed.rows] == [lacking.pk]
    given = {"step": "verify", "expected": preview.total, "seen": preview.seen}
    answer = verifier.post("/proposals/review/bulk/?status=submitted", given, follow=True)
    [(_words, count, rows_)] = answer.context["causes"]
    assert (count, [one.pk for one in rows_]) == (1, [lacking.pk])
    assert "Akta kematian 474.3/77" in answer.content.decode()
    assert [factory.status_of(one) for one in (lacking, proved, new)] == [
        "submitted", "verified", "verified",
    ]  # fmt: skip


def test_the_sender_is_told_on_the_page_of_the_file_and_led_to_the_rows(browser, sent):
    lacking, proved = factory.proposals(sent, 2, **IN_A_FILE)
    factory.proposal(sent, first=9, status="submitted")
    browser.post(f"/proposals/changes/papers/of/{proved.pk}/", {"file": paper()})
    page_ = browser.get(f"/proposals/batches/{sent.pk}/")
    assert page_.context["unproved"] == 1
    query = f"?batch={sent.pk}&amp;paper=missing"
    assert query in page_.content.decode()
    listed = browser.get(f"/proposals/review/?batch={sent.pk}&paper=missing")
    assert [one.pk for one in listed.context["page"].rows] == [lacking.pk]
