"""The shape of all refusals of the API, RFC 9457: the problem, and each error with its field."""

from __future__ import annotations

from typing import Any

from django.db import DataError, InterfaceError, OperationalError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _lazy
from drf_standardized_errors.formatter import ExceptionFormatter
from drf_standardized_errors.handler import ExceptionHandler
from drf_standardized_errors.types import ErrorResponse
from rest_framework import serializers, status
from rest_framework.exceptions import APIException, ParseError
from rest_framework.response import Response

from apps.common import problem


class Unavailable(APIException):
    """The database is not available."""

    status_code = status.HTTP_503_SERVICE_UNAVAILABLE
    default_code = "unavailable"
    default_detail = _lazy(
        "The portal cannot reach its database. Nothing was lost; try again in a moment."
    )
    wait = 10


class ProblemFormatter(ExceptionFormatter):
    """The body of `application/problem+json`."""

    def format_error_response(self, error_response: ErrorResponse) -> dict[str, Any]:
        errors = [
            {"code": error.code, "detail": error.detail, "attr": error.attr}
            for error in error_response.errors
        ]
        return problem.body(self.exc.status_code, errors)


class ProblemHandler(ExceptionHandler):
    """The media type, and errors that DRF takes for faults: an outage, a value no column takes."""

    def convert_known_exceptions(self, exc: Exception) -> Exception:
        if isinstance(exc, OperationalError | InterfaceError):
            return Unavailable()
        if isinstance(exc, DataError | UnicodeEncodeError):
            return ParseError()
        return super().convert_known_exceptions(exc)

    def convert_unhandled_exceptions(self, exc: Exception) -> APIException:
        """A message with the request's number in the log."""
        if isinstance(exc, APIException):
            return exc
        text = _("A fault of the portal. Nothing was saved. Tell Pusdatin the number %(number)s.")
        number = getattr(self.context.get("request"), "request_id", "")
        return APIException(text % {"number": number})

    def get_response(self, exc: APIException, data: dict[str, Any]) -> Response:
        response: Response = super().get_response(exc, data)
        response.content_type = problem.MEDIA_TYPE
        return response


class ErrorOutput(serializers.Serializer[Any]):
    """One error. `attr` names the field, where it is about one."""

    code = serializers.CharField()
    detail = serializers.CharField()
    attr = serializers.CharField(allow_null=True)


class ProblemOutput(serializers.Serializer[Any]):
    """Why the request was refused. `detail` is for people, `errors[].code` for programs."""

    type = serializers.CharField()
    title = serializers.CharField()
    status = serializers.IntegerField()
    detail = serializers.CharField()
    errors = ErrorOutput(many=True)  # type: ignore[assignment]
