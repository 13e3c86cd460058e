"""The standard goods of Kemensos's stores, with the words that files use for them.

Source: the contents of a lumbung sosial as published (Indramayu, January 2025). The codes are kept
in stock, plans and files, and are never renamed.
"""

from __future__ import annotations

from typing import Any, Final

from apps.commandcentre.models import Good

_Unit = Good.Unit
# Code, name, unit, synonyms.
GOODS: Final[tuple[tuple[str, str, Good.Unit, tuple[str, ...]], ...]] = (
    ("ready_meal", "Makanan siap saji", _Unit.PACKAGE, ("MSS", "Makanan siap saji (MSS)")),
    ("side_dish", "Lauk pauk", _Unit.PACKAGE, ("Lauk pauk siap saji", "Paket lauk pauk")),
    ("child_meal", "Makanan anak", _Unit.PACKAGE, ("Makanan anak (MA)",)),
    ("family_kit", "Family kit", _Unit.PACKAGE, ("Paket keluarga", "Familykit")),
    ("kidware", "Kidware", _Unit.PACKAGE, ("Kids ware", "Paket anak", "Perlengkapan anak")),
    ("kitchen_kit", "Peralatan dapur keluarga", _Unit.PACKAGE, ("PDK", "Peralatan dapur")),
    ("food_parcel", "Paket sembako", _Unit.PACKAGE, ("Sembako", "Paket bahan pokok")),
    ("blanket", "Selimut", _Unit.SHEET, ()),
    ("mattress", "Kasur", _Unit.PIECE, ("Kasur lipat", "Matras")),
    ("clothing", "Sandang", _Unit.PACKAGE, ("Paket sandang", "Sandang dewasa")),
    ("tarpaulin", "Tenda gulung", _Unit.SHEET, ("Terpal", "Tenda gulung (terpal)")),
    ("family_tent", "Tenda keluarga", _Unit.PIECE, ("Tenda keluarga portable",)),
    ("utility_tent", "Tenda serbaguna", _Unit.PIECE, ("Tenda serbaguna keluarga", "Tenda pleton")),
    ("rice", "Beras", _Unit.KILOGRAM, ("Beras reguler", "Cadangan beras pemerintah", "CBP")),
    ("cooking_oil", "Minyak goreng", _Unit.LITRE, ("Minyak",)),
    ("noodles", "Mi instan", _Unit.PIECE, ("Mie instan", "Mi instant", "Mie instant")),
    ("water", "Air minum", _Unit.LITRE, ("Air mineral",)),
    ("generator", "Genset", _Unit.PIECE, ("Generator", "Generator set")),
)


def fill_goods(**_kwargs: Any) -> None:
    """Bring the table of goods up to this list, after each migration. Goods are never removed."""
    for code, name, unit, synonyms in GOODS:
        Good.objects.update_or_create(
            code=code, defaults={"name": name, "unit": unit, "synonyms": list(synonyms)}
        )
