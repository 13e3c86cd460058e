"""Figures by region and period: published ones, and those that are counted from the register."""
