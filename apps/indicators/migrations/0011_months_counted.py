"""When each month was counted last; of those before the present one nothing says it."""

from django.db import migrations, models

SQL = """
INSERT INTO indicators_monthcount (period_start, counted_at)
SELECT period_start, counted_at FROM indicators_countstate;
"""


class Migration(migrations.Migration):
    dependencies = [("indicators", "0010_levels_of_releases")]

    operations = [
        migrations.CreateModel(
            name="MonthCount",
            fields=[
                (
                    "period_start",
                    models.DateField(
                        primary_key=True, serialize=False, verbose_name="first day of the period"
                    ),
                ),
                ("counted_at", models.DateTimeField(verbose_name="counted")),
            ],
            options={
                "verbose_name": "count of a month",
                "verbose_name_plural": "counts of months",
            },
        ),
        migrations.RunSQL(SQL, migrations.RunSQL.noop),
    ]
