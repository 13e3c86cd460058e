"""A Change that annuls a decree."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("registry", "0006_field_values"),
    ]

    operations = [
        migrations.AlterField(
            model_name="change",
            name="kind",
            field=models.CharField(
                choices=[
                    ("decree", "Decree"),
                    ("resolution", "Resolution of a conflict"),
                    ("load", "First load"),
                    ("erasure", "Erasure"),
                    ("annulment", "Annulment of a decree"),
                ],
                max_length=10,
                verbose_name="kind",
            ),
        ),
    ]
