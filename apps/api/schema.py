"""Headers and refusals on the OpenAPI page."""

from __future__ import annotations

from typing import Any, Final

from drf_spectacular.extensions import OpenApiSerializerFieldExtension
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse

from apps.api.idempotency import HEADER, LONGEST
from apps.api.problems import ProblemOutput
from apps.api.serializers import ProposalOutput
from apps.common.http import MOST_BIGINT
from apps.common.problem import MEDIA_TYPE

IDEMPOTENCY_KEY: Final = OpenApiParameter(
    HEADER,
    {"type": "string", "minLength": 1, "maxLength": LONGEST, "pattern": "^[ -~]+$"},
    OpenApiParameter.HEADER,
    description="A name that you give this row, a random UUID for example; no personal data. For 24"
    " hours the same row under it is stored once and answered alike; another row is refused (409).",
)
REFERENCE: Final = OpenApiParameter(
    "reference",
    {"type": "integer", "minimum": 0, "maximum": MOST_BIGINT},
    OpenApiParameter.PATH,
    description="The `id` of an answer.",
)
SAID: Final = {
    200: "What became of the row so far.",
    201: "The row is a proposal and waits for its verifier.",
    202: "The check is not over: read the answer later, under its `id`.",
    422: "The row was checked and is held: `findings` say what to mend. Send it again, mended.",
    400: "The request cannot be read, or a column is missing. `errors[].attr` names it.",
    401: "There is no valid token.",
    403: "The token lacks the scope.",
    404: "There is nothing of yours under this address.",
    406: "Answers are JSON alone.",
    408: "The body did not arrive within 10 seconds.",
    409: "The Idempotency-Key was sent with another row.",
    413: "The body is larger than 64 kB.",
    415: "The body is not application/json.",
    429: "Too many requests of this client: wait as many seconds as Retry-After says.",
    503: "The portal cannot answer for a moment. Nothing was stored: send it again.",
}
# Refusals that every address may return.
ALWAYS: Final = (401, 403, 406, 429, 503)
RETRY_AFTER: Final = OpenApiParameter(
    "Retry-After", OpenApiTypes.INT, OpenApiParameter.HEADER, response=[429, 503], required=True
)


class ColumnSchema(OpenApiSerializerFieldExtension):
    """A required text contains more than spaces; no text contains a NUL."""

    target_class = "apps.api.serializers.Column"

    def map_serializer_field(self, auto_schema: Any, direction: Any) -> dict[str, Any]:
        told = {"type": "string", "maxLength": self.target.max_length, "pattern": r"^[^\x00]*$"}
        if not self.target.allow_blank:
            # space as Python strips it: \s of a schema leaves out the separators and NEL
            told |= {"minLength": 1, "pattern": r"^[^\x00]*[^\s\x00\x1c-\x1f\x85][^\x00]*$"}
        return told


def answers(*codes: int) -> dict[Any, Any]:
    return {
        (code, "application/json"): OpenApiResponse(ProposalOutput, SAID[code]) for code in codes
    }


def refusals(*codes: int) -> dict[Any, Any]:
    return {
        (code, MEDIA_TYPE): OpenApiResponse(ProblemOutput, SAID[code])
        for code in sorted({*codes, *ALWAYS})
    }
