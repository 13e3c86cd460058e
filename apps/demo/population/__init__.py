"""Made-up people: names, numbers, families, homes, and other ministries' registers about them."""
