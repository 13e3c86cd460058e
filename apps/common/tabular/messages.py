"""Why a whole file is not read: what, where, how to fix it. One sentence each, in two languages."""

from __future__ import annotations

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from apps.common.errors import register

MESSAGES: dict[str, Promise] = {
    "empty_file": _(
        "The file is empty (0 rows). %(filename)s. Open it in the program that made it, save it"
        " again and upload it."
    ),
    "too_large": _(
        "File of %(size_mb)s MB, the limit is %(limit_mb)s MB. %(filename)s. Split it by district,"
        " or save it as CSV."
    ),
    "no_room": _(
        "%(filename)s was not stored: %(free_mb)s MB of disk are free, %(needed_mb)s MB are needed."
        " Tell the administrator; upload it again when there is room."
    ),
    "file_missing": _(
        "The file is entered here, but it is missing on the portal's disk. Tell an administrator:"
        " it is brought back from the backup; or send the same file again."
    ),
    "wrong_type": _(
        "This is a file of type %(found)s. %(filename)s. Upload CSV, XLSX, GeoJSON, GeoPackage or a"
        " zipped shapefile; in Excel: Save as, Excel workbook (.xlsx)."
    ),
    "password_protected": _(
        "The file is locked with a password. %(filename)s. Remove the password (File, Info, Protect"
        " workbook), save and upload again."
    ),
    "encoding_unreadable": _(
        "The letters of this file cannot be read. %(filename)s. In Excel: Save as, CSV UTF-8, or"
        " upload the XLSX itself."
    ),
    "csv_broken_quotes": _(
        "A quotation mark is opened before line %(line)s and not closed. Close or delete it, or"
        " upload the XLSX itself."
    ),
    "no_header": _(
        "The first row holds no column names but: %(found)s. Put the header of the template into"
        " row 1 and upload again."
    ),
    "duplicate_header": _(
        "Columns with the same name in row 1: %(names)s. Rename or delete one of each pair."
    ),
    "too_many_columns": _(
        "%(columns)s columns, the limit is %(limit)s. Delete the columns that are not in the"
        " template."
    ),
    "column_unknown": _(
        "The chosen columns do not fit this file with %(columns)s columns. Match the columns again."
    ),
    "no_rows": _(
        "There is no row under the header. Fill in the sheet DATA from row 2 and upload again."
    ),
    "too_many_rows": _(
        "More than %(limit)s rows. Split the file by district and upload the parts."
    ),
    "too_many_rows_for_xlsx": _(
        "A sheet of Excel holds at most %(limit)s rows. Nothing was written. Choose CSV instead."
    ),
    "workbook_broken": _(
        "The workbook is damaged and cannot be opened. Open it in Excel, save it under another name"
        " and upload that one, or save it as CSV."
    ),
    "parquet_broken": _(
        "The Parquet file is damaged or cut off. Write it again in the program that made it, or"
        " save it as CSV."
    ),
    "parquet_nested": _(
        "Column %(name)s holds lists or tables, not single values. Write the file again with one"
        " value in each cell."
    ),
    "sheet_too_far": _(
        "There is a value in cell %(cell)s, beyond %(columns)s columns or %(rows)s rows. Delete"
        " everything outside the table (select the empty rows and columns, Delete) and save."
    ),
    "zip_broken": _("The ZIP is damaged or cut off. Pack the files again and upload the new ZIP."),
    "zip_too_many_members": _(
        "The ZIP holds %(members)s files, the limit is %(limit)s. Pack only the files of one data"
        " set."
    ),
    "zip_too_large": _(
        "The ZIP unpacks to %(unpacked_mb)s MB, far more than its size allows (at most"
        " %(limit_mb)s MB and 200 times). Pack only the files of one data set."
    ),
    "zip_unsafe_path": _(
        "The ZIP holds a file with a path outside itself: %(name)s. Pack the files without folders."
    ),
    "zip_nested": _(
        "The ZIP holds another archive: %(name)s. Unpack it and pack its files directly."
    ),
    "zip_without_data": _(
        "The ZIP holds no shapefile, GeoPackage, GeoJSON or file geodatabase. Found: %(found)s. CSV"
        " and XLSX are uploaded without a ZIP."
    ),
    "zip_several_data": _(
        "The ZIP holds %(count)s data sets. Pack each of them into a ZIP of its own."
    ),
    "shapefile_incomplete": _(
        "The shapefile lacks its parts %(missing)s. Pack .shp, .shx, .dbf and .prj into one ZIP."
    ),
    "not_a_geopackage": _(
        "This SQLite file is not a GeoPackage: it has no table gpkg_contents. In QGIS: Export, Save"
        " features as, GeoPackage."
    ),
    "geopackage_broken": _(
        "The GeoPackage is damaged and cannot be opened. In QGIS: Export, Save features as,"
        " GeoPackage, and upload the new file."
    ),
    "geopackage_program": _(
        "The GeoPackage holds a view or trigger: %(name)s. Only plain tables are read. In QGIS:"
        " Export, Save features as, GeoPackage."
    ),
    "geojson_crs": _(
        "The member crs of this GeoJSON is of type %(found)s; only a name is read. Export it in"
        " EPSG:4326 without crs."
    ),
    "spatial_broken": _(
        "The map file is damaged or not what its beginning says. In QGIS: Export, Save features as,"
        " and upload the new file."
    ),
    "crs_missing": _(
        "Layer %(layer)s does not say in which coordinate system it is. Add the .prj file, or in"
        " QGIS: Set layer CRS, then export in EPSG:4326."
    ),
    "crs_unknown": _(
        "Coordinate system of layer %(layer)s not known: %(crs)s. In QGIS: Export, Save features"
        " as, CRS EPSG:4326."
    ),
    "too_many_layers": _(
        "The file holds %(count)s layers, the limit is %(limit)s. Export the one layer that is"
        " meant into a file of its own."
    ),
    "no_layers": _("The file holds 0 layers with features. Export the layer again."),
    "layer_unknown": _("There is no layer %(name)s. Layers of this file: %(names)s."),
    "field_unknown": _("There is no field %(name)s. Fields of this layer: %(names)s."),
    "reader_clock": _(
        "Reading took longer than %(seconds)s seconds and was stopped. Split the file by district,"
        " or save it as CSV."
    ),
    "reader_memory": _(
        "The file needs more than %(memory_mb)s MB of memory and reading was stopped. Split the"
        " file by district, or save it as CSV."
    ),
    "reader_crash": _(
        "The file is built in a way that stops the reader. %(filename)s. Open it in Excel or QGIS,"
        " save it under another name and upload that one."
    ),
    "grid_without_header": _(
        "%(filename)s is no grid with a header. An ESRI ASCII grid begins with ncols, nrows,"
        " xllcorner, yllcorner and cellsize."
    ),
    "grid_unreadable": _(
        "The grid %(filename)s is damaged or cut off. Write it again as ESRI ASCII or GeoTIFF."
    ),
    "grid_empty": _("Every cell of %(filename)s is without a value."),
    "grid_negative": _(
        "%(filename)s has %(count)s negative values, the least is %(found)s. Mark cells without a"
        " value as NODATA."
    ),
    "grid_too_great": _(
        "%(filename)s has values up to %(found)s; the greatest possible one is %(most)s. Check the"
        " kind of the hazard and the unit of the values."
    ),
    "grid_too_large": _("%(filename)s is larger than %(limit_mb)s MB unpacked."),
    "grid_too_many_cells": _(
        "%(filename)s has %(cells)s cells, the limit is 25 million. Cut out the affected area."
    ),
    "grid_without_crs": _(
        "%(filename)s names no reference system and its coordinates are no degrees. Save it with"
        " EPSG:4326."
    ),
}

register("apps.common.tabular", MESSAGES, defaults={"filename": "", "found": ""})
