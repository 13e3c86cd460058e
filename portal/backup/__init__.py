"""Backup and restore: pgBackRest for the database, restic for the files, marks that tie the two."""
