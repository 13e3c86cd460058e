"""What keeps the portal in order: readiness, tidying, encryption at rest, kinds of jobs."""
