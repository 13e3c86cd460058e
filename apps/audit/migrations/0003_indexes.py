"""Indexes by which lists, searches and maps that showed a person are found."""

from django.db import migrations

SQL = """
CREATE INDEX audit_entry_persons ON audit_entry USING gin ((details -> 'persons')) WHERE details ? 'persons';
CREATE INDEX audit_entry_proposals ON audit_entry USING gin ((details -> 'proposals')) WHERE details ? 'proposals';
CREATE INDEX audit_entry_maps ON audit_entry (subject, id) WHERE details ? 'box';
"""


class Migration(migrations.Migration):
    dependencies = [("audit", "0002_chain")]

    operations = [migrations.RunSQL(SQL, migrations.RunSQL.noop)]
