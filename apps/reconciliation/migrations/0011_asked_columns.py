from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("reconciliation", "0010_claims"),
    ]

    operations = [
        migrations.AddField(
            model_name="dataset",
            name="must_match",
            field=models.BooleanField(default=False),
        ),
    ]
