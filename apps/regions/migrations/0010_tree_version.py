"""What is kept of the names of regions follows the tree."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("regions", "0009_labels")]

    operations = [
        migrations.CreateModel(
            name="TreeVersion",
            fields=[
                ("number", models.SmallIntegerField(default=1, primary_key=True, serialize=False)),
                ("version", models.BigIntegerField(default=0)),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("number", 1)), name="regions_one_tree_version"
                    )
                ]
            },
        ),
    ]
