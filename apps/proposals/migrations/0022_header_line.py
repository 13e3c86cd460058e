"""Where the header of a file stands, and room for the name of every format it may have."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("proposals", "0021_whole_annex")]

    operations = [
        migrations.AddField("batch", "header_line", models.PositiveSmallIntegerField(default=1)),
        migrations.AlterField("batch", "file_kind", models.CharField(blank=True, max_length=24)),
        migrations.AlterField("fix", "file_kind", models.CharField(blank=True, max_length=24)),
    ]
