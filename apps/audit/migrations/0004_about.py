"""Indexes by which lists, searches and maps that showed a person are found.

Concurrently: nobody waits for them, as every page writes an entry.
"""

from django.db import migrations

INDEXES = {
    "audit_entry_persons": "USING gin ((details -> 'persons')) WHERE details ? 'persons'",
    "audit_entry_proposals": "USING gin ((details -> 'proposals')) WHERE details ? 'proposals'",
    "audit_entry_maps": "(subject, id) WHERE details ? 'box'",
}


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("audit", "0003_look_back")]

    operations = [
        migrations.RunSQL(
            f"CREATE INDEX CONCURRENTLY IF NOT EXISTS {name} ON audit_entry {what}",
            f"DROP INDEX CONCURRENTLY IF EXISTS {name}",
        )
        for name, what in INDEXES.items()
    ]
