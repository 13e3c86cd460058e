"""People decide: list and map of proposals, one beside the register, and steps in bulk."""
