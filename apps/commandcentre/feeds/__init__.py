"""Feeds of hazards: asked with conditional requests, read by pure parsers, never twice the same.

`bmkg` reads BMKG's earthquakes, `fetching` asks an address, `polling` asks what is due and passes
on what is new. An answer or an entry that cannot be used is kept for inspection, and the others go
on.
"""
