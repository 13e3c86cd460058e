"""The page of findings and the pages that change rows."""
