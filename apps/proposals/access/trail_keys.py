"""The keys under which the audit trail names a person, for the report "who saw me"."""

from __future__ import annotations

from apps.audit.about import Trace, TrailPlace
from apps.common import sql
from apps.registry.models import Person


def of(person: Person) -> Trace:
    """The traces of a person. Queries: one.

    These are the rows merged into the person's, the proposals and uploaded rows under their NIKs,
    and the files with these rows.
    """
    trace = Trace()
    for key, proposal, batch, line, decree, village, x, y in sql.run(
        "proposals/access/find_traces", {"person": person.pk}
    ):
        trace.persons.add(key)
        trace.subjects.add(f"registry.Person:{key}")
        if batch is None:
            continue
        file = f"proposals.Batch:{batch}"
        trace.rows.add((file, line))
        trace.files.add(file)
        if proposal is not None:
            trace.proposals.add(proposal)
            trace.subjects.add(f"proposals.Proposal:{proposal}")
            if x is not None:
                trace.places.append(TrailPlace(x, y, ("ID", *_codes(village))))
        if decree is not None:
            trace.files.add(f"proposals.Decree:{decree}")
    return trace


def _codes(village: str) -> list[str]:
    """The codes of a village (`97.01.01.2001`) and of the regions above it."""
    parts = village.split(".")
    return [".".join(parts[:n]) for n in range(1, len(parts) + 1)]
