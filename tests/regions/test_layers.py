"""Which layer and which columns are read. Pure."""

from __future__ import annotations

import pytest

from apps.common.errors import DomainError
from apps.common.tabular import Layer
from apps.regions.layers import choose

BIG = ("OBJECTID", "NAMOBJ", "KDEBPS", "KDEPUM", "KDCPUM", "KDPKAB", "KDPPUM", "UUPP")
PLAIN = ("kode", "nama", "kode10", "kode_bps")


def layer(name: str, fields: tuple[str, ...], kind: str | None = "MultiPolygon") -> Layer:
    return Layer(name, kind, fields, 10, "EPSG:4326")


@pytest.mark.parametrize(
    ("fields", "field", "system", "name"),
    [
        (BIG, "KDEPUM", "kemendagri", "NAMOBJ"),
        (("namobj", "kdepum", "wadmkd"), "kdepum", "kemendagri", "namobj"),
        (("LCODE", "KDBPUM", "KDEPUM", "WADMKD"), "KDEPUM", "kemendagri", "WADMKD"),
        (("no_prop", "kode_kab_s", "kode_kec_s", "kode_desa_"), "kode_desa_", "kemendagri", ""),
        (PLAIN, "kode", "kemendagri", "nama"),
        (("village_code", "kode_bps", "village"), "kode_bps", "bps", "village"),
        (("NAMOBJ", "KDPPUM", "KDPKAB"), "KDPKAB", "kemendagri", "NAMOBJ"),
    ],
)
def test_known_layouts_are_recognised(fields, field, system, name):
    reading = choose([layer("x", fields)])
    assert (reading.code_field, reading.code_system, reading.name_field) == (field, system, name)


def test_bps_codes_are_taken_when_asked_for():
    reading = choose([layer("x", BIG)], code_system="bps")
    assert (reading.code_field, reading.code_system) == ("KDEBPS", "bps")


def test_a_named_column_is_taken():
    assert choose([layer("x", BIG)], code_field="KDCPUM").code_field == "KDCPUM"


def test_the_layer_of_villages_is_chosen_among_levels():
    layers = [layer(name, PLAIN) for name in ("kecamatan", "kabkota", "desa")]
    assert choose(layers).layer == "desa"


def test_a_layer_of_lines_or_points_is_refused():
    layers = [layer("garis_desa", BIG, "MultiLineString"), layer("ADMINISTRASI_AR_DESAKEL", BIG)]
    assert choose(layers).layer == "ADMINISTRASI_AR_DESAKEL"


def test_the_line_status_is_read_where_there_is_one():
    assert choose([layer("x", BIG)]).columns == ["code", "name", "line_status"]


@pytest.mark.parametrize(
    ("layers", "chosen", "code"),
    [
        ([layer("provinsi", PLAIN), layer("kabkota", PLAIN)], {}, "layer_ambiguous"),
        ([layer("desa_a", PLAIN), layer("desa_b", PLAIN)], {}, "layer_ambiguous"),
        ([layer("desa", PLAIN)], {"layer": "kelurahan"}, "layer_unknown"),
        ([layer("garis", PLAIN, "LineString")], {}, "no_areas"),
        ([layer("desa", ("id", "luas"))], {}, "no_code_field"),
        ([layer("desa", PLAIN)], {"code_field": "KDEPUM"}, "code_field_unknown"),
        ([layer("x", ("kode_bps",))], {"code_system": "kemendagri"}, "only_bps_codes"),
    ],
)
def test_a_layout_that_cannot_be_determined_is_refused(layers, chosen, code):
    with pytest.raises(DomainError) as refusal:
        choose(layers, **chosen)
    assert refusal.value.code == code
