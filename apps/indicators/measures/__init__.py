"""Measures: what the register holds by region and month, and what agencies publish, in one shape.

`definitions` name the counts; `counting` counts them as a job, only where something changed;
`suppression` says which are hidden; `catalogue` lists all measures; `region_figures` is the only
way to read them; `classes` groups them for a legend.
"""
