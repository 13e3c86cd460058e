"""The states of a publication and its moves; what measures and pockets have in common."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from django.db import models
from django.utils.translation import gettext_lazy as _

from apps.common.states import Moves

# The beginning of the names of what is counted by programme.
PROGRAMME: Final = "programme_"
# The steps of a count that find the proposed families, by the name of their result: one rule.
PROPOSED: Final[Mapping[str, str]] = {
    "proposals": "indicators/read_proposals",
    "proposed": "indicators/find_proposed",
}


class PublicationStatus(models.TextChoices):
    """Where a publication is. Only a stored one has made releases."""

    RECEIVED = "received", _("Received")
    REVIEW = "review", _("Waits for a planner")
    STORED = "stored", _("Stored")
    FAILED = "failed", _("Not stored")
    DISCARDED = "discarded", _("Discarded")


PUBLICATION_TRANSITIONS: Moves = {
    PublicationStatus.RECEIVED: {
        PublicationStatus.REVIEW,
        PublicationStatus.STORED,
        PublicationStatus.FAILED,
    },
    PublicationStatus.REVIEW: {PublicationStatus.RECEIVED, PublicationStatus.DISCARDED},
    PublicationStatus.FAILED: {PublicationStatus.RECEIVED, PublicationStatus.DISCARDED},
    PublicationStatus.STORED: set(),
    PublicationStatus.DISCARDED: set(),
}
