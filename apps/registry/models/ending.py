"""Why a person or an enrolment left the register."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _


class EndReason(models.TextChoices):
    """Source: usul hapus of SIKS-NG; Permensos 3/2021 (verification and validation)."""

    DECEASED = "deceased", _("Deceased")
    MOVED = "moved", _("Moved away")
    ABLE = "able", _("Able to live without aid")
    RESIGNED = "resigned", _("Resigned")
    EMPLOYED = "employed", _("Employed by the state (civil servant, soldier, police)")
    DUPLICATE = "duplicate", _("Registered twice")
    NOT_FOUND = "not_found", _("Not found at the address")
