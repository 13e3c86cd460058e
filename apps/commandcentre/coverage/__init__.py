"""Preparation: villages by hazard class and registered families against the distance to stock."""
