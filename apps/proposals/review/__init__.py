"""People decide: the list and map of proposals, one proposal beside the register, and steps in bulk."""
