"""Users, agencies and their grants: made, changed, ended, each act on record and told."""
