"""NIK and KK numbers of made-up people: well formed, unique, with serials that real ones lack."""

from datetime import date
from functools import lru_cache
from typing import NamedTuple

OLDEST = date(1925, 1, 1)


class Serials(NamedTuple):
    """Ranges of serials, so that a register, its KK numbers and batches never collide.

    Batches are shifted by their seed within the range, so that two of them rarely share a NIK.
    """

    nik: range
    kk: range
    shift: int = 0


REGISTER = Serials(nik=range(9000, 9400), kk=range(9400, 9500))
BATCH = Serials(nik=range(9500, 9900), kk=range(9900, 10_000))


class SerialsExhausted(ValueError):
    """A district and birth date have more persons than serials."""


class Numbers:
    """Generates NIK and KK numbers; days are proleptic ordinals, districts six digits."""

    def __init__(self, serials: Serials, as_of: date) -> None:
        self._serials = serials
        self._nik_used: dict[str, int] = {}
        self._kk_used: dict[str, int] = {}
        self._first = OLDEST.toordinal()
        self._days = _written_days(as_of)

    def nik(self, district: str, born: int, sex: str) -> str:
        stem = district + self._days[sex][born - self._first]
        return self._numbered(stem, self._nik_used, self._serials.nik)

    def kk(self, district: str, issued: int) -> str:
        stem = district + self._days["L"][issued - self._first]
        return self._numbered(stem, self._kk_used, self._serials.kk)

    def _numbered(self, stem: str, used: dict[str, int], serials: range) -> str:
        count = used.get(stem, 0)
        if count >= len(serials):
            raise SerialsExhausted(f"{stem}: all {len(serials)} serials are used; add villages")
        used[stem] = count + 1
        return f"{stem}{serials[(count + self._serials.shift) % len(serials)]}"


@lru_cache(maxsize=4)
def _written_days(as_of: date) -> dict[str, list[str]]:
    """Every day since the oldest in the notation of a NIK of that sex."""
    days = [date.fromordinal(day) for day in range(OLDEST.toordinal(), as_of.toordinal() + 1)]
    return {
        sex: [f"{day.day + added:02d}{day.month:02d}{day.year % 100:02d}" for day in days]
        for sex, added in (("L", 0), ("P", 40))
    }
