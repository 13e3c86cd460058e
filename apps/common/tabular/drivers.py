"""The child's environment: which GDAL drivers it has, and no network.

GDAL chooses a driver by content and ignores the name: a VRT called x.geojson would read other
files. So every driver but four is disabled before GDAL is loaded. The reader refuses to work if one
is missing from this list (reader.spatial.check_drivers).
Source: vector drivers of GDAL 3.12.4 as built into pyogrio 0.13.0.
"""

from __future__ import annotations

SKIPPED = (
    "ADBC", "AIVector", "AVCBin", "AVCE00", "AmigoCloud", "CSV", "CSW", "Carto", "DGN", "DXF",
    "EDIGEO", "EEDA", "ESRIJSON", "Elasticsearch", "FlatGeobuf", "GDALG", "GML", "GPSBabel", "GPX",
    "GTFS", "GeoJSONSeq", "GeoRSS", "HTTP", "Idrisi", "JML", "JSONFG", "KML", "LIBKML", "LVBAG",
    "MBTiles", "MEM", "MVT", "MapInfo File", "MapML", "MiraMonVector", "NGW", "OAPIF", "ODS",
    "OGCAPI", "OGR_GMT", "OGR_PDS", "OGR_VRT", "OSM", "PCIDSK", "PDF", "PDS4", "PGDUMP", "PLSCENES",
    "PMTiles", "S57", "SQLite", "SXF", "Selafin", "TopoJSON", "VDV", "VFK", "VICAR", "WAsP", "WFS",
    "XLSX",
)  # fmt: skip
NOWHERE = "127.0.0.1:9"

ENVIRONMENT = {
    "GDAL_SKIP": ",".join(SKIPPED),
    "GDAL_HTTP_PROXY": NOWHERE,
    "GDAL_HTTPS_PROXY": NOWHERE,
    "CPL_CURL_ENABLED": "NO",
    "GDAL_DRIVER_PATH": "disable",
    "GDAL_PAM_ENABLED": "NO",
    "GDAL_NUM_THREADS": "1",
    "OGR_GEOJSON_MAX_OBJ_SIZE": "200",
    "PROJ_NETWORK": "OFF",
    "PROJ_CURL_ENABLED": "NO",
    # numpy's threads would reserve more address space than the whole child may have
    "OPENBLAS_NUM_THREADS": "1",
    "OMP_NUM_THREADS": "1",
    "MALLOC_ARENA_MAX": "2",
    # the pools of Arrow would, too
    "ARROW_DEFAULT_MEMORY_POOL": "system",
    "ARROW_IO_THREADS": "1",
}

# For grids: rasterio needs the driver of arrays in memory; files are opened with one of
# two named drivers (reader.grid).
GRID_ENVIRONMENT = ENVIRONMENT | {"GDAL_SKIP": ",".join(name for name in SKIPPED if name != "MEM")}
