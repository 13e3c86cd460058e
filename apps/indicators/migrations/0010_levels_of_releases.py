"""The levels of a release that have values."""

import django.contrib.postgres.fields
from django.db import migrations, models

SQL = """
UPDATE indicators_release AS r SET levels = v.levels
  FROM (SELECT release_id,
               array_agg(DISTINCT CASE length(region_id) WHEN 2 THEN 'province'
                                       WHEN 5 THEN 'regency' WHEN 8 THEN 'district'
                                       ELSE 'village' END) AS levels
          FROM indicators_value GROUP BY release_id) AS v
 WHERE v.release_id = r.id;
"""


class Migration(migrations.Migration):
    dependencies = [("indicators", "0009_hosts_of_services")]
    operations = [
        migrations.AddField(
            "release",
            "levels",
            django.contrib.postgres.fields.ArrayField(
                base_field=models.CharField(max_length=10), blank=True, default=list, size=None
            ),
        ),
        migrations.RunSQL(SQL, migrations.RunSQL.noop),
    ]
