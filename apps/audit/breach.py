"""What one actor saw, exported or changed in a period: who, what, how many and when. For the notice
that is due within three days of a breach (UU 27/2022, article 46).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from psycopg.types.json import Jsonb

from apps.common import sql


@dataclass(frozen=True)
class Touched:
    """One subject (`app.Model:id`, or `app.Model:id#row` for a row of a file) and what was done to
    it.
    """

    subject: str
    actions: tuple[str, ...]
    entries: int
    first_at: datetime
    last_at: datetime

    @property
    def label(self) -> str:
        """Its kind: `registry.Person`; rows of a file have a label of their own."""
        label = self.subject.partition(":")[0]
        return f"{label}#row" if "#" in self.subject else label


@dataclass(frozen=True)
class Acts:
    """How often each act was done from one address. `exported_rows` is the number of
    rows in files.
    """

    action: str
    address: str
    entries: int
    exported_rows: int
    first_at: datetime
    last_at: datetime


@dataclass(frozen=True)
class BreachReport:
    acts: tuple[Acts, ...]
    touched: tuple[Touched, ...]

    def counts(self) -> dict[str, int]:
        """Label → number of different subjects."""
        found: dict[str, int] = {}
        for one in self.touched:
            found[one.label] = found.get(one.label, 0) + 1
        return found


def report_breach(
    *, actor: str, since: datetime, until: datetime, labels: Mapping[str, str]
) -> BreachReport:
    """The recorded acts of an actor (`user:12`) from `since` until before `until`.

    `labels` maps a key of `details` to the label of the ids that entries list under it, e.g.
    persons → registry.Person. A file that was exported whole is one subject; its number of rows is
    in its acts.
    Queries: two, which read the entries of one actor.
    """
    given = {"actor": actor, "since": since, "until": until}
    acts = tuple(Acts(*row) for row in sql.run("audit/report_acts", given))
    rows = sql.run("audit/report_touched", given | {"labels": Jsonb(dict(labels))})
    touched = tuple(Touched(row[0], tuple(row[1]), *row[2:]) for row in rows)
    return BreachReport(acts, touched)
