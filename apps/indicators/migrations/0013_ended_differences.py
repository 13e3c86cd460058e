"""What only the register named and does not name any more is `ended`; counts are of what is said."""

from django.db import migrations, models

# As `follow_villages.sql` does: a village that BIG does not name is no difference of the kind `hidden`.
END = """
UPDATE indicators_pocketdifference AS d
   SET kind = 'ended', worklist_id = NULL
 WHERE d.kind = 'hidden'
   AND NOT EXISTS (SELECT FROM indicators_pocketvillage AS v
                    WHERE v.edition_id = d.published_id AND v.village_id = d.village_id
                      AND v.is_pocket);

UPDATE casework_worklist AS w
   SET total = c.total, done = c.done,
       closed_at = CASE WHEN c.done < c.total THEN w.closed_at ELSE coalesce(w.closed_at, now()) END
  FROM (SELECT l.id, count(d.id) AS total, count(d.id) FILTER (WHERE d.answer <> '') AS done
          FROM casework_worklist AS l
          LEFT JOIN indicators_pocketdifference AS d ON d.worklist_id = l.id
         WHERE l.kind = 'pocket_difference'
         GROUP BY l.id) AS c
 WHERE w.id = c.id AND (w.total, w.done) <> (c.total, c.done);

UPDATE indicators_pocketedition AS e
   SET summary = e.summary || jsonb_build_object(
           'villages', c.villages, 'unsaid', c.unsaid, 'in_pockets', c.in_pockets,
           'areas', (SELECT count(*) FROM indicators_pocketarea AS a WHERE a.edition_id = e.id))
           || CASE WHEN e.summary ->> 'programmes_hidden' = 'true' THEN jsonb_build_object(
                   'programmes', ARRAY(SELECT DISTINCT k.key
                                         FROM indicators_pocketvillage AS v
                                        CROSS JOIN LATERAL jsonb_object_keys(v.enrolled_persons)
                                              AS k (key)
                                        WHERE v.edition_id = e.id ORDER BY k.key))
                   ELSE '{}' END
  FROM (SELECT edition_id, count(*) FILTER (WHERE is_pocket) AS villages,
               count(*) FILTER (WHERE is_pocket IS NULL) AS unsaid,
               coalesce(sum(counted) FILTER (WHERE is_pocket), 0) AS in_pockets
          FROM indicators_pocketvillage GROUP BY edition_id) AS c
 WHERE c.edition_id = e.id AND e.origin = 'computed'
"""
# Before, such a village had the kind `hidden`.
UNEND = "UPDATE indicators_pocketdifference SET kind = 'hidden' WHERE kind = 'ended'"


class Migration(migrations.Migration):
    dependencies = [("indicators", "0012_limits_of_indicators")]
    operations = [
        migrations.AlterField(
            "pocketdifference",
            "kind",
            models.CharField(
                choices=[
                    ("agree", "both"),
                    ("published", "only BIG"),
                    ("computed", "only the register"),
                    ("hidden", "BIG; the register's number is suppressed"),
                    ("ended", "not said any more"),
                ],
                max_length=9,
                verbose_name="says pocket",
            ),
        ),
        migrations.AddIndex(
            "pocketdifference",
            models.Index(fields=["computed", "village"], name="indicators_difference_ours"),
        ),
        migrations.RunSQL(END, UNEND),
    ]
