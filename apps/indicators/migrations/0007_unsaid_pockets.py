"""Of a village whose counted families are hidden the register does not say whether it is a pocket."""

import django.contrib.postgres.fields
from django.db import migrations, models

# As `follow_maps.sql` and its sisters do. Cells of editions from before do not know their villages.
UNSAY = """
UPDATE indicators_pocketvillage AS v
   SET is_pocket = NULL
  FROM indicators_pocketedition AS e
 WHERE e.id = v.edition_id AND e.origin = 'computed'
   AND v.hidden && ARRAY['families', 'counted']::varchar[];

DELETE FROM indicators_pocketarea AS a
 USING indicators_pocketedition AS e
 WHERE e.id = a.edition_id AND e.origin = 'computed';

DELETE FROM indicators_pocketdifference AS d
 USING indicators_pocketvillage AS v
 WHERE v.edition_id = d.computed_id AND v.village_id = d.village_id AND v.is_pocket IS NULL
   AND d.kind = 'computed' AND d.worklist_id IS NULL;

UPDATE indicators_pocketdifference AS d
   SET kind = 'hidden'
  FROM indicators_pocketvillage AS v
 WHERE v.edition_id = d.computed_id AND v.village_id = d.village_id AND v.is_pocket IS NULL
"""
# Before, each village was a pocket or not.
SAY = """
UPDATE indicators_pocketdifference SET kind = 'published' WHERE kind = 'hidden';

UPDATE indicators_pocketvillage SET is_pocket = false WHERE is_pocket IS NULL
"""


class Migration(migrations.Migration):
    dependencies = [("indicators", "0006_indexes_of_counts")]
    operations = [
        migrations.AlterField(
            "pocketvillage", "is_pocket", models.BooleanField(null=True, verbose_name="pocket")
        ),
        migrations.AddField(
            "pocketvillage", "enrolled_families", models.JSONField(blank=True, default=dict)
        ),
        migrations.AddField(
            "pocketarea",
            "villages",
            django.contrib.postgres.fields.ArrayField(
                base_field=models.CharField(max_length=13), blank=True, default=list, size=None
            ),
        ),
        migrations.AlterField(
            "pocketdifference",
            "kind",
            models.CharField(
                choices=[
                    ("agree", "both"),
                    ("published", "only BIG"),
                    ("computed", "only the register"),
                    ("hidden", "BIG; the register's number is suppressed"),
                ],
                max_length=9,
                verbose_name="says pocket",
            ),
        ),
        migrations.RunSQL(UNSAY, SAY),
    ]
