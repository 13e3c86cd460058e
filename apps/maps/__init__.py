"""Layers of maps as vector tiles. It owns no facts: it draws those of the apps below it."""
