"""Review of proposals: list and map, one proposal beside the register, and bulk decisions."""
