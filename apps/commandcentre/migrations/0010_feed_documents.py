from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("commandcentre", "0009_emergency_statements")]

    operations = [
        migrations.CreateModel(
            name="FeedDocument",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("feed", models.CharField(max_length=30, verbose_name="feed")),
                ("identifier", models.CharField(max_length=120)),
                ("url", models.CharField(max_length=1000)),
                ("etag", models.CharField(blank=True, max_length=200)),
                ("last_modified", models.CharField(blank=True, max_length=100)),
                ("sha256", models.CharField(blank=True, max_length=64)),
                ("code", models.CharField(blank=True, max_length=60)),
                ("tries", models.PositiveIntegerField(default=1)),
                ("asked_at", models.DateTimeField(verbose_name="last asked")),
                ("ask_again_at", models.DateTimeField(verbose_name="asked again")),
            ],
            options={
                "verbose_name": "document of a feed",
                "verbose_name_plural": "documents of feeds",
                "constraints": [
                    models.UniqueConstraint(
                        fields=("feed", "identifier"), name="commandcentre_feeddocument_once"
                    )
                ],
            },
        ),
    ]
