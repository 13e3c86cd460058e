"""Services that publish figures: read page by page, resumed, and taken whole or not at all.

`arcgis` and `ogc` know the protocols, `pages` what a page may be, `syncing` reads a service and
hands its rows over as a publication (`figures`). Geometries are not asked for.
"""
