"""The child's operations: sniff, look, unpack, peek, rows, layers, features.

One request, one answer.
"""

from __future__ import annotations

import gc
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any

from apps.common.reader import archive, copytext, delimited, header, kinds, wire, workbook
from apps.common.reader.refusal import Refusal

SAMPLES = 200
SAMPLE_CHARS = 200
PLAIN = ("csv", "xlsx")
COUNT_BYTES = 1 << 20  # CSV files up to this size are read to their end at the first look
# pyogrio loads these wherever they are installed, which takes a third of a second; none is needed.
UNUSED = ("pandas", "pyarrow", "geopandas")

type_request = dict[str, Any]
type_lots = Iterator[list[list[str]]]


def serve(request: type_request, missing: list[str]) -> None:
    """Answer one request and leave at once, without waiting for the libraries to clean up."""
    gc.disable()  # a million short lists without cycles
    if request.get("format") != "parquet":
        sys.modules.update(dict.fromkeys(UNUSED))  # type: ignore[arg-type]  # not to be found
    wire.serve(missing, lambda out: OPERATIONS[request["operation"]](request, out))


def _sniff(request: type_request, out: wire.Wire) -> None:
    out.send_json(wire.ANSWER, _kind(request))


def _inspect(request: type_request, out: wire.Wire) -> None:
    """What the file is and, if nothing has to be unpacked or guarded for it, its first rows."""
    kind = _kind(request)
    rows = kind.pop("rows")
    if not kind["is_zipped"] and kind["format"] in PLAIN:
        kind["peek"] = _first_rows({**request, "format": kind["format"], "rows": rows})
    out.send_json(wire.ANSWER, kind)


def _kind(request: type_request) -> dict[str, Any]:
    limits = request["limits"]
    found = kinds.kind_of(
        Path(request["path"]),
        unpacked_bytes=limits["unpacked_bytes"],
        file_bytes=limits["file_bytes"],
    )
    return {
        "format": found.format,
        "is_zipped": found.data_set is not None,
        "rows": found.rows,
    }


def _unpack(request: type_request, out: wire.Wire) -> None:
    path, limit = Path(request["path"]), request["limits"]["unpacked_bytes"]
    wanted = archive.data_set(archive.inspect(path, unpacked_bytes=limit))
    for name, piece in archive.unpack(path, wanted, unpacked_bytes=limit):
        if piece:
            out.send(wire.DATA, piece)
        else:
            out.send(wire.FILE, name.encode())


def _peek(request: type_request, out: wire.Wire) -> None:
    out.send_json(wire.ANSWER, _first_rows(request))


def _first_rows(request: type_request) -> dict[str, Any]:
    names, width, chunks, extra = _beginning(request) or _table(request, 0)
    samples: list[list[str]] = []
    count = 0
    is_counted = extra["row_count"] is None and extra["is_countable"]
    for chunk in chunks:
        rows = [row for row in chunk if any(cell.strip() for cell in row)]
        samples += [_sample(row[:width]) for row in rows[: SAMPLES - len(samples)]]
        count += len(rows)
        if len(samples) >= SAMPLES and not is_counted:
            break
    if not samples:
        raise Refusal("no_rows")
    row_count = count if is_counted else extra["row_count"]
    lines = extra.get("lines")
    if row_count is None and request["format"] == "csv":
        lines = delimited.count_lines(Path(request["path"]))
    if row_count is None and lines is not None:
        row_count = max(len(samples), lines - extra["header_line"])
    answer = {"header": names, "samples": samples, "row_count": row_count, "sheet": extra["sheet"]}
    return {**answer, "sheets": extra["sheets"], "header_line": extra["header_line"]}


def _sample(row: list[str]) -> list[str]:
    return [cell[:SAMPLE_CHARS] for cell in copytext.tidy_header(row)]


def _rows(request: type_request, out: wire.Wire) -> None:
    skip, columns = request["skip_rows"], request["columns"]
    names, width, chunks, extra = _table(request, skip)
    if any(index is not None and not 0 <= index < width for index in columns):
        raise Refusal("column_unknown", columns=len(names))
    blocks = copytext.CopyBlocks(
        columns=columns,
        width=width,
        emit=lambda block: out.send(wire.DATA, block),
        skip_rows=skip,
        max_rows=request["limits"]["rows"],
    )
    blocks.number = extra["skipped"]
    for chunk in chunks:
        blocks.add(chunk)
    out.send_json(wire.SUMMARY, blocks.close())


def _table(request: type_request, skip: int) -> tuple[list[str], int, type_lots, dict[str, Any]]:
    """(header, width, chunks of rows, other known facts) of any kind of row file."""
    path = Path(request["path"])
    extra: dict[str, Any] = {"row_count": None, "sheet": None, "sheets": [], "skipped": 0}
    extra["header_line"] = 1
    extra["is_countable"] = True
    if request["format"] == "csv":
        extra["is_countable"] = path.stat().st_size <= COUNT_BYTES
        return _split(header.split(delimited.rows_of(path, delimited.dialect_of(path))), extra)
    if request["format"] == "parquet":
        from apps.common.reader import parquet  # noqa: PLC0415  Arrow only where it is needed

        names, extra["row_count"], chunks = parquet.rows_of(path, skip)
        extra["skipped"] = skip
        return header.checked(names), len(names), chunks, extra
    if request["format"] == "xlsx":
        extra["sheet"], extra["sheets"], chunks = workbook.rows_of(path)
        return _split(header.split(chunks), extra)
    return _spatial_table(path, request, skip, extra)


def _beginning(
    request: type_request,
) -> tuple[list[str], int, type_lots, dict[str, Any]] | None:
    """The beginning of a large workbook in the form of `_table`; None for everything else."""
    if request["format"] != "xlsx":
        return None
    found = workbook.first_rows_of(Path(request["path"]), request.get("rows", {}))
    if found is None:
        return None
    sheet, sheets, chunks, lines = found
    extra = {"row_count": None, "sheet": sheet, "sheets": sheets, "skipped": 0, "lines": lines}
    try:
        return _split(header.split(chunks), extra | {"is_countable": False})
    except Refusal:
        return None  # reading the whole file gives a better reason


def _split(
    table: header.Table, extra: dict[str, Any]
) -> tuple[list[str], int, type_lots, dict[str, Any]]:
    extra["header_line"] = table.lines
    return table.header, table.width, table.chunks, extra


def _spatial_table(
    path: Path, request: type_request, skip: int, extra: dict[str, Any]
) -> tuple[list[str], int, type_lots, dict[str, Any]]:
    from apps.common.reader import points, spatial  # noqa: PLC0415  GDAL only where it is needed

    _guarded(request)
    layer = spatial.layer_named(path, request.get("layer"))
    if layer.count == 0:
        raise Refusal("no_rows")
    extra |= {"row_count": layer.count, "sheet": layer.name, "skipped": skip, "header_line": 0}
    extra["sheets"] = [other.name for other in spatial.layers(path)]
    names = points.header_of(layer)
    if len(names) > header.MAX_COLUMNS:
        raise Refusal("too_many_columns", columns=len(names), limit=header.MAX_COLUMNS)
    return names, len(names), points.rows_of(path, layer, skip), extra


def _guarded(request: type_request) -> Path:
    from apps.common.reader import spatial  # noqa: PLC0415

    path = Path(request["path"])
    kinds.guard(path, request["format"])
    spatial.check_drivers()
    return path


def _layers(request: type_request, out: wire.Wire) -> None:
    from apps.common.reader import spatial  # noqa: PLC0415

    path = _guarded(request)
    found = [asdict(layer) for layer in spatial.layers(path)]
    if not found:
        raise Refusal("no_layers")
    out.send_json(wire.ANSWER, found)


def _features(request: type_request, out: wire.Wire) -> None:
    from apps.common.reader import areas, spatial  # noqa: PLC0415

    path, fields, skip = _guarded(request), request["fields"], request["skip_rows"]
    layer = spatial.layer_named(path, request["layer"])
    if unknown := [field for field in fields if field not in layer.fields]:
        raise Refusal("field_unknown", name=unknown[0][:80], names=", ".join(layer.fields)[:300])
    if layer.count == 0:
        raise Refusal("no_rows")
    odd: Counter[str] = Counter(rows=skip)
    for block in areas.blocks_of(path, layer, fields, skip, odd, request["wanted"]):
        out.send(wire.DATA, block)
    out.send_json(wire.SUMMARY, odd)


OPERATIONS: dict[str, Callable[[type_request, wire.Wire], None]] = {
    "sniff": _sniff,
    "look": _inspect,
    "unpack": _unpack,
    "peek": _peek,
    "rows": _rows,
    "layers": _layers,
    "features": _features,
}
