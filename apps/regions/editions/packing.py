"""Packs a shapefile or an unzipped geodatabase from the command line into one file."""

from __future__ import annotations

import zipfile
from pathlib import Path

SHAPEFILE_PARTS = (".shp", ".shx", ".dbf", ".prj", ".cpg")
# The same parts make the same file, so that a repeated edition is recognised.
FIXED_DATE = (1980, 1, 1, 0, 0, 0)


def as_one_file(path: Path, folder: Path) -> Path:
    """The file itself, or its parts packed into a ZIP in `folder`."""
    if path.is_dir():
        parts = sorted(part for part in path.iterdir() if part.is_file())
        return _packed(folder / f"{path.name}.zip", [(part, path.name) for part in parts])
    if path.suffix.lower() == ".shp":
        parts = sorted(
            part
            for part in path.parent.glob(f"{path.stem}.*")
            if part.suffix.lower() in SHAPEFILE_PARTS
        )
        return _packed(folder / f"{path.stem}.shp.zip", [(part, "") for part in parts])
    return path


def _packed(target: Path, parts: list[tuple[Path, str]]) -> Path:
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        for part, inside in parts:
            member = zipfile.ZipInfo(f"{inside}/{part.name}".lstrip("/"), FIXED_DATE)
            member.compress_type = zipfile.ZIP_DEFLATED
            with part.open("rb") as source, archive.open(member, "w") as packed:
                while piece := source.read(1 << 20):
                    packed.write(piece)
    return target
