"""Thematic maps: one measure by region, or two, as map, table and file.

`asked` is the state of a page, which is all in its address; `theme` is what is shown: figures,
classes, sources; `bivariate` is a theme of two rates; `region_filters` leaves regions out; `page`
is the context of the page, `controls` that of the choices above the map; `files` and `sheet` write
it.
"""
