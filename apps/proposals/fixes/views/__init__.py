"""The page of findings and the pages on which rows are changed."""
