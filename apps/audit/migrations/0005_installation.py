"""Which database this is, so that nobody else's clears away its files."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("audit", "0004_about")]

    operations = [
        migrations.CreateModel(
            name="Installation",
            fields=[
                (
                    "number",
                    models.SmallIntegerField(default=1, primary_key=True, serialize=False),
                ),
                ("identity", models.UUIDField()),
                ("made_at", models.DateTimeField()),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("number", 1)), name="audit_installation_one_row"
                    )
                ],
            },
        ),
    ]
