"""The open enrolments of a village are found by an index."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("registry", "0007_annulment"),
    ]

    operations = [
        migrations.AddIndex(
            model_name="enrolment",
            index=models.Index(
                condition=models.Q(("active_until__isnull", True)),
                fields=["village"],
                name="registry_enrolment_village",
            ),
        ),
    ]
