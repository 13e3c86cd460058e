"""Pockets of extreme poverty: editions, their villages and areas, differences."""

import django.contrib.gis.db.models.fields
import django.contrib.postgres.fields
import django.db.models.deletion
import pgtrigger.compiler
import pgtrigger.migrations
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("casework", "0008_pockets"),
        ("indicators", "0002_publications"),
        ("regions", "0005_cells"),
    ]

    operations = [
        migrations.CreateModel(
            name="PocketVillage",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("is_pocket", models.BooleanField(verbose_name="pocket")),
                (
                    "share_area",
                    models.FloatField(blank=True, null=True, verbose_name="share of the area"),
                ),
                (
                    "families",
                    models.PositiveIntegerField(default=0, verbose_name="registered families"),
                ),
                (
                    "persons",
                    models.PositiveIntegerField(default=0, verbose_name="registered persons"),
                ),
                (
                    "counted",
                    models.PositiveIntegerField(default=0, verbose_name="counted families"),
                ),
                (
                    "per_km2",
                    models.FloatField(
                        blank=True, null=True, verbose_name="counted families per km²"
                    ),
                ),
                (
                    "percent",
                    models.FloatField(blank=True, null=True, verbose_name="counted families (%)"),
                ),
                (
                    "enrolled",
                    models.PositiveIntegerField(
                        default=0, verbose_name="families with a programme"
                    ),
                ),
                (
                    "proposed",
                    models.PositiveIntegerField(default=0, verbose_name="families with a proposal"),
                ),
                (
                    "located",
                    models.PositiveIntegerField(default=0, verbose_name="families with a point"),
                ),
                (
                    "inside",
                    models.PositiveIntegerField(
                        default=0, verbose_name="points inside their village"
                    ),
                ),
                (
                    "near_border",
                    models.PositiveIntegerField(default=0, verbose_name="points near its border"),
                ),
                (
                    "enrolled_persons",
                    models.JSONField(blank=True, default=dict, verbose_name="enrolled persons"),
                ),
                (
                    "hidden",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=12),
                        blank=True,
                        default=list,
                        size=None,
                    ),
                ),
            ],
            options={
                "verbose_name": "village of an edition of pockets",
                "verbose_name_plural": "villages of editions of pockets",
            },
        ),
        migrations.CreateModel(
            name="PocketEdition",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "origin",
                    models.CharField(
                        choices=[("published", "BIG"), ("computed", "the register")],
                        max_length=9,
                        verbose_name="origin",
                    ),
                ),
                ("name", models.CharField(max_length=80, unique=True, verbose_name="name")),
                ("published_date", models.DateField(verbose_name="published")),
                (
                    "status",
                    models.CharField(
                        choices=[
                            ("waiting", "In work"),
                            ("ready", "Ready"),
                            ("active", "In force"),
                            ("superseded", "Superseded"),
                            ("failed", "Failed"),
                        ],
                        default="waiting",
                        max_length=10,
                        verbose_name="status",
                    ),
                ),
                (
                    "parameters",
                    models.JSONField(blank=True, default=dict, verbose_name="parameters"),
                ),
                (
                    "boundaries",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=80),
                        default=list,
                        size=None,
                        verbose_name="boundary editions",
                    ),
                ),
                (
                    "file",
                    models.FileField(
                        blank=True, max_length=200, upload_to="pockets/", verbose_name="file"
                    ),
                ),
                (
                    "file_name",
                    models.CharField(blank=True, max_length=200, verbose_name="file name"),
                ),
                ("sha256", models.CharField(blank=True, max_length=64)),
                ("summary", models.JSONField(blank=True, default=dict, verbose_name="summary")),
                ("stored_at", models.DateTimeField(verbose_name="stored")),
                ("stored_by", models.CharField(max_length=200, verbose_name="by")),
                (
                    "activated_at",
                    models.DateTimeField(blank=True, null=True, verbose_name="in force since"),
                ),
                (
                    "activated_by",
                    models.CharField(blank=True, max_length=200, verbose_name="put in force by"),
                ),
            ],
            options={
                "verbose_name": "edition of pockets",
                "verbose_name_plural": "editions of pockets",
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("status", "active")),
                        fields=("origin",),
                        name="indicators_one_pocket_edition",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="PocketDifference",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("agree", "both"),
                            ("published", "only BIG"),
                            ("computed", "only the register"),
                        ],
                        max_length=9,
                        verbose_name="says pocket",
                    ),
                ),
                (
                    "share_area",
                    models.FloatField(blank=True, null=True, verbose_name="share of the area"),
                ),
                (
                    "families",
                    models.PositiveIntegerField(default=0, verbose_name="registered families"),
                ),
                (
                    "persons",
                    models.PositiveIntegerField(default=0, verbose_name="registered persons"),
                ),
                (
                    "counted",
                    models.PositiveIntegerField(default=0, verbose_name="counted families"),
                ),
                (
                    "per_km2",
                    models.FloatField(
                        blank=True, null=True, verbose_name="counted families per km²"
                    ),
                ),
                (
                    "percent",
                    models.FloatField(blank=True, null=True, verbose_name="counted families (%)"),
                ),
                (
                    "hidden",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=12),
                        blank=True,
                        default=list,
                        size=None,
                    ),
                ),
                (
                    "answer",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("pocket", "is a pocket"),
                            ("no_pocket", "is no pocket"),
                            ("unknown", "cannot be said yet"),
                        ],
                        max_length=9,
                        verbose_name="answer",
                    ),
                ),
                ("remark", models.CharField(blank=True, max_length=300, verbose_name="remark")),
                (
                    "answered_at",
                    models.DateTimeField(blank=True, null=True, verbose_name="answered"),
                ),
                ("answered_by", models.CharField(blank=True, max_length=200, verbose_name="by")),
                (
                    "village",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="regions.region",
                    ),
                ),
                (
                    "worklist",
                    models.ForeignKey(
                        blank=True,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="casework.worklist",
                    ),
                ),
                (
                    "computed",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="indicators.pocketedition",
                    ),
                ),
                (
                    "published",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="indicators.pocketedition",
                    ),
                ),
            ],
            options={
                "verbose_name": "difference of pockets",
                "verbose_name_plural": "differences of pockets",
            },
        ),
        migrations.CreateModel(
            name="PocketArea",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("number", models.CharField(max_length=40, verbose_name="number")),
                ("name", models.CharField(blank=True, max_length=120, verbose_name="name")),
                (
                    "area",
                    django.contrib.gis.db.models.fields.MultiPolygonField(
                        spatial_index=False, srid=4326, verbose_name="area"
                    ),
                ),
                ("area_km2", models.FloatField(verbose_name="area (km²)")),
                ("is_repaired", models.BooleanField(default=False, verbose_name="repaired")),
                (
                    "families",
                    models.PositiveIntegerField(
                        blank=True, null=True, verbose_name="counted families"
                    ),
                ),
                (
                    "persons",
                    models.PositiveIntegerField(
                        blank=True, null=True, verbose_name="their persons"
                    ),
                ),
                (
                    "per_km2",
                    models.FloatField(
                        blank=True, null=True, verbose_name="counted families per km²"
                    ),
                ),
                (
                    "edition",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="areas",
                        to="indicators.pocketedition",
                    ),
                ),
            ],
            options={
                "verbose_name": "area of an edition of pockets",
                "verbose_name_plural": "areas of editions of pockets",
            },
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="pocketedition",
            trigger=pgtrigger.compiler.Trigger(
                name="pocket_edition_moves",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    declare="DECLARE _is_valid_transition BOOLEAN;",
                    func='SELECT CONCAT(OLD."status", \':\', NEW."status") = ANY(\'{active:superseded,failed:waiting,ready:active,superseded:active,waiting:failed,waiting:ready}\'::text[]) INTO _is_valid_transition; IF (_is_valid_transition IS FALSE AND OLD."status" IS DISTINCT FROM NEW."status") THEN RAISE EXCEPTION \'pgtrigger: Invalid transition of field "status" from "%" to "%" on table %\', OLD."status", NEW."status", TG_TABLE_NAME; ELSE RETURN NEW; END IF;',
                    hash="2b65fbee92dfcb5cb14d2866a9e783c9c1164b2d",
                    operation='UPDATE OF "status"',
                    pgid="pgtrigger_pocket_edition_moves_cf0f2",
                    table="indicators_pocketedition",
                    when="BEFORE",
                ),
            ),
        ),
        migrations.AddField(
            model_name="pocketvillage",
            name="edition",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="villages",
                to="indicators.pocketedition",
            ),
        ),
        migrations.AddField(
            model_name="pocketvillage",
            name="village",
            field=models.ForeignKey(
                db_constraint=False,
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="regions.region",
            ),
        ),
        migrations.AddIndex(
            model_name="pocketdifference",
            index=models.Index(
                condition=models.Q(("worklist__isnull", False)),
                fields=["worklist"],
                name="indicators_difference_list",
            ),
        ),
        migrations.AddConstraint(
            model_name="pocketdifference",
            constraint=models.UniqueConstraint(
                fields=("published", "computed", "village"),
                name="indicators_pocket_difference_once",
            ),
        ),
        migrations.AddConstraint(
            model_name="pocketarea",
            constraint=models.UniqueConstraint(
                fields=("edition", "number"), name="indicators_pocket_area_once"
            ),
        ),
        migrations.AddConstraint(
            model_name="pocketvillage",
            constraint=models.UniqueConstraint(
                fields=("edition", "village"), name="indicators_pocket_village_once"
            ),
        ),
    ]
