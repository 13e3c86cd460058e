"""Other ministries' files: sources, receiving, columns, loading into records, profile, reverting.

The register's own snapshot is also a delivery.
"""
