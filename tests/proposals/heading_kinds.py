"""How offices head their files: twenty-five kinds, with the cells that stand under them.

The headings are written here after what offices write; the people are made up.
"""

from __future__ import annotations

import csv
import io
import json
import zipfile
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pyogrio.raw
import shapely
import xlsxwriter

from apps.demo import country
from tests.proposals.sending import PREFIX, A

type_person = dict[str, str]
type_cell = Callable[[type_person], str]

MONTHS = ["Januari", "Februari", "Maret", "April", "Mei", "Juni", "Juli", "Agustus", "September",
          "Oktober", "November", "Desember"]  # fmt: skip


def people(first: int = 9001, count: int = 12) -> list[type_person]:
    """Families of two, a man and a woman, at home in village A."""
    made = []
    for number in range(count):
        is_woman = bool(number % 2)
        born = date(1970 + number, 1 + number % 12, 3 + number)
        longitude, latitude = country.at("A", 0.2 + number / 40 + 0.00123, 0.4123)
        day = born.day + 40 * is_woman
        made.append(
            {
                "nik": f"{PREFIX}{day:02}{born:%m%y}{first + number}",
                "kk": f"{PREFIX}150712{first + number // 2}",
                "name": f"{('SITI', 'BUDI')[not is_woman]} {NAMES[number % len(NAMES)]}",
                "birth_place": "AMPEL",
                "birth_date": f"{born:%d/%m/%Y}",
                "iso": f"{born:%Y-%m-%d}",
                "worded": f"{born.day} {MONTHS[born.month - 1]} {born.year}",
                "mother_name": f"NUR {NAMES[-number % len(NAMES)]}",
                "sex": "P" if is_woman else "L",
                "sex_word": "Perempuan" if is_woman else "Laki-laki",
                "sex_code": "2" if is_woman else "1",
                "programme": "PKH",
                "occupation": "BURUH TANI",
                "marital_status": "KAWIN",
                "address": f"JL. MELATI {number + 1}",
                "rt": "001",
                "rw": "002",
                "village_code": A,
                "digits": A.replace(".", ""),
                "blanks": A.replace(".", " "),
                "province_name": "NUSA BARAT",
                "regency_name": "BARAT LOR",
                "district_name": "BARAT LOR SATU",
                "village_name": "AMPEL",
                "latitude": f"{latitude:.6f}",
                "longitude": f"{longitude:.6f}",
                "number": str(number + 1),
                "relation": "ISTRI" if is_woman else "KEPALA KELUARGA",
            }
        )
    return made


NAMES = ["AMINAH", "SANTOSO", "WAHYUNI", "HIDAYAT", "LESTARI", "PRASETYO", "RAHAYU"]


def dms(text: str, sides: str) -> str:
    degrees = float(text)
    whole, minutes = divmod(abs(degrees) * 60, 60)
    return f"{int(whole)}°{int(minutes)}'{minutes % 1 * 60:.2f}\"{sides[degrees < 0]}"


@dataclass(frozen=True)
class Kind:
    """Headings, each with what stands under it; rows above them; what the file cannot say."""

    name: str
    columns: dict[str, str | type_cell]
    above: list[list[str]] = field(default_factory=list)
    under: list[list[str]] = field(default_factory=list)
    system: str = "kemendagri"
    unused: tuple[str, ...] = ()
    has_points: bool = True

    def rows(self, persons: Iterable[type_person]) -> list[list[str]]:
        return [
            [one.get(cell, cell) if isinstance(cell, str) else cell(one) for cell in self._cells()]
            for one in persons
        ]

    def table(self, persons: Iterable[type_person]) -> list[list[str]]:
        upper = self.above[-1] if self.above else []
        names = [
            "" if at < len(upper) and upper[at] == name else name
            for at, name in enumerate(self.columns)
        ]
        return [*self.above, names, *self.under, *self.rows(persons)]

    @property
    def header_line(self) -> int:
        return len(self.above) + 1 + len(self.under)

    def _cells(self) -> list[str | type_cell]:
        return list(self.columns.values())


def point(person: type_person) -> str:
    return f"{person['latitude']}, {person['longitude']}"


def commas(person: type_person) -> str:
    return point(person).replace(", ", ";").replace(".", ",").replace(";", "; ")


def sides(person: type_person) -> str:
    return f"{dms(person['latitude'], 'NS')} {dms(person['longitude'], 'EW')}"


def link(person: type_person) -> str:
    return f"https://maps.google.com/?q={person['latitude']},{person['longitude']}"


def window(person: type_person) -> str:
    return f"https://www.google.com/maps/@{person['latitude']},{person['longitude']},17z"


SIKSNG = {
    "NIK": "nik", "PROGRAM BANSOS": "programme", "NOKK": "kk", "NAMA": "name",
    "TEMPAT LAHIR": "birth_place", "TANGGAL LAHIR (31/01/2000)": "birth_date",
    "IBU KANDUNG": "mother_name", "JENIS KELAMIN": "sex", "JENIS PEKERJAAN": "occupation",
    "STATUS KAWIN": "marital_status", "ALAMAT": "address", "RT": "rt", "RW": "rw",
    "PROVINSI": "province_name", "KABUPATEN": "regency_name", "KECAMATAN": "district_name",
    "KELURAHAN": "village_name", "STATUS DISABILITAS": "", "KODE JENIS DISABILITAS": "",
    "STATUS HAMIL": "", "TGL MULAI HAMIL (31/12/2021)": "",
}  # fmt: skip

KINDS = [
    Kind("siksng", SIKSNG, has_points=False),
    Kind(
        "siksng_with_point",
        SIKSNG | {"KODE DESA": "village_code", "Lintang (Y)": "latitude", "Bujur (X)": "longitude"},
    ),
    Kind(
        "short_words",
        {
            "No.": "number", "N I K": "nik", "No. KK": "kk", "Nm. Lengkap": "name",
            "Tmp Lahir": "birth_place", "Tgl. Lhr": "birth_date", "Jns Kel": "sex",
            "Nm Ibu Kandung": "mother_name", "Almt": "address", "RT/RW": lambda p: "001/002",
            "Kel.": "village_name", "Kec.": "district_name", "Prog. Bansos": "programme",
            "Lat": "latitude", "Long": "longitude",
        },
    ),
    Kind(
        "numbered",
        {
            "1. NIK": "nik", "2. No KK": "kk", "3. Nama": "name", "4. Jenis Kelamin (L/P)": "sex",
            "5. Tanggal Lahir (dd/mm/yyyy)": "birth_date", "6. Program": "programme",
            "7. Kode Desa": "digits", "8. Titik Koordinat": point,
        },
    ),
    Kind(
        "required_signs",
        {
            "*NIK": "nik", "*Nomor Kartu Keluarga (16 digit)": "kk", "Nama Lengkap *": "name",
            "Tanggal Lahir* (format: 31-12-2000)": "iso", "Jenis Kelamin*": "sex_word",
            "Program Bantuan (wajib diisi)": "programme", "Kode Wilayah": "village_code",
            "Latitude (desimal)": "latitude", "Longitude (desimal)": "longitude",
        },
    ),
    Kind(
        "titles_above",
        {
            "NO": "number", "NIK KTP": "nik", "NO KK": "kk", "NAMA KPM": "name",
            "TTL": lambda p: f"{p['birth_place']}, {p['birth_date']}", "L/P": "sex",
            "ALAMAT": "address", "DESA/KEL": "village_name", "KECAMATAN": "district_name",
            "JENIS BANSOS": "programme", "KOORDINAT": commas,
        },
        above=[
            ["DAFTAR USULAN DTKS KELURAHAN AMPEL"],
            ["KECAMATAN BARAT LOR SATU", "", "TAHUN 2026"],
            [],
        ],
    ),
    Kind(
        "two_lines",
        {
            "No": "number", "NIK": "nik", "No KK": "kk", "Nama": "name", "Tempat": "birth_place",
            "Tanggal": "birth_date", "JK": "sex", "Jalan": "address", "RT": "rt", "RW": "rw",
            "Desa": "village_name", "Program": "programme", "Lintang": "latitude",
            "Bujur": "longitude",
        },
        above=[
            ["DATA CALON PENERIMA BANTUAN SOSIAL"],
            ["No", "NIK", "No KK", "Nama", "Lahir", "", "JK", "Alamat", "", "", "", "Program",
             "Koordinat", ""],
        ],
    ),
    Kind(
        "numbers_under",
        {
            "NO URUT": "number", "NIK": "nik", "NOMOR KK": "kk", "NAMA LENGKAP": "name",
            "TGL LAHIR": "birth_date", "JENIS KELAMIN": "sex", "NAMA DESA": "village_name",
            "USULAN PROGRAM": "programme", "LINTANG": "latitude", "BUJUR": "longitude",
        },
        above=[["LAMPIRAN BERITA ACARA MUSYAWARAH KELURAHAN"], ["NOMOR : 12/BA/2026"]],
        under=[[str(n) for n in range(1, 11)]],
    ),
    Kind(
        "english",
        {
            "National ID number": "nik", "Family card number": "kk", "Full name": "name",
            "Place of birth": "birth_place", "Date of birth": "iso", "Gender": "sex",
            "Mother's maiden name": "mother_name", "Address": "address", "Village": "village_name",
            "District": "district_name", "Programme": "programme", "Latitude": "latitude",
            "Longitude": "longitude",
        },
    ),
    Kind(
        "two_languages",
        {
            "NIK / National ID": "nik", "No. KK / Family card": "kk", "Nama / Name": "name",
            "Tanggal lahir / Birth date": "birth_date", "Jenis kelamin / Sex": "sex",
            "Program / Programme": "programme", "Kode desa / Village code": "village_code",
            "Lintang / Latitude": "latitude", "Bujur / Longitude": "longitude",
        },
    ),
    Kind(
        "village_software",
        {
            "alamat": "address", "dusun": "", "rw": "rw", "rt": "rt", "nama": "name",
            "no_kk": "kk", "nik": "nik", "sex": "sex_code", "tempatlahir": "birth_place",
            "tanggallahir": "iso", "pekerjaan_id": "occupation", "status_kawin": "marital_status",
            "kk_level": "relation", "nama_ibu": "mother_name", "lat": "latitude",
            "lng": "longitude", "kode_desa": "digits", "bansos": "programme",
        },
        unused=("dusun",),
    ),
    Kind(
        "p3ke",
        {
            "id_keluarga_P3KE": "number", "kode_kemdagri": "digits", "nama": "name", "nik": "nik",
            "no_kk": "kk", "tanggal_lahir": "iso", "jenis_kelamin": "sex_word",
            "desil_kesejahteraan": lambda p: "1", "padan_dukcapil": lambda p: "Ya",
            "program": "programme",
        },
        unused=("id_keluarga_P3KE", "desil_kesejahteraan", "padan_dukcapil"),
        has_points=False,
    ),
    Kind(
        "regsosek",
        {
            "kd_wilayah": "digits", "nama_kk": lambda p: "BUDI", "nomor_kk": "kk",
            "nama_anggota": "name", "nomor_nik": "nik", "tgl_lahir": "iso", "jns_kelamin": "sex",
            "hub_krt": "relation", "jenis_program": "programme", "koordinat": point,
        },
        unused=("nama_kk",),
    ),
    Kind(
        "dukcapil",
        {
            "NO_KK": "kk", "NIK": "nik", "NAMA_LGKP": "name", "TMPT_LHR": "birth_place",
            "TGL_LHR": "iso", "JENIS_KLMIN": "sex", "STAT_HBKEL": "relation",
            "NAMA_LGKP_IBU": "mother_name", "JENIS_PKRJN": "occupation", "ALAMAT": "address",
            "NO_RT": "rt", "NO_RW": "rw", "KEL_NAME": "village_name", "KEC_NAME": "district_name",
            "PROGRAM": "programme",
        },
        has_points=False,
    ),
    Kind(
        "camel_case",
        {
            "NoKK": "kk", "NoNIK": "nik", "NamaLengkap": "name", "TempatLahir": "birth_place",
            "TglLahir": "birth_date", "JnsKelamin": "sex", "NamaIbuKandung": "mother_name",
            "KodeDesa": "village_code", "ProgramBansos": "programme", "LatLong": point,
        },
    ),
    Kind(
        "swapped_words",
        {
            "NIK (Nomor Induk Kependudukan)": "nik", "KK (Nomor Kartu Keluarga)": "kk",
            "Nama (sesuai KTP)": "name", "Lahir (tanggal)": "birth_date", "Kelamin": "sex",
            "Desa (kode)": "digits", "Bantuan": "programme", "Link Google Maps": link,
        },
    ),
    Kind(
        "no_words",
        {
            "Kolom1": "nik", "Kolom2": "kk", "Nama": "name", "Kolom4": "birth_date",
            "Kolom5": "sex", "Kolom6": "programme", "Kolom7": "village_code", "Kolom8": "latitude",
            "Kolom9": "longitude",
        },
    ),
    Kind(
        "one_for_two",
        {
            "Nama": "name", "No KK/KTP": "nik", "Nomor Keluarga": "kk", "Lahir": "birth_date",
            "P/L": "sex", "Desa": "digits", "Usulan": "programme", "Lokasi": sides,
        },
    ),
    Kind(
        "slips",
        {
            "NIK": "nik", "NO KK": "kk", "Nama Lengkp": "name", "Tangal Lahir": "birth_date",
            "Jenis Kelamn": "sex", "Kelurahan": "village_name", "Kecamatn": "district_name",
            "Progam Bansos": "programme", "Latitud": "latitude", "Longitud": "longitude",
        },
    ),
    Kind(
        "line_breaks",
        {
            "NOMOR\nINDUK\nKEPENDUDUKAN": "nik", "NOMOR\u00a0KK": "kk", "NAMA\nLENGKAP": "name",
            "TEMPAT,\nTANGGAL LAHIR": lambda p: f"{p['birth_place']}, {p['worded']}",
            "JENIS\nKELAMIN\n(L/P)": "sex", "KODE\nWILAYAH": "village_code",
            "JENIS\nBANTUAN": "programme", "TITIK\nKOORDINAT\nRUMAH": sides,
        },
    ),
    Kind(
        "per_family",
        {
            "No": "number", "NAMA PENERIMA MANFAAT": "name", "NIK PENERIMA": "nik",
            "NO. KARTU KELUARGA": "kk", "TANGGAL LAHIR PENERIMA": "birth_date", "JK (L/P)": "sex",
            "NAMA IBU": "mother_name", "DESA": "village_name", "KEC": "district_name",
            "BANSOS YANG DIUSULKAN": "programme", "GEOTAG": window,
            "NO HP": lambda p: "08120000000",
        },
        unused=("NO HP",),
    ),
    Kind(
        "others_beside",
        {
            "NIK": "nik", "NIK Kepala Keluarga": lambda p: f"{PREFIX}0101609900",
            "Nama Kepala Keluarga": lambda p: "BUDI", "Nama": "name", "No KK": "kk",
            "Tgl Lahir": "birth_date", "Tgl Input": lambda p: "01/11/2026", "JK": "sex",
            "Kode Kelurahan": "blanks", "Program Sosial": "programme", "Y": "latitude",
            "X": "longitude",
        },
        unused=("NIK Kepala Keluarga", "Nama Kepala Keluarga", "Tgl Input"),
    ),
    Kind(
        "form_answers",
        {
            "Timestamp": lambda p: "01/11/2026 09:12:33", "Nama lengkap sesuai KTP": "name",
            "NIK (16 angka, tanpa spasi)": "nik", "No. Kartu Keluarga (16 angka)": "kk",
            "Tanggal lahir": "birth_date", "Jenis kelamin": "sex_word",
            "Desa/kelurahan tempat tinggal": "village_name", "Kecamatan": "district_name",
            "Bantuan yang diusulkan": "programme", "Share lokasi": point,
        },
        unused=("Timestamp",),
    ),
    Kind(
        "identity_words",
        {
            "No Induk Kependudukan": "nik", "Nomor Kartu Keluarga (KK)": "kk",
            "Nama Warga": "name", "Kota Lahir": "birth_place", "Tanggal Kelahiran": "worded",
            "Gender": "sex", "Kelurahan/Desa": "village_name", "Kecamatan/Distrik": "district_name",
            "Kabupaten/Kota": "regency_name", "Jenis Bantuan Sosial": "programme",
            "Garis Lintang": "latitude", "Garis Bujur": "longitude",
        },
    ),
    Kind(
        "sides_of_the_world",
        {
            "NIK": "nik", "No KK": "kk", "Nama": "name", "Tgl Lahir": "birth_date", "JK": "sex",
            "Kode": "village_code", "Program": "programme",
            "Koordinat LS": lambda p: dms(p["latitude"], "NS").replace("N", " LU"),
            "Koordinat BT": lambda p: dms(p["longitude"], "EW").replace("E", " BT"),
        },
    ),
]  # fmt: skip


# Files of each format -----------------------------------------------------------------------------


def csv_file(table: list[list[str]], separator: str = ",", encoding: str = "utf-8") -> bytes:
    out = io.StringIO(newline="")
    csv.writer(out, delimiter=separator).writerows(table)
    return out.getvalue().encode(encoding)


def xlsx_file(table: list[list[str]]) -> bytes:
    out = io.BytesIO()
    with xlsxwriter.Workbook(out) as book:
        page = book.add_worksheet("Sheet1")
        for number, row in enumerate(table):
            for column, cell in enumerate(row):
                if cell:
                    page.write_string(number, column, cell)
    return out.getvalue()


def geojson_file(names: list[str], rows: list[list[str]], points: list[tuple[str, str]]) -> bytes:
    features = [
        {
            "type": "Feature",
            "properties": dict(zip(names, row, strict=True)),
            "geometry": {"type": "Point", "coordinates": [float(x), float(y)]},
        }
        for row, (x, y) in zip(rows, points, strict=True)
    ]
    return json.dumps({"type": "FeatureCollection", "features": features}).encode()


def spatial_file(
    names: list[str], rows: list[list[str]], points: list[tuple[str, str]], *, zipped: bool
) -> bytes:
    """A GeoPackage, or a zipped shapefile, whose names of columns GDAL cuts at ten letters."""
    with TemporaryDirectory() as folder:
        path = Path(folder) / ("usulan.shp" if zipped else "usulan.gpkg")
        pyogrio.raw.write(
            path,
            shapely.to_wkb(shapely.points([[float(x), float(y)] for x, y in points])),
            [np.array([row[at] for row in rows], dtype=object) for at in range(len(names))],
            names,
            geometry_type="Point",
            crs="EPSG:4326",
            driver="ESRI Shapefile" if zipped else "GPKG",
        )
        if not zipped:
            return path.read_bytes()
        out = io.BytesIO()
        with zipfile.ZipFile(out, "w") as archive:
            for part in sorted(Path(folder).iterdir()):
                archive.write(part, part.name)
        return out.getvalue()
