"""Refuses passwords that are known or easy to guess: breached passwords, words and patterns.

It works offline with zxcvbn's lists of breached passwords, names and words, and with words of this
country and of the ministry. The rule is the number of guesses that a password needs, not which
characters it contains.
"""

from __future__ import annotations

import re
from typing import Any, Final

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from zxcvbn import zxcvbn

# 3 of 4: more than 10^8 guesses. At the limits of the sign-in that takes some thousand years.
ENOUGH: Final = 3
LONGEST: Final = 32  # characters that are checked; more are slow and do not change the result
# Common first parts of passwords here that English lists lack, by frequency.
_WORDS: Final = """
    dtks dtsen siksng siks kemensos dinsos dinas sosial bansos pusdatin kementerian portal admin
    administrator petugas operator verifikator kepala pendamping desa kelurahan kecamatan
    kabupaten provinsi kota katasandi sandi rahasia kunci masuk selamat pagi siang malam
    indonesia merdeka pancasila garuda nusantara negara bangsa bhinneka republik jakarta bandung
    surabaya semarang yogyakarta jogja medan makassar palembang denpasar bali jawa sumatera
    kalimantan sulawesi papua maluku aceh lampung banten bismillah alhamdulillah assalamualaikum
    insyaallah allah muhammad ahmad budi siti nur dewi agus eko putri putra sri wati sayang
    sayangku cinta cintaku kamu aku keluarga anak ibu bapak ayah mama papa bunda bahagia sukses
    semangat bersama januari februari maret april mei juni juli agustus september oktober
    november desember senin selasa rabu kamis jumat sabtu minggu satu dua tiga empat lima enam
    tujuh delapan sembilan sepuluh qwerty persib persija arema bola kucing ayam garam kopi nasi
    goreng terima kasih tolong buka password uji coba contoh
"""
WORDS: Final = _WORDS.split()


class NotGuessed:
    """A Django validator: refuses a password that needs too few guesses."""

    def validate(self, password: str, user: Any = None) -> None:
        known = [*_of_person(user), *WORDS]
        found = zxcvbn(password[:LONGEST], user_inputs=known, max_length=LONGEST)
        if found["score"] < ENOUGH:
            raise ValidationError(
                _(
                    "This password is known from breaches or soon guessed. Take four or more words"
                    " that have nothing to do with each other, or let a password manager make one."
                ),
                code="password_guessed",
            )

    def get_help_text(self) -> str:
        return _("Not a password that others use, nor words, names and years that belong together.")


def _of_person(user: Any) -> list[str]:
    """Words that are easy to know about a user: those of their name, address and user name."""
    told = [getattr(user, name, "") or "" for name in ("username", "full_name", "email")]
    return [word for text in told for word in re.split(r"[\W_]+", text) if len(word) > 1]
