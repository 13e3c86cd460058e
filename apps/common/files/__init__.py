"""Foreign files: stored, inspected by a sandboxed child, put aside before they are deleted."""
