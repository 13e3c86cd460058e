"""Many rows of everything that a page can list, around the objects of one regency."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from apps.accounts.models import Agency, Client, Grant, User
from apps.audit.models import Action, Entry
from apps.casework.models import Cycle
from apps.demo import country
from apps.indicators.models import PocketDifference, PocketEdition, PocketVillage
from apps.jobs.models import Job
from apps.proposals import rules
from apps.proposals.models import Batch, Decision, Decree, Finding, HeldRow, Proposal
from apps.reconciliation.models import Run
from apps.regions.models import BoundaryEdition, Level, QualityIssue, Region
from apps.registry.models import Change, Claim, Enrolment, Person, Programme
from tests.base import NOW
from tests.indicators.figures.objects import more_figures
from tests.personas import OWN, grant, persona
from tests.proposals.factory import proposals
from tests.reconciliation.linked import finish, meeting
from tests.reconciliation.pairs import Bench, a_bench
from tests.reconciliation.sample_duplicates import a_merge, joined
from tests.registry.people import a_change, a_person

VILLAGE_B = "97.01.01.2002"

SUBJECTS = {
    "person": "registry.Person",
    "programme": "registry.Programme",
    "cycle": "casework.Cycle",
    "region": "regions.Region",
    "entry": "audit.Entry",
}


def crowd(kinds: dict[str, Any], numbers: range) -> None:
    """One more of each kind, and of what hangs on the objects, for each number; by the owner."""
    batch = Batch.objects.get(pk=kinds["batch"])
    _principals(kinds, numbers)
    _places(kinds, numbers)
    _batches(batch, numbers)
    _rows(batch, Proposal.objects.get(pk=kinds["proposal"]), numbers)
    _decrees(Decree.objects.get(pk=kinds["decree"]), numbers)
    _register(Person.objects.get(pk=kinds["person"]), numbers)
    _trail(kinds, numbers)
    _pairs(Run.objects.get(pk=kinds["run"]), numbers)
    _questions(numbers)
    _duplicates(kinds, numbers)
    more_figures(kinds, numbers)
    _pockets(kinds, numbers)


def _pockets(kinds: dict[str, Any], numbers: range) -> None:
    """Further villages in which the editions in force differ, on the list of the regency."""
    pair = {
        origin: PocketEdition.objects.get(origin=origin, status="active")
        for origin in PocketEdition.Origin.values
    }
    villages = sorted(country.CODES.values())
    for number in numbers:
        code = villages[number % len(villages)]
        counts = {"families": 20 + number, "persons": 50, "counted": 10}
        PocketVillage.objects.get_or_create(
            edition=pair["computed"], village_id=code, defaults={"is_pocket": True, **counts}
        )
        PocketDifference.objects.get_or_create(
            **pair,
            village_id=code,
            defaults={"kind": "computed", "worklist_id": kinds["pocket_list"], **counts},
        )


def _questions(numbers: range) -> None:
    """Open and answered questions of a run, on its lists."""
    met = meeting()
    for number in numbers:
        met.link(a_person(name=f"TANYA {number}"), name=f"LAIN {number}", village_code=VILLAGE_B)
    met.find()
    finish(met.run)


def _principals(kinds: dict[str, Any], numbers: range) -> None:
    user, agency = User.objects.get(pk=kinds["user"]), Agency.objects.get(pk=kinds["agency"])
    places = [code for code in country.CODES.values() if code.startswith(OWN)]
    for place in places[numbers.start : numbers.stop]:
        grant(user, "regency_officer", place)
    for number in numbers:
        persona("verifier", OWN, name=f"orang-{number}")
        other = Agency.objects.create(code=f"instansi-{number}", name=f"Instansi {number}")
        for owner in (agency, other):
            Client.objects.create(
                agency=owner,
                name=f"program {number}",
                client_type=Client.CLIENT_CONFIDENTIAL,
                authorization_grant_type=Client.GRANT_CLIENT_CREDENTIALS,
                client_secret="rahasia",
            )
        Grant.objects.create(
            agency=other,
            role="agency",
            region_id=OWN,
            active_from=NOW,
            active_until=NOW + timedelta(days=300),
            granted_by="tests",
            granted_at=NOW,
        )


def _places(kinds: dict[str, Any], numbers: range) -> None:
    for number in numbers:
        Region.objects.create(
            code=f"{OWN}.01.{2900 + number}",
            name=f"Desa {number}",
            level=Level.VILLAGE,
            parent_id=f"{OWN}.01",
        )
        BoundaryEdition.objects.create(
            name=f"Edisi {number}",
            published_date=date(2025, 1, 31),
            status=BoundaryEdition.Status.READY,
            file_name="toy.gpkg",
            sha256=f"{number:064d}"[::-1],
            received_at=NOW,
            received_by="tests",
        )
        QualityIssue.objects.create(
            edition_id=kinds["edition"],
            kind=list(QualityIssue.Kind)[number % len(QualityIssue.Kind)],
            region_code=f"{OWN}.01.{2900 + number}",
            area_m2=12.0,
        )
        start = date(2027, 1, 1) + timedelta(days=40 * number)
        Cycle.objects.create(
            name=f"Siklus {number}",
            opens_date=start,
            cutoff_date=start + timedelta(days=20),
            draw_date=start + timedelta(days=25),
        )


def _batches(batch: Batch, numbers: range) -> None:
    for number in numbers:
        Batch.objects.create(
            region_id=OWN,
            user=persona("regency_officer", OWN, name=f"pengirim-{number}"),
            status=Batch.Status.READY,
            file_name=f"usulan-{number}.csv",
            received_at=NOW,
            ready_at=NOW,
            counts={"rows": 1, "ready": 1, "held": 0, "verdicts": {}, "findings": {}},
        )
        Job.objects.create(
            kind="proposals.check_batch",
            subject=batch.subject,
            region_code=OWN,
            actor="system",
            created_at=NOW,
            status=Job.Status.DONE,
            heartbeat_at=NOW,
        )


def _rows(batch: Batch, proposal: Proposal, numbers: range) -> None:
    for number in numbers:
        HeldRow.objects.create(
            batch=batch,
            row_number=10 + number,
            village_code=proposal.village_id,
            values={"name": "A"},
        )
        for code in rules.RULES:
            Finding.objects.create(
                batch=batch, row_number=10 + number, code=code, severity=rules.RULES[code].severity
            )
        Decision.objects.create(
            proposal=proposal,
            village_id=proposal.village_id,
            from_status="draft",
            to_status="submitted",
            by=persona("regency_officer", OWN, name=f"pengirim-{number}"),
            by_name="Pengirim",
            at=NOW,
        )
    proposals(
        batch,
        len(numbers),
        first=110 + numbers.start,
        status=Proposal.Status.SUBMITTED,
        kk=proposal.kk,
    )
    batch.counts |= {"findings": dict.fromkeys(rules.RULES, numbers.stop), "held": numbers.stop}
    batch.save(update_fields=["counts"])


def _decrees(decree: Decree, numbers: range) -> None:
    for number in numbers:
        Decree.objects.create(
            number=f"LAIN/{number}",
            date=NOW.date(),
            region_id=OWN,
            user=persona("determiner", name=f"penetap-{number}"),
            created_at=NOW,
        )


def _register(person: Person, numbers: range) -> None:
    for number in numbers:
        Programme.objects.create(code=f"P{number}", name=f"Program {number}")
        other = a_person(person.village_id, name=person.name)
        Person.objects.create(
            family=person.family,
            village_id=person.village_id,
            nik=f"97010152018890{number:02d}",
            name=f"ANGGOTA {number}",
            birth_date=date(1999, 1, 1),
            change=other.change,
        )
        Enrolment.objects.create(
            person=person,
            village_id=person.village_id,
            programme_id=f"P{number}",
            active_from=date(2026, 1, 1),
            change=other.change,
        )
        Claim.objects.create(
            person=person,
            village_id=person.village_id,
            field="name",
            value=f"NAMA {number}",
            source="dtks",
            change=other.change,
        )
        person.mother_name, person.change = f"IBU {number}", a_change()
        person.save(update_fields=["mother_name", "change"])


def _trail(kinds: dict[str, Any], numbers: range) -> None:
    subjects = [f"{label}:{kinds[kind]}" for kind, label in SUBJECTS.items()]
    Entry.objects.bulk_create(
        Entry(
            at=NOW,
            action=Action.READ,
            actor=f"user:{number}",
            actor_name=f"Orang {number}",
            subject=subject,
            region_code=OWN,
        )
        for number in numbers
        for subject in subjects
    )


def _duplicates(kinds: dict[str, Any], numbers: range) -> None:
    one, merge = Person.objects.get(pk=kinds["duplicate"]), Change.objects.get(pk=kinds["merge"])
    for number in numbers:
        joined(one, a_person(one.village_id, name=f"GANDA {number}"))
        joined(a_person(one.village_id), a_person(one.village_id))
        a_merge(a_person(one.village_id), a_person(one.village_id))
        a_merge(a_person(one.village_id), a_person(one.village_id), merge)


def _pairs(run: Run, numbers: range) -> None:
    """Pairs of one run that hang on each other, and other sources with runs of their own."""
    bench = Bench(run.left.source, run.pairing.right, run)
    for number in numbers:
        right = bench.pair().right
        bench.pair("linked", right=right)
        a_bench(f"SUMBER-{number}").pair()
