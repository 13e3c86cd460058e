"""How two records are compared: standardised names, and what each comparison can say. Pure."""
