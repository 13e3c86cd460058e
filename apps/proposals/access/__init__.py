"""Access to batches and proposals: who may change a batch, and the audit trail of views."""
