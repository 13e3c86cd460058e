"""A notice that a decision on many rows has ended, for who took it."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("casework", "0011_annulment_notices"),
    ]

    operations = [
        migrations.AlterField(
            model_name="notice",
            name="kind",
            field=models.CharField(
                choices=[
                    ("batch_ready", "File checked"),
                    ("batch_asks", "File waits for an answer"),
                    ("batch_stopped", "Check stopped"),
                    ("corrected", "Corrections taken over"),
                    ("rows_returned", "Proposals returned"),
                    ("cycle_closing", "Cycle closes soon"),
                    ("questions", "Questions to answer"),
                    ("answer_back", "Answers handed back"),
                    ("much_reading", "Much reading"),
                    ("row_asked", "Question about a proposal"),
                    ("row_answered", "Answer about a proposal"),
                    ("canary", "A made-up person was touched"),
                    ("hazard_waits", "Hazard not taken on"),
                    ("pockets", "Villages of which two sources differ"),
                    ("decree_annulled", "Decree annulled"),
                    ("host_waits", "Host of a service to be allowed"),
                    ("bulk_ended", "Decision on many rows ended"),
                ],
                max_length=20,
                verbose_name="kind",
            ),
        ),
    ]
