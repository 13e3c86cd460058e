"""A document is sent again with another kind, number or date as one more entry of its file."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("casework", "0012_bulk_notices")]

    operations = [
        migrations.RemoveConstraint(model_name="document", name="casework_document_once"),
    ]
