"""What BMKG writes of a tsunami that may follow an earthquake (`Potensi`).

A text warns of none only where it says so: where a denial stands directly at the tsunami, or where
its warning is said to be over. In doubt it warns.
"""

from __future__ import annotations

import re
from typing import Final

# A full stop inside a number or a time ends nothing: "gempa M 7.4, 10.20 WIB".
_SENTENCE: Final = re.compile(r"[.;!?](?=\s|$)|\n")
# What may stand between a denial and its tsunami: "tidak ada potensi gelombang tsunami".
_BETWEEN: Final = (
    r"(?:akan|ada|adanya|terdapat|terdeteksi|terjadi|berpotensi|potensi|potensial|menimbulkan"
    r"|memicu|menyebabkan|mengakibatkan|membangkitkan|ancaman|peringatan|dini|bahaya|risiko|resiko"
    r"|gelombang|any|a|of|for|to|known|potential|threat|danger|risk|warning|generate|cause|trigger"
    r"|expected|be)"
)
_DENIED_BEFORE: Final = re.compile(
    rf"\b(?:tidak|tdk|tak|bukan|tanpa|nihil|no|not|without)\s+(?:{_BETWEEN}\s+){{0,5}}tsunami\b"
)
# "Potensi tsunami: tidak ada", "tsunami potential: none", "tsunami is not expected".
_DENIED_AFTER: Final = re.compile(
    r"\btsunami(?:\s+(?:potential|threat|warning|is|are|was|will))*\s*[:=–-]?\s*"
    r"(?:not\s+(?:expected|likely|in\s+effect|issued)\b"
    r"|(?:nihil|none|(?:tidak|tdk|tak|no)(?:\s+(?:ada|terjadi|terdeteksi))?)(?=\s*(?:[,)]|$)))"
)
_OVER: Final = re.compile(
    r"\b(?:berakhir|diakhiri|dicabut|dibatalkan|ended|over|lifted|cancell?ed|expired)\b"
)
# What makes the end of a warning one that has not come, or not for all: "sampai diakhiri".
_NOT_OVER: Final = re.compile(
    r"\b(?:belum|tidak|tdk|sebelum|sampai|hingga|jika|bila|apabila|akan|masih|tetap"
    r"|not|until|before|if|unless|will|still)\b"
)
_WARNING: Final = re.compile(
    r"\b(?:(?:ber)?potensi\w*|peringatan|ancaman|waspada\w*|awas|siaga)\b(?:\W+\w+){0,3}?\W+tsunami\b"
    r"|\btsunami\s+(?:warning|alert|threat|watch|advisory|is\s+expected|is\s+likely)\b"
)


def is_expected(text: str) -> bool | None:
    """Whether a text warns of a tsunami; None where it says nothing of one."""
    told = [_warns(part) for part in _SENTENCE.split(text.lower()) if "tsunami" in part]
    if not told:
        return None
    return True in told or False not in told


def _warns(sentence: str) -> bool | None:
    """Whether one sentence warns; None where it only names a tsunami."""
    words = " ".join(sentence.split())
    over = _OVER.search(words)
    if over is not None and _NOT_OVER.search(words) is None:
        return False
    left = _DENIED_AFTER.sub(" ", _DENIED_BEFORE.sub(" ", words))
    if left == words:
        return True if _WARNING.search(words) or over is not None else None
    return _WARNING.search(left) is not None
