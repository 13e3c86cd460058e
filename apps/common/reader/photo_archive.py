"""The child's part for a ZIP of photos: its names, then the members that the parent wants."""

from __future__ import annotations

import zipfile
from pathlib import Path, PurePosixPath
from typing import Any

from apps.common.reader import archive, wire


def serve(request: dict[str, Any], missing: list[str]) -> None:
    """Answer with the names (`wanted` is null) or with the wanted members, and leave at once."""
    wire.serve(missing, lambda out: _answer(request, out))


def _answer(request: dict[str, Any], out: wire.Wire) -> None:
    path = Path(request["path"])
    members = archive.inspect(path, unpacked_bytes=request["unpacked_bytes"])
    if request["wanted"] is None:
        out.send_json(wire.ANSWER, _names(members))
    else:
        _send(out, path, members, request["wanted"], request["member_bytes"])


def _names(members: list[zipfile.ZipInfo]) -> list[tuple[int, str]]:
    """(place in the archive, name) of each file, in the order of their names."""
    found = [(at, member.filename) for at, member in enumerate(members) if not _is_clutter(member)]
    return sorted(found, key=lambda pair: pair[1])


def _is_clutter(member: zipfile.ZipInfo) -> bool:
    parts = PurePosixPath(member.filename.replace("\\", "/")).parts
    return member.is_dir() or any(part.startswith((".", "__MACOSX")) for part in parts)


def _send(
    out: wire.Wire, path: Path, members: list[zipfile.ZipInfo], wanted: list[int], most_bytes: int
) -> None:
    """Each wanted member: its place, then its bytes. Of a member that is too large, one byte more
    than allowed is sent, so that the parent refuses it; a broken one is sent without bytes.
    """
    with zipfile.ZipFile(path) as opened:
        for at in wanted:
            out.send(wire.FILE, str(at).encode())
            try:
                with opened.open(members[at]) as source:
                    content = source.read(most_bytes + 1)
            except archive.BROKEN:
                content = b""
            out.send(wire.DATA, content)
