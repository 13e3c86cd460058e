from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("proposals", "0020_identity")]

    operations = [
        migrations.AddField(
            model_name="decree",
            name="whole_csv",
            field=models.FileField(
                blank=True,
                max_length=200,
                upload_to="decrees/",
                verbose_name="whole annex (CSV)",
            ),
        ),
        migrations.AddField(
            model_name="decree",
            name="whole_csv_sha256",
            field=models.CharField(blank=True, max_length=64),
        ),
        migrations.AddField(
            model_name="decree",
            name="whole_pdf",
            field=models.FileField(
                blank=True,
                max_length=200,
                upload_to="decrees/",
                verbose_name="whole annex (PDF)",
            ),
        ),
        migrations.AddField(
            model_name="decree",
            name="whole_pdf_sha256",
            field=models.CharField(blank=True, max_length=64),
        ),
    ]
