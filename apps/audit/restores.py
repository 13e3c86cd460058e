"""Acknowledging a restore of an older copy: who, why, from which backup.

A restore removes entries that anchors name. Every verification reports it until a person
acknowledges it. The acknowledgement is a signed line among the anchors and an entry of the trail;
every later verification names it. A problem with another cause is never acknowledged.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from apps.audit import anchors, record, verify
from apps.audit.anchors import Anchor
from apps.audit.models import Action, Seal
from apps.audit.seal import seal_entries
from apps.audit.subjects import Actor, Subject

# The problems that a verification reports after an older copy was put back; no others.
EXPLAINED: Final = {"tail_cut", "chain_rewritten"}


@dataclass(frozen=True)
class Head:
    """The head of the chain in a backup, as the backup records it."""

    position: int
    digest: str


def acknowledge(
    *, by: str, reason: str, backup: str, now: datetime, head: Head | None = None
) -> Anchor:
    """Acknowledge that an older copy was put back. Later verifications name it and pass.

    Raises: DomainError, for the first problem with another cause.
    """
    seal_entries()  # entries that were unsealed in the backup are sealed first
    report = verify.verify(now=now)
    for problem in report.problems:
        if problem.code not in EXPLAINED:
            raise problem.refusal()
    lines = verify.counting(anchors.read())
    held = {
        position: bytes(digest).hex()
        for position, digest in Seal.objects.filter(
            position__in={line.position for line in lines} | {head.position if head else 0}
        ).values_list("position", "digest")
    }
    lost = [line.position for line in lines if held.get(line.position) != line.digest]
    after = max((one.position for one in lines if one.position not in lost), default=0)
    if any(position < after for position in lost):
        # a position beyond the first lost line cannot belong to the old chain
        raise (report.first_bad or verify.Problem("chain_rewritten", after, 0)).refusal()
    if head is not None and head.position and held.get(head.position) != head.digest:
        raise verify.Problem("chain_rewritten", head.position, 0).refusal()
    what = {"by": by, "reason": reason, "backup": backup, "after": after}
    record.entry(
        Action.RUN,
        about=Subject("audit.Restore"),
        reason=reason,
        by=Actor(name=by),
        backup=backup,
        after=after,
        lost_to=max(lost, default=after),
    )
    seal_entries()
    line = anchors.write(now=now, restored=json.dumps(what))
    assert line is not None, "the entry above was sealed"
    return line
