"""What the register refuses, in words."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from apps.common.errors import DomainError

TEXTS = {
    "too_many_hits": _(
        "More than {most} persons fit. Nothing is shown; add the NIK, the KK number or the date of"
        " birth."
    ),
    "nothing_asked": _(
        "Nothing to search for: fill in a NIK, a KK number, or name and date of birth."
    ),
    "no_reason": _("The number stays masked: choose the reason for which you need it."),
    "not_allowed": _("Your role does not show whole numbers in this region."),
}


def text(refused: DomainError) -> str:
    """A refusal as a sentence."""
    return str(TEXTS[refused.code]).format(**refused.params)
