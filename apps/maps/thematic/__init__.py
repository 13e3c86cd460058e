"""Thematic maps: one measure by region, as map, table and file.

`asked` is the state of a page, which is all in its address; `theme` is what is shown: figures,
classes, sources; `page` the context of the page; `files` and `sheet` write it.
"""
