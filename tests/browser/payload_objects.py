"""Rows that hold texts and that the objects of the access tables have none of. By the owner."""

from __future__ import annotations

from typing import Any

from apps.accounts.models import User
from apps.commandcentre.models import (
    Call,
    Facility,
    MinimumLevel,
    RefusedMessage,
    Responder,
    ShiftEntry,
    Shipment,
    ShipmentCorrection,
    StockItem,
    VillageZone,
    ZoneEdition,
)
from apps.proposals.models import (
    Amendment,
    Batch,
    CivilMatch,
    Decision,
    PhotoArchive,
    Proposal,
    Question,
    RegisteredMatch,
    SavedFilter,
)
from apps.reconciliation.models import Judgement, Lock
from apps.regions.models import BoundaryEdition, QualityIssue
from apps.registry.models import Claim, Person
from tests.base import NOW
from tests.personas import OWN
from tests.registry.people import a_change


def told_about(proposal: Proposal, by: User, to: str = "submitted") -> None:
    """A decision with its reason, a question and its answer."""
    where = {"proposal": proposal, "village_id": proposal.village_id, "by": by, "by_name": str(by)}
    Decision.objects.create(
        **where, from_status="submitted", to_status=to, reason="wrong_point", note="Titik", at=NOW
    )
    Question.objects.create(
        **where,
        text="Di mana?",
        at=NOW,
        answer="Di sini",
        answered_by=by,
        answered_by_name=str(by),
        answered_at=NOW,
    )


def amended(proposal: Proposal, by: User) -> None:
    """A mending that was refused."""
    Amendment.objects.create(
        proposal=proposal,
        village_id=proposal.village_id,
        status=Amendment.Status.REFUSED,
        values={"address": "JL. LAIN"},
        before={"address": proposal.address},
        note="Alamat baru",
        user=by,
        at=NOW,
        done_at=NOW,
    )


def more_objects(made: dict[str, Any], verifier: User) -> None:
    """What hangs on the objects of `made`: comparisons, names, notes, remarks."""
    proposal = Proposal.objects.get(pk=made["proposal"])
    person = Person.objects.get(pk=made["person"])
    village, batch = proposal.village_id, Batch.objects.get(pk=made["batch"])
    told_about(proposal, verifier)
    at_village = {"proposal": proposal, "village_id": village, "checked_at": NOW}
    CivilMatch.objects.create(**at_village, status="matched", source="Dukcapil")
    RegisteredMatch.objects.create(
        **at_village,
        person_id=person.pk,
        likely="same",
        differs=["name"],
        registered={"name": person.name},
    )
    PhotoArchive.objects.create(
        batch=batch,
        user=verifier,
        file_name="foto.zip",
        size=1,
        result={"added": 1, "unknown": ["depan.jpg"], "unknown_count": 1},
        at=NOW,
        done_at=NOW,
    )
    SavedFilter.objects.create(
        user=verifier,
        name="Meragukan",
        query="status=submitted",
        offices=[OWN],
        is_shared=True,
        saved_at=NOW,
    )
    QualityIssue.objects.create(
        edition=BoundaryEdition.objects.get(pk=made["edition"]),
        kind=QualityIssue.Kind.OVERLAP,
        region_code=village,
        name="Desa",
        area_m2=12.0,
    )
    _register(person, verifier)
    _centre(made, village, verifier)
    Judgement.objects.create(
        left_source="PKH",
        left_ref="1",
        right_source="REGISTER",
        right_ref="2",
        pair_id=made["pair"],
        outcome="same",
        note="Sama",
        at=NOW,
        user=verifier,
    )


def _register(person: Person, by: User) -> None:
    here = {"person": person, "village_id": person.village_id}
    Claim.objects.create(**here, field="name", value="LAIN", source="dtks", change=a_change())
    Lock.objects.create(**here, field="name", reason="Dicek", user=by, at=NOW)
    person.mother_name, person.change = "IBU LAIN", a_change()
    person.save(update_fields=["mother_name", "change"])


def _centre(made: dict[str, Any], village: str, by: User) -> None:
    hazard = {"hazard_id": made["hazard"], "by": by, "at": NOW}
    responder = Responder.objects.get(pk=made["responder"])
    Call.objects.create(
        **hazard, village_id=village, responder=responder, outcome="coming", note="Siap"
    )
    ShiftEntry.objects.create(**hazard, kind="note", text="Hujan")
    ShipmentCorrection.objects.create(
        shipment=Shipment.objects.get(),
        former_status="received",
        former_quantity=9,
        status="received",
        quantity=8,
        reason="Salah ketik",
        at=NOW,
        by=by,
    )
    MinimumLevel.objects.create(
        facility=Facility.objects.get(pk=made["facility"]),
        good=StockItem.objects.get(pk=made["stockitem"]).good,
        quantity=99,
        updated_at=NOW,
        updated_by="Petugas",
    )
    RefusedMessage.objects.create(
        feed="bmkg-felt",
        code="quake_magnitude",
        params={"found": "besar"},
        sha256="1" * 64,
        content="{}",
        first_at=NOW,
        last_at=NOW,
    )
    zones = ZoneEdition.objects.create(
        kind="flood",
        name="Banjir",
        measure="class",
        file_name="banjir.gpkg",
        sha256="1" * 64,
        received_at=NOW,
        received_by="tests",
    )
    VillageZone.objects.create(
        edition=zones, village_id=village, hazard_class=3, share_class=0.5, share_any=0.5
    )
