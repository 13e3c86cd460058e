"""The nearest sources that have enough for a village: distances on the sphere, sea crossings."""
