import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0004_second_factor"),
    ]

    operations = [
        migrations.CreateModel(
            name="ReadCount",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("day", models.DateField(verbose_name="day")),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("lookup", "Look-ups in the register"),
                            ("list", "Rows shown in lists"),
                            ("reveal", "Numbers revealed"),
                            ("export", "Rows exported"),
                            ("guess", "Numbers tried in a row"),
                        ],
                        max_length=10,
                        verbose_name="kind",
                    ),
                ),
                ("count", models.PositiveIntegerField(default=0, verbose_name="how many")),
                (
                    "alarmed_at",
                    models.DateTimeField(blank=True, null=True, verbose_name="alarm"),
                ),
                (
                    "stopped_at",
                    models.DateTimeField(blank=True, null=True, verbose_name="stopped"),
                ),
                (
                    "lifted_at",
                    models.DateTimeField(blank=True, null=True, verbose_name="stop lifted"),
                ),
                (
                    "lifted_by",
                    models.CharField(blank=True, max_length=200, verbose_name="lifted by"),
                ),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="read_counts",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="user",
                    ),
                ),
            ],
            options={
                "verbose_name": "reading of a day",
                "verbose_name_plural": "reading by day",
                "indexes": [models.Index(fields=["-day", "-count"], name="accounts_readcount_day")],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("user", "day", "kind"), name="accounts_readcount_one_a_day"
                    )
                ],
            },
        ),
    ]
