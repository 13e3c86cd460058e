"""NIK and KK numbers: how a screen shows them, and which numbers cannot be an officer's NIK.

The rules for families are only in the SQL of the checks.
"""

from __future__ import annotations

NIK_LENGTH = 16
WOMEN = 40  # is added to the day of birth in a woman's NIK
DAYS_OF_MONTH = (31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)
MASK = "••••••"
MASKED_PHONE = 8  # shorter numbers are hidden completely


def is_number(text: str) -> bool:
    """Whether a text is sixteen plain digits, as every NIK and KK is."""
    return len(text) == NIK_LENGTH and text.isascii() and text.isdigit()


def masked(number: str | None) -> str:
    """A number with its date and half its serial hidden: `350608••••••0001`.

    Text that is not sixteen digits is hidden completely: a broken number may contain a real one.
    """
    if not number:
        return ""
    if not is_number(number):
        return "•" * min(len(number), NIK_LENGTH)
    return f"{number[:6]}{MASK}{number[12:]}"


def masked_phone(number: str) -> str:
    """A phone number with its middle hidden: `0812••••••90`."""
    return f"{number[:4]}{MASK}{number[-2:]}" if len(number) > MASKED_PHONE else MASK


def digits(text: str) -> str:
    """A typed or pasted text without spaces, dots and dashes."""
    return "".join(character for character in text if character not in " .-\u00a0'")


def nik_fault(number: str) -> str:
    """Why a number cannot be a NIK: `nik_shape`, `nik_date`, `nik_serial`, or "".

    For users who sign in; the numbers of families are checked with their batch.
    """
    if not is_number(number):
        return "nik_shape"
    day, month = int(number[6:8]), int(number[8:10])
    day -= WOMEN if day > WOMEN else 0
    # 29 February is valid in every year: two digits do not show the century
    if not 1 <= month <= 12 or not 1 <= day <= DAYS_OF_MONTH[month - 1]:
        return "nik_date"
    if number[:2] == "00" or number[12:] == "0000":
        return "nik_serial"
    return ""
