"""Which values an indicator may have: a percentage was taken for a share of a whole."""

from django.db import migrations, models

SQL = """
UPDATE indicators_indicator SET limits = 'share'
 WHERE kind = 'rate' AND lower(unit) IN ('%', 'persen', 'per cent', 'percent');
"""


class Migration(migrations.Migration):
    dependencies = [("indicators", "0011_months_counted")]

    operations = [
        migrations.AddField(
            "indicator",
            "limits",
            models.CharField(
                choices=[
                    ("share", "0 to 100, a share of a whole"),
                    ("open", "any, such as a rate of growth, or of enrolment above 100 per cent"),
                ],
                default="open",
                max_length=5,
                verbose_name="possible values",
            ),
            preserve_default=False,
        ),
        migrations.RunSQL(SQL, migrations.RunSQL.noop),
    ]
