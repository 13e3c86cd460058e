"""Admin pages of batches, proposals and decrees: evidence and buttons; no field is edited."""

from apps.proposals.admin.batches import BatchAdmin
from apps.proposals.admin.decrees import DecreeAdmin
from apps.proposals.admin.proposals import ProposalAdmin

__all__ = ["BatchAdmin", "DecreeAdmin", "ProposalAdmin"]
