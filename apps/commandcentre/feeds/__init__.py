"""Feeds of hazards: asked with conditional requests, read by pure parsers, never twice the same.

`bmkg` reads BMKG's earthquakes, `cap_alerts` alerts; `fetching` asks an address, `documents` what a
list names; `reading` makes messages of answers, `polling` asks what is due and passes on what is
new. What cannot be used is kept for inspection, and the others go on.
"""
