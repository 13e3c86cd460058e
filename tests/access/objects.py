"""One object of every kind for a regency, so that each address has something to ask for."""

from __future__ import annotations

from datetime import timedelta
from io import BytesIO
from typing import Any

from django.contrib.gis.geos import Point
from django.core.files.base import ContentFile
from django.db import connection
from django.utils import timezone

from apps.accounts.models import Agency, Client, Grant, ReadCount
from apps.audit.models import Action, Entry
from apps.casework.models import Cycle, Document, Notice, Photo, Worklist
from apps.commandcentre.models import (
    EmergencyStatement,
    Facility,
    OfficeUpload,
    Plan,
    PlanNeed,
    PlanSource,
    ReportFile,
    Shipment,
    SituationReport,
    Wall,
)
from apps.demo import country
from apps.indicators.models import PocketDifference, PocketEdition, PocketVillage
from apps.indicators.pockets import asked_pairs
from apps.jobs.models import Job
from apps.maps.models import BaseLayer
from apps.proposals.models import (
    Batch,
    Decree,
    ExportRequest,
    Finding,
    Fix,
    FormDraft,
    HeldRow,
    HousePhoto,
    Proposal,
    RowPaper,
    Severity,
    Upload,
    Verdict,
)
from apps.reconciliation.deliveries import datasets, sources
from apps.reconciliation.linkage import runs
from apps.reconciliation.models import Answer, Authority, Conflict
from apps.regions.models import BoundaryEdition
from apps.registry.models import Person, Programme
from tests import photo_files
from tests.base import NOW
from tests.commandcentre.board.hazards import an_assessed_hazard
from tests.commandcentre.resources.places import facility, responder, stocked
from tests.indicators.figures.objects import figure_objects
from tests.personas import agency_client, persona
from tests.reconciliation.linked import finish, meeting
from tests.reconciliation.pairs import a_bench
from tests.reconciliation.sample_duplicates import a_merge, joined
from tests.registry.people import a_person

KINDS = (
    "batch", "proposal", "decree", "person", "user", "grant", "agency", "client", "job", "entry",
    "edition", "cycle", "region", "programme", "notice", "fix", "document", "draft",
    "upload", "conflict", "worklist", "evidence", "authority", "duplicate", "merge",
    "source", "dataset", "run", "pair", "pairing", "export", "readcount", "photo", "batch_photo",
    "paper", "row_document",
    "hazard", "assessment", "plan", "shipment", "wall", "base_layer",
    "facility", "stockitem", "good", "responder", "office_upload",
    "pocket_edition", "pocket_list", "open_pocket",
)  # fmt: skip


# These lie in the regency's first village, the others in the regency itself.
IN_VILLAGE = {"proposal", "person", "conflict", "evidence", "photo", "paper", "row_document"}


def village_of(regency: str) -> str:
    """The first village of a regency."""
    return min(code for code in country.CODES.values() if code.startswith(regency))


def made_in(regency: str) -> dict[str, Any]:
    """Kind → key of an object in this regency. Written as the owner.

    Agencies, clients, editions, cycles, programmes, duplicates and merges belong to no regency.
    """
    village = village_of(regency)
    letter = next(key for key, code in country.CODES.items() if code == village)
    officer = persona("regency_officer", regency, name=f"sender-{regency}")
    batch = _batch(regency, officer)
    proposal = _proposal(batch, village, Point(*country.at(letter), srid=4326), officer)
    client, _secret = agency_client(regency)
    person = a_person(village, name=f"ORANG {regency}")
    question = _answered(person, officer)
    return {
        **question,
        "batch": batch.pk,
        "proposal": proposal.pk,
        "decree": _decree(regency).pk,
        "person": person.pk,
        "user": officer.pk,
        "grant": Grant.objects.get(user=officer).pk,
        "agency": Agency.objects.get(pk=client.agency_id).pk,
        "client": client.pk,
        "job": _job("proposals.check_batch", batch.subject, regency).pk,
        "entry": _entry(batch, regency).pk,
        "edition": BoundaryEdition.objects.order_by("pk").first().pk,
        "cycle": Cycle.objects.order_by("pk").first().pk,
        "region": regency,
        "notice": _notice(officer),
        "programme": Programme.objects.order_by("pk").first().pk,
        "fix": {"batch_id": batch.pk, "fix_id": _fix(batch, regency, officer).pk},
        "document": {"batch_id": batch.pk, "document_id": (kept := _document(village, officer)).pk},
        "row_document": {"pk": proposal.pk, "document_id": kept.pk},
        "draft": _draft(regency, officer, village).pk,
        "upload": _upload(regency, officer).pk,
        "paper": RowPaper.objects.create(
            batch=batch,
            row_number=1,
            document=_document(village, officer, Document.Kind.EVIDENCE, sha256="2" * 64),
            at=NOW,
        ).pk,
        "photo": (photo := _photo(batch, village, officer)).pk,
        "batch_photo": {"batch_id": batch.pk, "photo_id": photo.pk},
        "export": _export_request(batch, officer).pk,
        "readcount": _read_count(officer).pk,
        "duplicate": _duplicate(village),
        "merge": a_merge(a_person(village), a_person(village)).pk,
        **_resources(letter),
        **_delivery(regency),
        **_pair(regency),
        **_disaster(regency, village, officer),
        **figure_objects(regency),
        **_pockets(regency, village),
        "base_layer": BaseLayer.objects.create(
            file_name="jalan.gpkg", attribution="uji", imported_at=NOW, is_ready=True
        ).pk,
    }


def _pockets(regency: str, village: str) -> dict[str, Any]:
    """Two editions in force that differ about the village, a third one, and a list that asks."""
    known = {"published_date": NOW.date(), "stored_at": NOW, "stored_by": "tests"}
    method = {"programmes": ["PKH"], "per_km2": 5, "percent": 50, "side_m": 500}
    pair = [
        PocketEdition.objects.get_or_create(
            name=f"{origin} uji",
            defaults={"origin": origin, "status": "active", "parameters": method, **known},
        )[0]
        for origin in ("published", "computed")
    ]
    counts = {"families": 20, "persons": 50, "counted": 10, "per_km2": 8.0, "percent": 50.0}
    PocketVillage.objects.create(
        edition=pair[1],
        village_id=village,
        is_pocket=True,
        enrolled=10,
        enrolled_persons={"PKH": 10},
        **counts,
    )
    worklist = Worklist.objects.create(
        kind=asked_pairs.KIND,
        subject=asked_pairs.subject_of_pair((pair[0], pair[1])),
        region_id=regency,
        due_date=NOW.date(),
        total=1,
        made_at=NOW,
    )
    PocketDifference.objects.create(
        published=pair[0],
        computed=pair[1],
        village_id=village,
        kind="computed",
        worklist=worklist,
        **counts,
    )
    ready = PocketEdition.objects.create(
        name=f"Siap {regency}", origin="published", status="ready", **known
    )
    return {"pocket_edition": ready.pk, "pocket_list": worklist.pk, "open_pocket": village}


def _disaster(regency: str, village: str, officer: Any) -> dict[str, Any]:
    """An assessed hazard, a plan with one shipment and a regent's statement, a wall screen."""
    hazard = an_assessed_hazard(village)
    assessment = hazard.assessments.get()
    where = Facility.objects.filter(village=village).latest("pk")
    good = where.stock.latest("pk").good
    plan = Plan.objects.create(
        hazard=hazard,
        assessment=assessment,
        days=3,
        crossing_penalty_m=200_000,
        status="proposed",
        made_at=NOW,
        made_by=officer,
    )
    statement = EmergencyStatement.objects.create(
        hazard=hazard,
        regency_id=regency,
        number=f"361/{regency}",
        date=NOW.date(),
        document=_document(regency, officer, Document.Kind.EMERGENCY),
        added_at=NOW,
        added_by=officer,
    )
    way = {"plan": plan, "village_id": village, "good": good, "quantity": 5}
    PlanNeed.objects.create(**way, urgency=1, sent=5)
    PlanSource.objects.create(plan=plan, facility=where)
    shipment = Shipment.objects.create(**way, facility=where, distance_m=1_000)
    wall = Wall.objects.create(name=f"Ruang {regency}", made_at=NOW, made_by=officer)
    report = SituationReport.objects.create(
        hazard=hazard,
        number=1,
        revision=1,
        content={"title": "Laporan", "facts": [], "sections": []},
        sha256="2" * 64,
        made_at=NOW,
        made_by=officer,
    )
    ReportFile.objects.create(
        report=report, format="pdf", content=b"%PDF-1.4", size=8, sha256="3" * 64
    )
    return {
        "situation_report": report.pk,
        "hazard": hazard.pk,
        "assessment": assessment.pk,
        "plan": plan.pk,
        "statement": {"plan_id": plan.pk, "statement_id": statement.pk},
        "shipment": {"plan_id": plan.pk, "shipment_id": shipment.pk},
        "wall": wall.pk,
        "office_upload": _office_upload(officer).pk,
    }


def _office_upload(user: Any) -> OfficeUpload:
    """A file of facilities whose columns wait to be matched, with a list of findings."""
    upload = OfficeUpload(
        kind="facilities",
        file_name="lumbung.csv",
        file_size=0,
        sha256="0" * 64,
        header=["Tempat", "Macam", "Kode Desa"],
        user=user,
        received_at=NOW,
    )
    upload.file.save("lumbung", ContentFile(b"Tempat;Macam;Kode Desa\nA;B;1\n"), save=False)
    upload.listed.save("lumbung.refused.csv", ContentFile(b"baris,sel\n2,B\n"))
    return upload


def _resources(letter: str) -> dict[str, int]:
    """A facility with one batch of a good, and a responder, in a village."""
    where = facility(f"Lumbung {letter}", letter)
    item = stocked(where, 10)
    who = responder(f"Relawan {letter}", letter, phone=f"0812000001{ord(letter)}")
    return {
        "facility": where.pk, "stockitem": item.pk, "good": item.good_id, "responder": who.pk,
    }  # fmt: skip


def _duplicate(village: str) -> int:
    """A person of whom the register has two rows."""
    one = a_person(village, name=f"GANDA {village}")
    joined(one, a_person(village, name=f"GANDA {village}"))
    return int(one.pk)


def sent_by(client: Client) -> Batch:
    """A row that came through the API, from a client whose agency has one grant."""
    return Batch.objects.create(
        origin=Batch.Origin.API,
        region_id=client.agency.grants.get().region_id,
        agency=client.agency,
        status=Batch.Status.READY,
        received_at=NOW,
        ready_at=NOW,
        rows_read=1,
    )


def _fix(batch: Batch, regency: str, officer: Any) -> Fix:
    fix = Fix.objects.create(
        batch=batch,
        kind=Fix.Kind.SWAP_AXES,
        code="axes_swapped",
        status=Fix.Status.SHOWN,
        user=officer,
        rows=1,
        asked_at=NOW,
    )
    job = _job("proposals.fix_rows", fix.subject, regency)
    Job.objects.filter(pk=job.pk).update(status=Job.Status.RUNNING)
    Job.objects.filter(pk=job.pk).update(status=Job.Status.DONE)
    return fix


def _photo(batch: Batch, village: str, officer: Any) -> HousePhoto:
    """A photo at the batch's first row."""
    stored = Photo.objects.create(
        region_id=village,
        file=ContentFile(photo_files.photo(), name=f"foto-{village}.jpg"),
        size=0,
        width=800,
        height=600,
        sha256=f"{batch.pk:064}",
        sent_sha256=f"{batch.pk:064}",
        user=officer,
        by_name=str(officer),
        at=NOW,
    )
    return HousePhoto.objects.create(
        batch=batch, row_number=1, photo=stored, sent_sha256=stored.sent_sha256, at=NOW
    )


def _document(
    village: str,
    officer: Any,
    kind: Document.Kind = Document.Kind.MINUTES,
    *,
    sha256: str = "1" * 64,
) -> Document:
    is_minutes = kind == Document.Kind.MINUTES
    return Document.objects.create(
        kind=kind,
        number=f"BA/{village}",
        date=NOW.date(),
        region_id=village,
        cycle=Cycle.objects.order_by("pk").first() if is_minutes else None,
        file=ContentFile(b"%PDF-1.4\n%%EOF\n", name=f"ba-{village}.pdf"),
        file_name="ba.pdf",
        media_type="application/pdf",
        size=16,
        sha256=sha256,
        sent_sha256=sha256,
        user=officer,
        by_name=str(officer),
        at=NOW,
    )


def _answered(person: Person, officer: Any) -> dict[str, Any]:
    """An answered question about a person, on its list, with evidence."""
    met = meeting()
    met.link(person, name="NAMA LAIN")
    met.find()
    conflict = Conflict.objects.get(person=person)
    evidence = _document(person.village_id, officer, Document.Kind.EVIDENCE)
    Answer.objects.create(
        conflict=conflict,
        choice=Answer.Choice.THEIRS,
        reason="Dikunjungi",
        document=evidence,
        user=officer,
        at=NOW,
    )
    Conflict.objects.filter(pk=conflict.pk).update(status=Conflict.Status.ANSWERED)
    finish(met.run)
    return {
        "conflict": conflict.pk,
        "worklist": conflict.worklist_id,
        "authority": Authority.objects.order_by("pk").first().pk,
        "evidence": {"pk": conflict.pk, "document_id": evidence.pk},
    }


def _upload(regency: str, officer: Any) -> Upload:
    return Upload.objects.create(
        user=officer,
        region_id=regency,
        file_name=f"belum_{regency}.csv",
        size=9_000,
        created_at=timezone.now(),
        updated_at=timezone.now(),
    )


def _export_request(batch: Batch, officer: Any) -> ExportRequest:
    """Somebody wants to take many rows out."""
    return ExportRequest.objects.create(
        subject=batch.subject,
        part="all",
        name=str(batch),
        region_id=batch.region_id,
        rows=20_000,
        reason="Dicocokkan",
        user=officer,
        asked_at=NOW,
    )


def _read_count(officer: Any) -> ReadCount:
    return ReadCount.objects.create(
        user=officer, day=NOW.date(), kind="lookup", count=900, alarmed_at=NOW, stopped_at=NOW
    )


def _batch(regency: str, officer: Any) -> Batch:
    return Batch.objects.create(
        region_id=regency,
        user=officer,
        status=Batch.Status.READY,
        file_name=f"usulan_{regency}.csv",
        file=ContentFile(b"NIK,NAMA\n1,A\n2,B\n", name=f"usulan_{regency}.csv"),
        header=["NIK", "NAMA"],
        mapping={"nik": 0, "name": 1},
        file_kind="csv",
        received_at=NOW,
        ready_at=NOW,
        rows_read=2,
        counts={"rows": 2, "ready": 1, "held": 1, "verdicts": {"inside": 1}, "findings": {}},
    )


def _proposal(batch: Batch, village: str, location: Point, officer: Any) -> Proposal:
    HeldRow.objects.create(
        batch=batch, row_number=2, village_code=village, values={"name": "BARIS DUA"}
    )
    Finding.objects.create(
        batch=batch, row_number=2, code="name_short", severity=Severity.ERROR, field="name"
    )
    return Proposal.objects.create(
        id=_next_id(),
        batch=batch,
        row_number=1,
        status=Proposal.Status.SUBMITTED,
        nik=f"{batch.pk:012d}9001"[-16:],
        kk=f"{batch.pk:012d}9002"[-16:],
        name=f"CONTOH {village}",
        birth_date="1988-01-12",
        sex="L",
        village_id=village,
        programme_id="PKH",
        location=location,
        verdict=Verdict.INSIDE,
        distance_m=500.0,
        step_by=officer,
        step_at=NOW,
    )


def _next_id() -> int:
    """A key from the sequence of all proposals, so that none is made twice."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT nextval('proposals_proposal_id_seq')")
        return int(cursor.fetchone()[0])


def _draft(regency: str, officer: Any, village: str) -> FormDraft:
    member = {"name": f"DRAF {village}", "nik": f"{regency.replace('.', '')}010190900300"[:16]}
    return FormDraft.objects.create(
        user=officer,
        region_id=regency,
        sections={"family": {"village_code": village}, "members": [member]},
        created_at=NOW,
        updated_at=NOW,
    )


def _decree(regency: str) -> Decree:
    decree = Decree.objects.create(
        number=f"DEC/{regency}",
        date=NOW.date(),
        region_id=regency,
        user=persona("determiner"),
        created_at=NOW,
        annex_csv=ContentFile(b"no\n", name=f"annex-{regency}.csv"),
    )
    _job("proposals.determine", decree.subject, regency)
    return decree


def _job(kind: str, subject: str, regency: str) -> Job:
    return Job.objects.create(
        kind=kind,
        subject=subject,
        region_code=regency,
        actor="system",
        created_at=timezone.now() - timedelta(minutes=5),
        heartbeat_at=timezone.now(),
    )


def _delivery(regency: str) -> dict[str, Any]:
    """A source that only this regency's objects know, and a delivery that waits to be loaded."""
    own = regency.replace(".", "")  # sources are everybody's to see: none is named like a region
    source = sources.create(
        code=f"KEMEN-{own}", values={"name": f"Kementerian {own}", "kind": "programme"}
    )
    received = datasets.receive_dataset(
        file=BytesIO(f"ID,NIK,NAMA\n1,9701011201889001,ORANG {regency}\n".encode()),
        file_name="padan.csv",
        source=source,
        by=None,
        by_name="tests",
        now=NOW,
    )
    return {"source": source.pk, "dataset": received.dataset.pk}


def _pair(regency: str) -> dict[str, int]:
    """A pair to review, in a run of a source that only this regency's objects know."""
    bench = a_bench(f"SRC-{regency.replace('.', '')}")
    pair = bench.pair()
    _job(runs.RECONCILE, bench.run.subject, "")
    return {"run": bench.counted().pk, "pair": pair.pk, "pairing": bench.pairing.pk}


def _notice(officer: Any) -> int:
    """A notice of a person who is none of the table's."""
    notice = Notice.objects.create(
        user=officer, kind=Notice.Kind.ROWS_RETURNED, subject="proposals.Returned", url="/", at=NOW
    )
    return int(notice.pk)


def _entry(batch: Batch, regency: str) -> Entry:
    return Entry.objects.create(
        at=NOW, action=Action.CREATE, actor="system", subject=batch.subject, region_code=regency
    )
