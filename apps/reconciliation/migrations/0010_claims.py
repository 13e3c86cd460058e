"""Questions about what decrees claimed and the register did not take."""

import django.db.models.deletion
from django.db import migrations, models

KINDS = [
    ("deceased", "Deceased at the civil register"),
    ("moved", "Lives in another village"),
    ("nik_unknown", "NIK not at the civil register"),
    ("nik_shared", "One NIK on two people"),
    ("nik_twice", "Two NIKs on one person"),
    ("name_differs", "Name differs"),
    ("birth_differs", "Date of birth differs"),
    ("sex_differs", "Sex differs"),
    ("mother_differs", "Mother's name differs"),
    ("kk_differs", "Other family card"),
    ("not_registered", "Recipient, but not in the register"),
    ("above_limit", "In the register, but ranked above the limit"),
    ("civil_servant", "Civil servant among recipients"),
]


class Migration(migrations.Migration):
    dependencies = [
        ("reconciliation", "0009_ended_records"),
        ("registry", "0006_untaken_claims"),
    ]

    operations = [
        migrations.AlterField(
            model_name="source",
            name="kind",
            field=models.CharField(
                choices=[
                    ("register", "The register itself"),
                    ("proposals", "Proposals of the regions"),
                    ("civil", "Civil register"),
                    ("ranking", "Ranking (desil)"),
                    ("programme", "Recipients of a programme"),
                    ("poverty", "List of poor families"),
                    ("employees", "Civil servants"),
                ],
                max_length=10,
                verbose_name="kind",
            ),
        ),
        migrations.AlterField(
            model_name="conflict",
            name="kind",
            field=models.CharField(choices=KINDS, max_length=14, verbose_name="kind"),
        ),
        migrations.AlterField(
            model_name="conflict",
            name="run",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="conflicts",
                to="reconciliation.run",
            ),
        ),
        migrations.AddField(
            model_name="conflict",
            name="claim",
            field=models.ForeignKey(
                blank=True,
                db_constraint=False,
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="registry.claim",
            ),
        ),
    ]
