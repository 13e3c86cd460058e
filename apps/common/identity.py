"""NIK and KK numbers: how they look on a screen. Their rules stand in the checks' SQL, once."""

from __future__ import annotations

NIK_LENGTH = 16
MASK = "••••••"


def masked(number: str | None) -> str:
    """A number with its date and half its serial hidden: `350608••••••0001`.

    Anything that is not sixteen digits is hidden whole: a broken number may hold a real one.
    """
    if not number:
        return ""
    if len(number) != NIK_LENGTH or not number.isascii() or not number.isdigit():
        return "•" * min(len(number), NIK_LENGTH)
    return f"{number[:6]}{MASK}{number[12:]}"


def digits(text: str) -> str:
    """What a person typed or pasted, without spaces, dots and dashes."""
    return "".join(character for character in text if character not in " .-\u00a0'")
