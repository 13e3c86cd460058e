"""Made-up Indonesian names: upper case, no diacritics, no family names, many of one word."""

import random
from collections.abc import Callable

# Common given names by region; no real person is meant.
_MEN = {
    "java": (
        "SLAMET SUTRISNO BUDI AGUS BAMBANG JOKO WAHYU HARTONO SUPARMAN SUYATNO SUGENG PARJO "
        "TUKIMAN WAGIMAN NGATIMAN SARJONO PURWANTO WIDODO SANTOSO PRASETYO NUGROHO SETIAWAN "
        "HADI PURNOMO SUPRAPTO KARTONO MULYONO SUMARNO TEGUH YANTO GIYONO RAHARJO UTOMO "
        "SUWANTO WARSITO DARMAJI PONIMIN SARDI TRIYONO KUSNANTO LEGIMAN MARGONO"
    ),
    "sunda": (
        "ASEP DADANG UJANG ENTIS CECEP DEDI KOSWARA SUPRIATNA KARNA OMAN TATANG ENGKOS YAYAT "
        "IWAN RUHIYAT SUHERMAN WAWAN AEP DUDUNG NANANG SOBANDI JAJANG SUTARYA"
    ),
    "arab": (
        "MUHAMMAD AHMAD ABDULLAH YUSUF IBRAHIM ISMAIL HASAN HUSEN UMAR USMAN ALI RIDWAN FAUZI "
        "HIDAYAT RAHMAN RIZKI FAISAL MA'RUF ILHAM HAMZAH SALEH ZAINAL ARIFIN SYARIFUDDIN NASRUDDIN "
        "BURHAN KHOLID MUSTOFA SYAIFUL LUTFI"
    ),
    "sumatra": (
        "JHONNY HOTMAN PARLINDUNGAN TOGAR SAHAT BINSAR MANGASI POLTAK RUDOLF ZULKIFLI SYAHRIAL "
        "AFRIZAL ERIZAL YUSRIZAL DASRIL"
    ),
    "east": (
        "YOHANES PETRUS MARKUS YAKOBUS LUKAS FRANSISKUS MARTINUS DOMINGGUS STEFANUS MELKI DANIEL "
        "SEMUEL NIKOLAUS ALFONS BENYAMIN"
    ),
    "bali": (
        "ARTA SUDIRA WIRAWAN DARMA SUARDANA ADNYANA MERTA SUKARMA WIJAYA PUTRA BUDIASA SUASTIKA "
        "YASA ARIMBAWA"
    ),
}
_WOMEN = {
    "java": (
        "SRI SUMIATI WARSINI PARTINI LESTARI RAHAYU NINGSIH WAHYUNI SULASTRI TUMINAH KASIYEM "
        "NGATINI PONIYEM SUPARTI MARYATI ENDANG TITIK WULANDARI HANDAYANI SETYOWATI RATNA DEWI "
        "PUSPITA INDAH UTAMI TRI SURATMI GIYANTI LASMI MURNI SUPRIHATIN PURWANTI KARTINI SUNDARI "
        "SAYEM RETNO KUSUMA WATI"
    ),
    "sunda": (
        "EUIS ENENG TETI CUCU IIS LILIS KOKOM ROHAETI IMAS YOYOH NENENG ENTIN KURNIASIH "
        "SUMARNI TATI ELIS YULIAH ONENG"
    ),
    "arab": (
        "SITI NUR AMINAH FATIMAH KHADIJAH AISYAH ZAINAB HALIMAH MARYAM RAHMAWATI NURHAYATI "
        "MAIMUNAH ROHANI SALMAH HASANAH LATIFAH NURJANAH MUTMAINAH SA'DIYAH FITRI AZIZAH "
        "KHOIRUNNISA JAMILAH ROFIQOH UMMI KALSUM"
    ),
    "sumatra": (
        "ROSMAIDA TIURMA DERMAWATI SONDANG RUMONDANG YUSNIDAR ERNAWATI DESMARITA ASNIAR YULINAR "
        "LASMARIA NURBAITI"
    ),
    "east": (
        "MARIA YULIANA AGUSTINA MARTHA YOSEFINA KRISTINA THERESIA ELISABET MAGDALENA ROSALINA "
        "DORTEA NATALIA FRANSINA"
    ),
    "bali": "ARINI SUARTINI ASTITI RATNADI SUKERTI PUSPAWATI YULIARI MURTINI ARTINI WIDIANTARI",
}
_BIRTH_ORDER = ("WAYAN", "PUTU", "GEDE", "MADE", "KADEK", "NYOMAN", "KOMANG", "KETUT")
_SHORT = ("MUH.", "M.", "MOH.", "ABD.")
_STYLES = ("java", "java", "java", "java", "sunda", "sunda", "arab", "arab", "sumatra", "east")
TITLES = (
    ("H. {}", "DRS. {}", "{}, S.PD", "IR. {}", "{}, S.SOS"),
    (
        "HJ. {}",
        "DRA. {}",
        "{}, S.PD",
        "HJ. {}, S.AG",
        "{}, AMD.KEB",
    ),
)
_TITLES_BEFORE = ("H. ", "HJ. ", "DRS. ", "DRA. ", "IR. ")

POOL_SIZE = 4096


def pool(sex: str, rng: random.Random) -> list[str]:
    """Some thousand names of one sex (L or P); about a quarter are mononyms."""
    return [_name(sex, rng.random, rng.choice) for _ in range(POOL_SIZE)]


def titled(name: str, sex: str, rng: random.Random) -> str:
    """The name with a title before or after it, as people write it in forms."""
    return rng.choice(TITLES[sex == "P"]).format(name)


def is_titled(name: str) -> bool:
    """Whether one of our names has a title; `M.` and `MUH.` are short names, not titles."""
    return ", " in name or name.startswith(_TITLES_BEFORE)


def _name(sex: str, chance: Callable[[], float], choice: Callable) -> str:
    words = _WORDS[sex]
    if chance() < 0.04:
        order = choice(_BIRTH_ORDER)
        return f"{'I' if sex == 'L' else 'NI'} {order} {choice(words['bali'])}"
    style = choice(_STYLES)
    first = choice(words[style])
    form = chance()
    if form < 0.26:
        return first
    if form < 0.29:
        return f"{first} {'BIN' if sex == 'L' else 'BINTI'} {choice(_WORDS['L'][style])}"
    if form < 0.32 and sex == "L":
        return f"{choice(_SHORT)} {first}"
    second = choice(words[style if chance() < 0.7 else "java"])
    third = choice(words["java"]) if form > 0.88 else ""
    return " ".join(dict.fromkeys(word for word in (first, second, third) if word))


_WORDS = {
    "L": {style: words.split() for style, words in _MEN.items()},
    "P": {style: words.split() for style, words in _WOMEN.items()},
}
