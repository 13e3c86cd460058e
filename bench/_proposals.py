"""Made-up proposals of one batch, as many as wanted, in given villages, by one statement."""

from __future__ import annotations

import random
from collections.abc import Sequence
from typing import Any

from django.db import connection
from django.utils import timezone

from apps.accounts.models import User
from apps.demo.population import names
from apps.proposals.models import Batch
from apps.regions.models import Region

# `%(mixed)s`: half of them wait for verification, the rest are further on; else all wait.
INSERT = """
INSERT INTO proposals_proposal (id, batch_id, row_number, kind, status, nik, kk, name, title,
    birth_place, birth_date, sex, mother_name, relation, occupation, marital_status, address,
    rt, rw, village_id, programme_id, disability_kind, is_pregnant, ppks, location, verdict,
    distance_m, flags, severity, step_at)
SELECT nextval('proposals_proposal_id_seq'), %(batch)s, n, 'new',
       CASE WHEN %(mixed)s THEN (ARRAY['submitted','submitted','submitted','verified','endorsed',
                                       'returned'])[1 + n %% 6] ELSE 'submitted' END,
       lpad(n::text, 16, '1'), lpad((n / 3)::text, 16, '2'),
       (%(names)s::text[])[1 + n %% array_length(%(names)s::text[], 1)], '', '',
       date '1940-01-01' + (n::bigint * 7919 %% 29000)::int, 'L', 'IBU', '', '', '', 'JL. CONTOH',
       '001', '002',
       (%(villages)s::text[])[1 + n %% array_length(%(villages)s::text[], 1)],
       (ARRAY['PKH','SEMBAKO','BST'])[1 + n %% 3], '', false, '{}',
       ST_SetSRID(ST_MakePoint(%(west)s + (n %% 997) * %(wide)s / 1000.0,
                                -7 + (n %% 991) / 1000.0), 4326),
       CASE WHEN %(mixed)s THEN (ARRAY['inside','inside','inside','inside','inside','inside',
                                       'near_border','neighbour','elsewhere','unmapped']
                                )[1 + n %% 10] ELSE 'inside' END,
       CASE WHEN %(mixed)s AND n %% 10 >= 6 THEN n %% 9000 ELSE 0 END, '{}', n %% 3,
       now() - n * interval '1 minute'
  FROM generate_series(1, %(rows)s) AS n
"""

# What other tables hold about them: a finding of every third row, a comparison with the register of
# every fifth, an answer of the civil register of every sixth, an open question of every hundredth.
BESIDE = """
INSERT INTO proposals_finding (batch_id, row_number, code, severity, field, params)
SELECT batch_id, row_number, (ARRAY['near_border','kk_two_villages'])[1 + id %% 2], 2, '', '{}'
  FROM proposals_proposal WHERE batch_id = %(batch)s AND severity = 2;
INSERT INTO proposals_registeredmatch (proposal_id, village_id, person_id, likely, differs,
    registered, conflicts, move, move_by_name, checked_at)
SELECT id, village_id, id, CASE WHEN id %% 10 = 0 THEN 'other' ELSE 'same' END,
       CASE WHEN id %% 3 = 0 THEN ARRAY['name']::varchar[] ELSE '{}' END, '{}', '{}', '', '', now()
  FROM proposals_proposal WHERE batch_id = %(batch)s AND row_number %% 5 = 0;
INSERT INTO proposals_civilmatch (proposal_id, village_id, status, differs, source, fault, attempts,
    checked_at)
SELECT id, village_id, CASE WHEN id %% 9 = 0 THEN 'not_matched' ELSE 'matched' END, '{}', 'CONTOH',
       '', 0, now()
  FROM proposals_proposal WHERE batch_id = %(batch)s AND row_number %% 6 = 0;
INSERT INTO proposals_question (id, proposal_id, village_id, text, by_id, by_name, at, answer,
    answered_by_name)
SELECT id, id, village_id, 'CONTOH', %(sender)s, 'CONTOH', now(), '', ''
  FROM proposals_proposal WHERE batch_id = %(batch)s AND row_number %% 100 = 0;
"""


def pool() -> list[str]:
    """Some thousand names, the same ones each time."""
    rng = random.Random(2026)  # noqa: S311
    return [*names.pool("P", rng), *names.pool("L", rng)]


def insert(
    *,
    sender: User,
    region: Region,
    villages: Sequence[str],
    rows: int,
    mixed: bool,
    places: tuple[float, float] = (110, 1),
) -> Batch:
    """A submitted batch with so many rows, evenly over the villages; `places` is where their points
    begin in the west and how wide they lie, in degrees.
    """
    batch = Batch.objects.create(
        region=region,
        user=sender,
        file_name=f"contoh_{rows}.csv",
        status="submitted",
        received_at=timezone.now(),
        rows_read=rows,
    )
    params: dict[str, Any] = {
        "batch": batch.pk,
        "villages": list(villages),
        "rows": rows,
        "mixed": mixed,
    }
    params |= {"names": pool(), "west": places[0], "wide": places[1]}
    with connection.cursor() as cursor:
        cursor.execute(INSERT, params)
        cursor.execute("ANALYZE proposals_proposal")
    return batch


def add_beside(batch: Batch, sender: User) -> None:
    """What the filters ask of other tables, for the rows of a batch that has none of it yet."""
    with connection.cursor() as cursor:
        cursor.execute(BESIDE, {"batch": batch.pk, "sender": sender.pk})
        cursor.execute("ANALYZE")
