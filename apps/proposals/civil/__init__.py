"""What the civil register says of endorsed proposals: kept (`civil_check`), asked (`asking`)."""
