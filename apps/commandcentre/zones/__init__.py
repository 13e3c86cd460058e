"""Hazard-prone zones (daerah rawan): editions by file, and the class of each village by them."""
