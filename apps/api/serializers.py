"""Shapes of the API. They validate the form only; the checks of rows validate the meaning."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

# The fields of a row, in the columns of the upload template.
COLUMNS = (
    "nik",
    "programme",
    "kk",
    "name",
    "birth_place",
    "birth_date",
    "mother_name",
    "sex",
    "occupation",
    "marital_status",
    "address",
    "rt",
    "rw",
    "disability",
    "disability_kind",
    "pregnant",
    "pregnancy_date",
    "village_code",
    "latitude",
    "longitude",
    "ppks",
    "kind",
    "relation",
    "accuracy_m",
    "identity_note",
    "reason",
    "reason_date",
    "evidence_kind",
    "evidence_number",
)
# Every row names a person and a village. What else it needs depends on its kind and is a finding of
# the checks: a correction or a removal leaves out what the register has.
REQUIRED = {"nik", "name", "village_code"}
# The longest text of any column; the checks report a text that is too long for its column.
LONGEST = 300
LONGEST_NOTE = 500  # the explanation of identity is one or two sentences


class Column(serializers.CharField):
    """The text of one column."""


class ProposalInput(serializers.Serializer[Any]):
    """One row, as text, in the columns of the upload template."""

    def get_fields(self) -> dict[str, serializers.Field[Any, Any, Any, Any]]:
        return {
            column: Column(
                required=column in REQUIRED,
                allow_blank=column not in REQUIRED,
                max_length=LONGEST_NOTE if column == "identity_note" else LONGEST,
            )
            for column in COLUMNS
        }


class FindingOutput(serializers.Serializer[Any]):
    code = serializers.CharField()
    severity = serializers.ChoiceField(choices=["note", "warning", "error"])
    field = serializers.CharField(allow_blank=True)
    message = serializers.CharField()
    remedy = serializers.CharField(allow_blank=True)


class ProposalOutput(serializers.Serializer[Any]):
    """What became of a row. `id` is the reference under which it can be read again."""

    id = serializers.IntegerField()
    kind = serializers.ChoiceField(choices=["new", "correction", "removal"], allow_null=True)
    status = serializers.CharField(
        help_text="held: must be mended and sent again; checking: not finished yet, read it again;"
        " asking: most rows are known already, a person has to say how to go on; discarded: thrown"
        " away then; dropped: a person left it out of the proposals;"
        " otherwise the state of the proposal"
    )
    verdict = serializers.CharField(allow_null=True)
    distance_m = serializers.FloatField(allow_null=True)
    village_code = serializers.CharField(allow_null=True)
    actual_village_code = serializers.CharField(allow_null=True)
    flags = serializers.ListField(child=serializers.CharField())
    findings = FindingOutput(many=True)
