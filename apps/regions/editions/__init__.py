"""The steps of a boundary edition: received, read into staging, checked, put in force, drawn.

`boundaries` beside it is the import as a job; `reception` stores the file, `packing` makes
one file of several, `staging` has the tables, `quality` the report, `activation` puts an edition
in force, `shapes` and `outlines` draw what is in force.
"""
