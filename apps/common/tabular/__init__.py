"""Files that others send → rows. The content decides the format, a sandboxed child reads it.

kind = sniff(path)                    what is it, or FileRefused
peek(path, kind)                      header, first rows, sheets or layers, number of rows
stream(path, kind, columns)           blocks for `COPY staging FROM STDIN`
peek_layers(path, kind)               layers of a boundary file
stream_features(path, kind, layer, fields)
"""

from apps.common.files.limits import BOUNDARY_FILE, DATASET_FILE, REGISTER_FILE, ROW_FILE, Limits
from apps.common.files.refused import FileRefused
from apps.common.tabular.reading import (
    BOUNDARY_FORMATS,
    LATITUDE,
    LONGITUDE,
    ROW_FORMATS,
    TABLE_FORMATS,
    FileKind,
    Format,
    InspectedFile,
    Layer,
    Peek,
    Stream,
    inspect_file,
    peek,
    peek_layers,
    sniff,
    stream,
    stream_features,
    stream_lines,
)
from apps.common.tabular.writers import (
    csv_blocks,
    geojson_blocks,
    inert,
    write_csv,
    write_geojson,
    write_xlsx,
)

__all__ = [
    "BOUNDARY_FILE",
    "BOUNDARY_FORMATS",
    "DATASET_FILE",
    "LATITUDE",
    "LONGITUDE",
    "REGISTER_FILE",
    "ROW_FILE",
    "ROW_FORMATS",
    "TABLE_FORMATS",
    "FileRefused",
    "Format",
    "InspectedFile",
    "FileKind",
    "Layer",
    "Limits",
    "Peek",
    "Stream",
    "csv_blocks",
    "geojson_blocks",
    "inert",
    "inspect_file",
    "peek",
    "peek_layers",
    "sniff",
    "stream",
    "stream_features",
    "stream_lines",
    "write_csv",
    "write_geojson",
    "write_xlsx",
]
