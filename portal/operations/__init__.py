"""Operation of the portal: readiness, tidying, encryption at rest, waking the sealer."""
