"""What is said of a tsunami: a denial, the end of a warning, and whatever else warns."""

from __future__ import annotations

import pytest

from apps.commandcentre.hazards import tsunami


@pytest.mark.parametrize(
    "text",
    [
        "Berpotensi tsunami untuk diteruskan pada masyarakat",
        "Berpotensi TSUNAMI. Masyarakat diimbau tidak panik",
        "Masyarakat diimbau tidak panik, gempa ini berpotensi tsunami",
        "BERPOTENSI TSUNAMI TIDAK PERLU PANIK",
        "Jangan panik karena berpotensi tsunami: belum ada gelombang yang tercatat",
        "Berpotensi tsunami tidak ada waktu untuk menunggu",
        "Belum diketahui berpotensi tsunami atau tidak",
        "Tidak berpotensi tsunami di Bali, berpotensi tsunami di Lombok",
        "Peringatan dini tsunami belum berakhir",
        "Berpotensi tsunami sampai peringatan diakhiri",
        "Peringatan dini tsunami diakhiri untuk Bali, di Lombok masih berlaku",
        "Peringatan dini tsunami. Tunggu sampai dinyatakan berakhir",
        "Tsunami warning in effect; this is not a drill",
        "Isu tsunami",
    ],
)
def test_a_text_warns_unless_it_denies_at_the_tsunami_itself(text):
    assert tsunami.is_expected(text) is True


@pytest.mark.parametrize(
    "text",
    [
        "Tidak berpotensi tsunami",
        "Tidak Berpotensi TSUNAMI.",
        "Gempa ini tdk berpotensi menimbulkan tsunami",
        "Gempa M 7.4 pukul 10.20 WIB tidak berpotensi tsunami. Waspada gempa susulan",
        "Tidak berpotensi tsunami. Jangan percaya isu tsunami",
        "Tidak ada peringatan dini tsunami",
        "Peringatan dini tsunami: tidak ada",
        "Potensi tsunami: tidak",
        "Potensi tsunami nihil",
        "No tsunami threat",
        "There is no tsunami warning",
        "Tsunami potential: none",
        "A tsunami is not expected",
        "This earthquake will not generate a tsunami",
    ],
)
def test_a_denial_at_the_tsunami_warns_of_none(text):
    assert tsunami.is_expected(text) is False


@pytest.mark.parametrize(
    "text",
    [
        "Peringatan dini tsunami telah berakhir",
        "Peringatan Dini TSUNAMI yang disebabkan gempa mag:7.4, 10.20 WIB, dinyatakan BERAKHIR",
        "Peringatan dini tsunami diakhiri.",
        "Peringatan dini tsunami dicabut. Masyarakat diimbau tidak panik",
        "The tsunami warning is over",
        "Tsunami warning cancelled",
    ],
)
def test_the_end_of_a_warning_takes_it_back(text):
    assert tsunami.is_expected(text) is False


@pytest.mark.parametrize("text", ["", "-", "Gempa ini dirasakan untuk diteruskan pada masyarakat"])
def test_a_text_without_a_tsunami_says_nothing_of_one(text):
    assert tsunami.is_expected(text) is None
