"""Uploaded files, minimum levels, hazard-prone zones, coverage of villages."""

import django.contrib.gis.db.models.fields
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("commandcentre", "0005_board_assignment_reports"),
        ("regions", "0005_cells"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="CoverageState",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("computed_at", models.DateTimeField(verbose_name="computed")),
                ("facilities", models.PositiveIntegerField(verbose_name="facilities with stock")),
            ],
            options={
                "verbose_name": "state of the coverage",
                "verbose_name_plural": "states of the coverage",
            },
        ),
        migrations.AlterField(
            model_name="footprint",
            name="method",
            field=models.CharField(
                choices=[
                    ("published", "Area as published by the source"),
                    ("grid", "Bands of a published grid of intensities"),
                    ("relation", "Estimated by an intensity relation"),
                    ("circle", "Circle, because magnitude or depth is missing"),
                    ("drawn", "Drawn by an operator"),
                    ("named", "Villages that the source names"),
                ],
                max_length=10,
                verbose_name="method",
            ),
        ),
        migrations.CreateModel(
            name="OfficeUpload",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("facilities", "Facilities"),
                            ("stock", "Counted stock"),
                            ("minimums", "Minimum levels"),
                            ("responders", "Responders"),
                            ("hazard", "Area of a hazard"),
                            ("events", "Events of BNPB (Data bencana)"),
                            ("zones", "Hazard-prone zones"),
                        ],
                        max_length=12,
                        verbose_name="kind",
                    ),
                ),
                (
                    "file",
                    models.FileField(
                        blank=True, max_length=200, upload_to="office_uploads/", verbose_name="file"
                    ),
                ),
                (
                    "listed",
                    models.FileField(
                        blank=True,
                        max_length=200,
                        upload_to="office_uploads/",
                        verbose_name="findings",
                    ),
                ),
                ("file_name", models.CharField(max_length=200, verbose_name="file name")),
                ("file_size", models.BigIntegerField(verbose_name="size (bytes)")),
                ("sha256", models.CharField(max_length=64)),
                ("options", models.JSONField(blank=True, default=dict)),
                ("header", models.JSONField(blank=True, default=list)),
                ("mapping", models.JSONField(blank=True, default=dict, verbose_name="columns")),
                ("rows", models.PositiveIntegerField(blank=True, null=True, verbose_name="rows")),
                ("refused", models.PositiveIntegerField(default=0, verbose_name="rows not taken")),
                ("counts", models.JSONField(blank=True, default=dict, verbose_name="counts")),
                ("found", models.JSONField(blank=True, default=dict, verbose_name="findings")),
                ("received_at", models.DateTimeField(verbose_name="received")),
                (
                    "imported_at",
                    models.DateTimeField(blank=True, null=True, verbose_name="imported"),
                ),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="by",
                    ),
                ),
            ],
            options={
                "verbose_name": "uploaded file",
                "verbose_name_plural": "uploaded files",
            },
        ),
        migrations.CreateModel(
            name="ZoneEdition",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("earthquake", "Earthquake"),
                            ("tsunami", "Tsunami"),
                            ("volcano", "Volcanic eruption"),
                            ("flood", "Flood"),
                            ("landslide", "Landslide"),
                            ("weather", "Extreme weather"),
                            ("tidal_wave", "Tidal wave and abrasion"),
                            ("drought", "Drought"),
                            ("wildfire", "Forest and land fire"),
                        ],
                        max_length=12,
                        verbose_name="kind",
                    ),
                ),
                ("name", models.CharField(max_length=120, verbose_name="name")),
                ("number", models.PositiveIntegerField(default=1, verbose_name="edition")),
                ("is_current", models.BooleanField(default=True, verbose_name="current")),
                (
                    "measure",
                    models.CharField(
                        choices=[
                            ("mmi", "Intensity (MMI)"),
                            ("depth_m", "Depth of water (m)"),
                            ("index", "Hazard index (0 to 1)"),
                            ("class", "Class of the source"),
                        ],
                        max_length=8,
                        verbose_name="measure",
                    ),
                ),
                ("file_name", models.CharField(max_length=200, verbose_name="file name")),
                ("sha256", models.CharField(max_length=64)),
                ("boundaries_at", models.DateTimeField(blank=True, null=True)),
                ("received_at", models.DateTimeField(verbose_name="received")),
                ("received_by", models.CharField(blank=True, max_length=200, verbose_name="by")),
            ],
            options={
                "verbose_name": "edition of zones",
                "verbose_name_plural": "editions of zones",
                "constraints": [
                    models.UniqueConstraint(
                        fields=("kind", "name", "number"), name="commandcentre_zoneedition_once"
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("is_current", True)),
                        fields=("kind", "name"),
                        name="commandcentre_zoneedition_current",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="MinimumLevel",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("quantity", models.PositiveBigIntegerField(verbose_name="at least")),
                ("updated_at", models.DateTimeField(verbose_name="updated")),
                ("updated_by", models.CharField(blank=True, max_length=200, verbose_name="by")),
                (
                    "facility",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="minimums",
                        to="commandcentre.facility",
                        verbose_name="facility",
                    ),
                ),
                (
                    "good",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="commandcentre.good",
                        verbose_name="good",
                    ),
                ),
            ],
            options={
                "verbose_name": "minimum level",
                "verbose_name_plural": "minimum levels",
                "constraints": [
                    models.UniqueConstraint(
                        fields=("facility", "good"), name="commandcentre_minimumlevel_once"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="VillageCoverage",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                (
                    "kind",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("earthquake", "Earthquake"),
                            ("tsunami", "Tsunami"),
                            ("volcano", "Volcanic eruption"),
                            ("flood", "Flood"),
                            ("landslide", "Landslide"),
                            ("weather", "Extreme weather"),
                            ("tidal_wave", "Tidal wave and abrasion"),
                            ("drought", "Drought"),
                            ("wildfire", "Forest and land fire"),
                        ],
                        max_length=12,
                        verbose_name="kind",
                    ),
                ),
                (
                    "hazard_class",
                    models.PositiveSmallIntegerField(
                        blank=True,
                        choices=[
                            (1, "low"),
                            (2, "medium"),
                            (3, "prone, without a class"),
                            (4, "high"),
                        ],
                        null=True,
                        verbose_name="class",
                    ),
                ),
                (
                    "share_any",
                    models.FloatField(blank=True, null=True, verbose_name="share in any class"),
                ),
                ("families", models.PositiveIntegerField(verbose_name="registered families")),
                (
                    "distance_m",
                    models.FloatField(blank=True, null=True, verbose_name="distance (m)"),
                ),
                (
                    "crossings",
                    models.PositiveSmallIntegerField(
                        blank=True, null=True, verbose_name="sea crossings"
                    ),
                ),
                ("effective_m", models.FloatField(blank=True, null=True)),
                (
                    "facility",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="commandcentre.facility",
                    ),
                ),
                (
                    "village",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="regions.region",
                    ),
                ),
            ],
            options={
                "verbose_name": "coverage of a village",
                "verbose_name_plural": "coverage of villages",
                "constraints": [
                    models.UniqueConstraint(
                        fields=("kind", "village"), name="commandcentre_villagecoverage_once"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Zone",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                (
                    "hazard_class",
                    models.PositiveSmallIntegerField(
                        choices=[
                            (1, "low"),
                            (2, "medium"),
                            (3, "prone, without a class"),
                            (4, "high"),
                        ],
                        verbose_name="class",
                    ),
                ),
                (
                    "area",
                    django.contrib.gis.db.models.fields.MultiPolygonField(
                        spatial_index=False, srid=4326, verbose_name="area"
                    ),
                ),
                (
                    "edition",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="zones",
                        to="commandcentre.zoneedition",
                    ),
                ),
            ],
            options={
                "verbose_name": "zone",
                "verbose_name_plural": "zones",
                "constraints": [
                    models.UniqueConstraint(
                        fields=("edition", "hazard_class"), name="commandcentre_zone_once"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="VillageZone",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                (
                    "hazard_class",
                    models.PositiveSmallIntegerField(
                        choices=[
                            (1, "low"),
                            (2, "medium"),
                            (3, "prone, without a class"),
                            (4, "high"),
                        ],
                        verbose_name="class",
                    ),
                ),
                ("share_class", models.FloatField(verbose_name="share in the class")),
                ("share_any", models.FloatField(verbose_name="share in any class")),
                (
                    "village",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="regions.region",
                    ),
                ),
                (
                    "edition",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="villages",
                        to="commandcentre.zoneedition",
                    ),
                ),
            ],
            options={
                "verbose_name": "class of a village",
                "verbose_name_plural": "classes of villages",
                "constraints": [
                    models.UniqueConstraint(
                        fields=("edition", "village"), name="commandcentre_villagezone_once"
                    )
                ],
            },
        ),
    ]
