"""A decree can be annulled by another one; the list of differences is kept."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("proposals", "0016_known_rows"),
        ("registry", "0007_annulment"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            model_name="decree",
            name="annulled_at",
            field=models.DateTimeField(blank=True, null=True, verbose_name="annulled at"),
        ),
        migrations.AddField(
            model_name="decree",
            name="annulled_by",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
                verbose_name="annulled by",
            ),
        ),
        migrations.AddField(
            model_name="decree",
            name="annulment_change",
            field=models.OneToOneField(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="registry.change",
            ),
        ),
        migrations.AddField(
            model_name="decree",
            name="annulment_date",
            field=models.DateField(
                blank=True, null=True, verbose_name="date of the decree that annuls it"
            ),
        ),
        migrations.AddField(
            model_name="decree",
            name="annulment_number",
            field=models.CharField(
                blank=True,
                db_default="",
                max_length=80,
                verbose_name="number of the decree that annuls it",
            ),
        ),
        migrations.AddField(
            model_name="decree",
            name="annulment_reason",
            field=models.CharField(
                blank=True, db_default="", max_length=500, verbose_name="reason of the annulment"
            ),
        ),
        migrations.AddField(
            model_name="decree",
            name="differences_csv",
            field=models.FileField(
                blank=True,
                max_length=200,
                upload_to="decrees/",
                verbose_name="list of differences (CSV)",
            ),
        ),
        migrations.AddField(
            model_name="decree",
            name="differences_csv_sha256",
            field=models.CharField(blank=True, db_default="", max_length=64),
        ),
        migrations.AlterField(
            model_name="decree",
            name="status",
            field=models.CharField(
                choices=[
                    ("preparing", "Being prepared"),
                    ("in_force", "In force"),
                    ("failed", "Failed – can be resumed"),
                    ("annulled", "Annulled"),
                ],
                default="preparing",
                max_length=10,
                verbose_name="status",
            ),
        ),
    ]
