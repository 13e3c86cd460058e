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
    ("place_differs", "Other address in the village"),
    ("point_differs", "Other point of the house"),
    ("not_registered", "Recipient, but not in the register"),
    ("above_limit", "In the register, but ranked above the limit"),
    ("civil_servant", "Civil servant among recipients"),
]


class Migration(migrations.Migration):
    dependencies = [("reconciliation", "0011_asked_columns")]

    operations = [
        migrations.AlterField(
            model_name="conflict",
            name="kind",
            field=models.CharField(choices=KINDS, max_length=14, verbose_name="kind"),
        ),
    ]
