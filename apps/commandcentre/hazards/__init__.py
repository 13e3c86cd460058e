"""Hazards from feeds, files and operators: one event each, a version for each change, its bands.

`intake` stores what was received and requests the assessment, `bands` makes the areas of an
earthquake of which only magnitude, depth and place are known.
"""
