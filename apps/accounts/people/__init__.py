"""Making, changing and ending users, agencies and grants. Each act is recorded and notified."""
