"""Minutes for rows that were sent: a verifier returns a row that lacks them, its officer sends them
from the page of the row or of the file, also after the cut-off, and the row is verified.
"""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils import timezone

from apps.audit.models import Action, Entry
from apps.casework.models import Cycle, Document
from apps.jobs.models import Job
from apps.proposals import removal_rules
from apps.proposals.models import Batch, Proposal
from apps.proposals.submitting import calendar_rules, village_evidence
from tests.base import forget_cycles
from tests.conftest import as_role
from tests.jobs.doing import do
from tests.proposals import factory
from tests.proposals.registered import registered
from tests.proposals.sending import A, B, removal, send

pytestmark = pytest.mark.django_db
PDF = b"%PDF-1.7\n1 0 obj\n%%EOF\n"
BY_MINUTES = {
    "kind": "removal",
    "status": "submitted",
    "reason": "able",
    "evidence_kind": "minutes",
    "evidence_number": "7/BA",
}
LACKS = "tidak ada di sini"


def minutes(**more: object) -> dict[str, object]:
    known = {"kind": "minutes", "number": "7/BA", "date": timezone.localdate().isoformat()}
    return known | {"file": SimpleUploadedFile("ba.pdf", PDF)} | more


def stored() -> list[tuple[str, str, str]]:
    """Village, kind and cycle of each document."""
    with as_role("owner"):
        rows = Document.objects.order_by("pk")
        return list(rows.values_list("region_id", "kind", "cycle__name"))


def decide(browser, proposal: Proposal, step: str, seen: str = "submitted", **more: str) -> str:
    path = f"/proposals/review/{proposal.pk}/decide/"
    return browser.post(path, {"step": step, "seen": seen} | more, follow=True).content.decode()


def no_evidence() -> None:
    with as_role("owner"):
        Document.objects.all().delete()


@pytest.fixture
def calendar() -> list[Cycle]:
    """A cycle that closed yesterday and is in review, and the next one, which opens in a week."""
    today = timezone.localdate()

    def cycle(name: str, opens: int, closes: int, draws: int) -> Cycle:
        days = [today + timedelta(days=days) for days in (opens, closes, draws)]
        return Cycle.objects.create(
            name=name, opens_date=days[0], cutoff_date=days[1], draw_date=days[2]
        )

    with as_role("owner"):
        forget_cycles()
        return [cycle("Lalu", -30, -1, 5), cycle("Depan", 7, 20, 25)]


def received(days_ago: int) -> dict[str, object]:
    return {"received_at": timezone.now() - timedelta(days=days_ago)}


@pytest.fixture
def late(person, calendar) -> Proposal:
    """A row of the cycle that has closed, to be proven by minutes that were not sent."""
    batch = factory.batch(person("regency_officer"), status="submitted", cycle=calendar[0])
    with as_role("owner"):
        Batch.objects.filter(pk=batch.pk).update(**received(10))
    return factory.proposal(batch, **BY_MINUTES)


def test_a_returned_row_gets_its_minutes_from_its_page_and_is_verified(person, signed_in):
    no_evidence()
    registered(9001, programme="PKH")
    able = removal_rules.REASONS["able"].words[0]
    cells = {"reason": able, "evidence_kind": "BERITA ACARA", "evidence_number": "7/BA"}
    batch = send([removal(9001, **cells)], person("regency_officer"))
    office, verifier = signed_in("regency_officer"), signed_in("verifier")
    office.post(f"/proposals/batches/{batch.pk}/submit/")
    with as_role("owner"):
        row = Proposal.objects.get(batch=batch)
    assert LACKS in decide(verifier, row, "verify")
    decide(verifier, row, "return", reason="missing_evidence", note="Berita acara belum ada.")

    officer = signed_in("village_officer")
    page = reverse("proposals:returned_row", args=[row.pk])
    form = reverse("proposals:row-evidence", args=[row.pk])
    shown = officer.get(page).content.decode()
    assert LACKS in shown
    assert f'href="{form}"' in shown
    empty = officer.post(form, {"kind": "minutes"})
    assert set(empty.context["wrong"]) == {"number", "date", "file"}
    answer = officer.post(form, minutes())
    assert answer.headers["Location"] == page
    assert stored() == [(A, "minutes", "November 2026")]
    shown = officer.get(page).content.decode()
    assert LACKS not in shown
    assert "7/BA" in shown
    officer.post(page, {})
    with as_role("worker"):
        do(Job.objects.filter(subject__startswith="proposals.Amendment").latest("pk"))
    assert factory.status_of(row) == "submitted"

    seen = verifier.get(f"/proposals/review/{row.pk}/")
    document = seen.context["document"]
    address = reverse("proposals:row-document", args=[row.pk, document.pk])
    assert address in seen.content.decode()
    assert verifier.get(address)["Content-Disposition"].startswith("attachment")
    history = [(one.by, one.words) for one in seen.context["history"]]
    assert (document.by_name, "mengirim berkas: Berita acara musyawarah desa 7/BA") in history
    decide(verifier, row, "verify")
    assert factory.status_of(row) == "verified"


def test_a_new_row_that_was_returned_for_its_evidence_leads_to_the_form(person, signed_in):
    batch = factory.batch(person("regency_officer"), status="submitted")
    row = factory.proposal(batch, status="submitted")
    words = {"reason": "missing_evidence", "note": "Tidak terbaca."}
    decide(signed_in("verifier"), row, "return", **words)
    officer = signed_in("village_officer")
    page = officer.get(reverse("proposals:returned_row", args=[row.pk])).content.decode()
    form = reverse("proposals:row-evidence", args=[row.pk])
    assert f'href="{form}"' in page
    assert officer.get(form).status_code == 200


def test_after_the_cut_off_minutes_are_sent_for_the_cycle_of_the_rows(late, signed_in, calendar):
    office, verifier = signed_in("regency_officer"), signed_in("verifier")
    assert LACKS in decide(verifier, late, "verify")
    path = f"/proposals/batches/{late.batch_id}/evidence/"
    page = office.get(path)
    assert page.context["cycle"] == calendar[0]
    assert f"village={A}" in page.content.decode()
    assert "Lalu" in page.content.decode()
    answer = office.post(f"{path}?cycle={calendar[0].pk}", minutes(village=A), follow=True)
    assert "Lalu" in answer.content.decode()
    assert stored() == [(A, "minutes", "Lalu")]
    # its verifier reads for which cycle they are
    assert "· Lalu" in verifier.get(f"/proposals/review/{late.pk}/").content.decode()
    decide(verifier, late, "verify")
    assert factory.status_of(late) == "verified"


def test_minutes_of_a_later_meeting_prove_no_row_of_a_cycle_that_has_closed(
    late, signed_in, calendar
):
    draft = factory.proposal(late.batch, first=5, village="B")
    office, verifier = signed_in("regency_officer"), signed_in("verifier")
    path = f"/proposals/batches/{late.batch_id}/evidence/"
    page = office.get(path)
    # two cycles: that of what is submitted next, and that of what was sent
    assert page.context["cycle"] == calendar[1]
    assert [one.code for one in page.context["villages"]] == [B]
    assert f"?cycle={calendar[0].pk}" in page.content.decode()
    office.post(f"{path}?cycle={calendar[1].pk}", minutes(village=[A, B]))
    assert stored() == [(A, "minutes", "Depan"), (B, "minutes", "Depan")]
    assert LACKS in decide(verifier, late, "verify")
    of_sent = office.get(f"{path}?cycle={calendar[0].pk}")
    assert [(one.code, one.unproved) for one in of_sent.context["villages"]] == [(A, 1)]
    assert draft.status == "draft"


def test_rows_that_go_over_into_the_next_cycle_keep_their_minutes(late, signed_in, calendar):
    office, verifier = signed_in("regency_officer"), signed_in("verifier")
    form = reverse("proposals:row-evidence", args=[late.pk])
    office.post(form, minutes())
    with as_role("worker"):
        today = timezone.localdate()
        Cycle.objects.filter(pk=calendar[0].pk).update(draw_date=today)
        Cycle.objects.filter(pk=calendar[1].pk).update(opens_date=today)
        assert calendar_rules.carry_over(day=today) == 1
        assert Batch.objects.get(pk=late.batch_id).cycle == calendar[1]
    decide(verifier, late, "verify")
    assert factory.status_of(late) == "verified"


def test_the_file_of_a_wider_region_hides_no_minutes_from_officer_and_verifier(person, signed_in):
    """A file of the province, which nobody of the regency sees."""
    no_evidence()
    with as_role("owner"):
        cycle = Cycle.objects.get()
    batch = factory.batch(person("pusdatin_verifier"), region="97", status="submitted", cycle=cycle)
    row = factory.proposal(batch, **BY_MINUTES)
    officer, verifier = signed_in("village_officer"), signed_in("verifier")
    assert officer.get(f"/proposals/batches/{batch.pk}/evidence/").status_code == 404
    assert LACKS in decide(verifier, row, "verify")
    form = reverse("proposals:row-evidence", args=[row.pk])
    assert form in officer.get(f"/proposals/review/{row.pk}/").content.decode()
    officer.post(form, minutes())
    assert stored() == [(A, "minutes", cycle.name)]
    seen = verifier.get(f"/proposals/review/{row.pk}/")
    document = seen.context["document"]
    address = reverse("proposals:row-document", args=[row.pk, document.pk])
    assert address in seen.content.decode()
    assert verifier.get(address).status_code == 200
    with as_role("owner"):
        assert Entry.objects.filter(action=Action.READ, subject=document.subject).count() == 1
    assert signed_in("verifier", "98.01").get(address).status_code == 404
    decide(verifier, row, "verify")
    assert factory.status_of(row) == "verified"


def test_only_the_sender_of_an_open_row_has_the_form(late, signed_in):
    form = reverse("proposals:row-evidence", args=[late.pk])
    assert signed_in("verifier").post(form, minutes()).status_code == 403
    national = signed_in("pusdatin_verifier").post(form, minutes(), follow=True)
    assert national.redirect_chain[0][0] == f"/proposals/review/{late.pk}/"
    with as_role("owner"):
        Proposal.objects.filter(pk=late.pk).update(status="rejected")
    signed_in("regency_officer").post(form, minutes())
    assert stored() == []


def test_minutes_that_are_corrected_to_a_statement_prove_nothing_any_more(late, signed_in):
    office, verifier = signed_in("regency_officer"), signed_in("verifier")
    form = reverse("proposals:row-evidence", args=[late.pk])
    office.post(form, minutes())
    office.post(form, minutes(kind="statement"))
    assert [kind for _village, kind, _cycle in stored()] == ["minutes", "statement"]
    assert LACKS in decide(verifier, late, "verify")
    office.post(form, minutes())
    decide(verifier, late, "verify")
    assert factory.status_of(late) == "verified"


def test_what_is_submitted_from_a_file_without_a_cycle_belongs_to_the_open_one(person, signed_in):
    """It was received between two cycles; another village of it waits for its minutes."""
    officer = person("regency_officer")
    batch = factory.batch(officer)
    with as_role("owner"):
        Document.objects.filter(region_id=B).delete()
    sent = factory.proposal(batch, **BY_MINUTES | {"status": "draft"})
    factory.proposal(batch, first=5, village="B")
    signed_in("regency_officer").post(f"/proposals/batches/{batch.pk}/submit/")
    assert factory.status_of(sent) == "submitted"
    with as_role("owner"):
        kept = Batch.objects.get(pk=batch.pk)
        assert (kept.status, kept.cycle.name) == ("ready", "November 2026")
        assert village_evidence.counting_for(batch.pk).filter(region_id=A).exists()
