"""Publications, their open rows and findings, confirmed names, services and their pages."""

import django.db.models.deletion
import pgtrigger.compiler
import pgtrigger.migrations
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("indicators", "0001_initial"),
        ("regions", "0005_cells"),
    ]

    operations = [
        migrations.CreateModel(
            name="RowFinding",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("row_number", models.IntegerField(verbose_name="row")),
                ("code", models.CharField(max_length=60)),
                ("params", models.JSONField(default=dict)),
                ("is_refusal", models.BooleanField(default=True, verbose_name="not taken")),
            ],
            options={
                "verbose_name": "finding",
                "verbose_name_plural": "findings",
            },
        ),
        migrations.CreateModel(
            name="Service",
            fields=[
                ("name", models.SlugField(primary_key=True, serialize=False, verbose_name="name")),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("arcgis", "ArcGIS REST feature layer"),
                            ("ogc", "OGC API – Features"),
                            ("wfs", "WFS 2.0"),
                        ],
                        max_length=6,
                        verbose_name="kind",
                    ),
                ),
                ("url", models.CharField(max_length=500, verbose_name="address")),
                ("layer", models.CharField(blank=True, max_length=120, verbose_name="layer")),
                ("source", models.CharField(max_length=200, verbose_name="source")),
                ("fields", models.JSONField(default=dict, verbose_name="columns")),
                ("values", models.JSONField(default=dict, verbose_name="indicators")),
                ("period", models.CharField(max_length=10, verbose_name="period")),
                (
                    "code_system",
                    models.CharField(default="kemendagri", max_length=10, verbose_name="codes"),
                ),
                (
                    "vintage",
                    models.CharField(blank=True, max_length=20, verbose_name="date of the codes"),
                ),
                (
                    "page_size",
                    models.PositiveIntegerField(default=1000, verbose_name="rows of a page"),
                ),
                (
                    "interval_s",
                    models.PositiveIntegerField(default=86400, verbose_name="interval (s)"),
                ),
                ("is_active", models.BooleanField(default=True, verbose_name="active")),
                ("state", models.JSONField(blank=True, default=dict)),
                ("reading", models.JSONField(blank=True, default=dict)),
                ("asked_at", models.DateTimeField(blank=True, null=True, verbose_name="asked")),
                (
                    "answered_at",
                    models.DateTimeField(blank=True, null=True, verbose_name="answered"),
                ),
                (
                    "failures",
                    models.PositiveIntegerField(default=0, verbose_name="failures in a row"),
                ),
                ("code", models.CharField(blank=True, max_length=60)),
                ("params", models.JSONField(blank=True, default=dict)),
            ],
            options={
                "verbose_name": "service",
                "verbose_name_plural": "services",
            },
        ),
        migrations.CreateModel(
            name="ServicePage",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("number", models.PositiveIntegerField(verbose_name="page")),
                ("place", models.CharField(blank=True, max_length=1000)),
                ("next", models.CharField(blank=True, max_length=1000)),
                ("rows", models.JSONField(default=list)),
                ("sha256", models.CharField(max_length=64)),
                ("etag", models.CharField(blank=True, max_length=200)),
                ("last_modified", models.CharField(blank=True, max_length=100)),
                ("read_at", models.DateTimeField(verbose_name="read")),
            ],
            options={
                "verbose_name": "page of a service",
                "verbose_name_plural": "pages of services",
            },
        ),
        migrations.AddField(
            model_name="release",
            name="current_by",
            field=models.CharField(blank=True, max_length=200, verbose_name="put in force by"),
        ),
        migrations.AddField(
            model_name="release",
            name="current_since",
            field=models.DateTimeField(blank=True, null=True, verbose_name="in force since"),
        ),
        migrations.CreateModel(
            name="KnownName",
            fields=[
                (
                    "name_key",
                    models.CharField(
                        max_length=200, primary_key=True, serialize=False, verbose_name="name"
                    ),
                ),
                ("written", models.CharField(max_length=300, verbose_name="as written")),
                ("confirmed_by", models.CharField(max_length=200, verbose_name="confirmed by")),
                ("confirmed_at", models.DateTimeField(verbose_name="confirmed")),
                (
                    "region",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="regions.region",
                        verbose_name="region",
                    ),
                ),
            ],
            options={
                "verbose_name": "confirmed name of a region",
                "verbose_name_plural": "confirmed names of regions",
            },
        ),
        migrations.CreateModel(
            name="Publication",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "status",
                    models.CharField(
                        choices=[
                            ("received", "Received"),
                            ("review", "Waits for a planner"),
                            ("stored", "Stored"),
                            ("failed", "Not stored"),
                            ("discarded", "Discarded"),
                        ],
                        default="received",
                        max_length=10,
                        verbose_name="status",
                    ),
                ),
                ("source", models.CharField(max_length=200, verbose_name="source")),
                ("period", models.CharField(max_length=10, verbose_name="period")),
                ("period_start", models.DateField(verbose_name="first day of the period")),
                (
                    "published_date",
                    models.DateField(blank=True, null=True, verbose_name="published"),
                ),
                (
                    "file",
                    models.FileField(max_length=200, upload_to="figures/", verbose_name="file"),
                ),
                ("file_name", models.CharField(max_length=300, verbose_name="file or address")),
                ("file_size", models.BigIntegerField(default=0, verbose_name="size")),
                ("sha256", models.CharField(max_length=64)),
                ("header", models.JSONField(default=list)),
                ("mapping", models.JSONField(default=dict)),
                ("values", models.JSONField(default=dict)),
                ("by_code", models.BooleanField(default=True, verbose_name="by codes")),
                ("code_system", models.CharField(max_length=10, verbose_name="codes")),
                (
                    "vintage",
                    models.CharField(blank=True, max_length=20, verbose_name="date of the codes"),
                ),
                ("held", models.JSONField(blank=True, default=list)),
                ("is_accepted", models.BooleanField(default=False, verbose_name="accepted")),
                ("counts", models.JSONField(blank=True, default=dict, verbose_name="counts")),
                ("received_at", models.DateTimeField(verbose_name="received")),
                ("received_by", models.CharField(max_length=80, verbose_name="received by")),
                (
                    "received_by_name",
                    models.CharField(blank=True, max_length=200, verbose_name="received by"),
                ),
                ("stored_at", models.DateTimeField(blank=True, null=True, verbose_name="stored")),
            ],
            options={
                "verbose_name": "publication",
                "verbose_name_plural": "publications",
                "indexes": [models.Index(fields=["sha256"], name="indicators_publication_sha256")],
            },
        ),
        migrations.CreateModel(
            name="OpenRow",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("row_number", models.IntegerField(verbose_name="row")),
                ("line", models.IntegerField(verbose_name="line")),
                ("code", models.CharField(max_length=60)),
                ("params", models.JSONField(default=dict)),
                ("written", models.JSONField(default=dict)),
                ("name_key", models.CharField(blank=True, max_length=200)),
                ("level", models.CharField(blank=True, max_length=10, verbose_name="level")),
                ("candidates", models.JSONField(default=list)),
                ("is_left_out", models.BooleanField(default=False, verbose_name="left out")),
                (
                    "answered_by",
                    models.CharField(blank=True, max_length=200, verbose_name="answered by"),
                ),
                (
                    "answered_at",
                    models.DateTimeField(blank=True, null=True, verbose_name="answered at"),
                ),
                (
                    "region",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="regions.region",
                    ),
                ),
                (
                    "publication",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="open_rows",
                        to="indicators.publication",
                    ),
                ),
            ],
            options={
                "verbose_name": "row to be reviewed",
                "verbose_name_plural": "rows to be reviewed",
            },
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="publication",
            trigger=pgtrigger.compiler.Trigger(
                name="publication_moves",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    declare="DECLARE _is_valid_transition BOOLEAN;",
                    func='SELECT CONCAT(OLD."status", \':\', NEW."status") = ANY(\'{failed:discarded,failed:received,received:failed,received:review,received:stored,review:discarded,review:received}\'::text[]) INTO _is_valid_transition; IF (_is_valid_transition IS FALSE AND OLD."status" IS DISTINCT FROM NEW."status") THEN RAISE EXCEPTION \'pgtrigger: Invalid transition of field "status" from "%" to "%" on table %\', OLD."status", NEW."status", TG_TABLE_NAME; ELSE RETURN NEW; END IF;',
                    hash="71d0d3ffe74ac49ee6f280ee926aee5b1e68497c",
                    operation="UPDATE",
                    pgid="pgtrigger_publication_moves_4acb5",
                    table="indicators_publication",
                    when="BEFORE",
                ),
            ),
        ),
        migrations.AddField(
            model_name="release",
            name="publication",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="releases",
                to="indicators.publication",
            ),
        ),
        migrations.AddField(
            model_name="rowfinding",
            name="publication",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE,
                related_name="findings",
                to="indicators.publication",
            ),
        ),
        migrations.AddField(
            model_name="service",
            name="publication",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="services",
                to="indicators.publication",
            ),
        ),
        migrations.AddField(
            model_name="servicepage",
            name="service",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE,
                related_name="pages",
                to="indicators.service",
            ),
        ),
        migrations.AddConstraint(
            model_name="openrow",
            constraint=models.UniqueConstraint(
                fields=("publication", "row_number"), name="indicators_openrow_once"
            ),
        ),
        migrations.AddIndex(
            model_name="rowfinding",
            index=models.Index(
                fields=["publication", "row_number"], name="indicators_rowfinding_row"
            ),
        ),
        migrations.AddConstraint(
            model_name="servicepage",
            constraint=models.UniqueConstraint(
                fields=("service", "number"), name="indicators_servicepage_once"
            ),
        ),
    ]
