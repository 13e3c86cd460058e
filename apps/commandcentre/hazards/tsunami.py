"""What BMKG writes of a tsunami that may follow an earthquake (`Potensi`)."""

from __future__ import annotations

import re
from typing import Final

# "Tidak berpotensi tsunami", "Tsunami potential: none".
_NONE: Final = re.compile(r"\b(tidak|tdk|belum|bukan|no|none|not)\b", re.IGNORECASE)


def is_expected(text: str) -> bool | None:
    """Whether a text warns of a tsunami; None where it says nothing of one."""
    if "tsunami" not in text.lower():
        return None
    return _NONE.search(text) is None
