"""Pages that belong to no single app: dashboard, help, status, waiting work."""
