"""The outbox of events, and the notification that tells the web processes of each."""

from django.db import migrations, models

SQL = """
CREATE FUNCTION jobs_send_event() RETURNS trigger
    LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    PERFORM pg_notify('portal_events', json_build_object(
        'id', NEW.id, 'topic', NEW.topic, 'kind', NEW.kind, 'subject', NEW.subject,
        'data', NEW.data)::text);
    RETURN NULL;
END $$;
CREATE TRIGGER jobs_event_sent AFTER INSERT ON jobs_event
    FOR EACH ROW EXECUTE FUNCTION jobs_send_event();
"""


class Migration(migrations.Migration):
    dependencies = [("jobs", "0002_row_security")]

    operations = [
        migrations.CreateModel(
            name="Event",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("topic", models.CharField(max_length=40, verbose_name="topic")),
                ("kind", models.CharField(max_length=40, verbose_name="kind")),
                ("subject", models.CharField(blank=True, max_length=80, verbose_name="subject")),
                ("data", models.JSONField(blank=True, default=dict)),
                ("at", models.DateTimeField(verbose_name="at")),
            ],
            options={
                "verbose_name": "event",
                "verbose_name_plural": "events",
                "indexes": [models.Index(fields=["topic", "id"], name="jobs_event_of_topic")],
            },
        ),
        migrations.RunSQL(SQL, "DROP FUNCTION jobs_send_event() CASCADE"),
    ]
