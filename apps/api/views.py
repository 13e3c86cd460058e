"""The proposals of an agency: send one row, read its result."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.db import transaction
from django.http import Http404
from django.utils import timezone
from django.utils.decorators import method_decorator
from drf_spectacular.utils import extend_schema
from rest_framework import status
from rest_framework.exceptions import MethodNotAllowed
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from apps.accounts.access import actor_of, open_gate, scope_of
from apps.accounts.models import Agency
from apps.accounts.roles import Permission
from apps.api import answers, idempotency, schema
from apps.api.authentication import AgencyAuthentication, HasScope, HoldsPermission
from apps.api.models import IdempotencyKey
from apps.api.serializers import ProposalInput
from apps.api.throttle import ClientThrottle
from apps.audit import record
from apps.audit.models import Action
from apps.jobs import waiting
from apps.jobs.models import Job
from apps.proposals.models import Batch
from apps.proposals.submitting import when_checked
from apps.proposals.upload import intake

# How long a request waits for the checks before it answers 202.
WAIT_S = 5.0
# Of a batch of the API, which has one row.
ROW_NUMBER = 1


@contextmanager
def scoped(request: Request) -> Iterator[Agency]:
    """A transaction with the agency's regions set in the database and its name in the audit."""
    agency: Any = request.user
    token: Any = request.auth
    with (
        transaction.atomic(),
        record.acting(actor=actor_of(token.application), actor_name=agency.name),
    ):
        open_gate(agency)
        yield agency


@method_decorator(transaction.non_atomic_requests, name="dispatch")
class AgencyView(APIView):
    """Base of the agencies' views: own transactions, scope and permission by method."""

    authentication_classes = [AgencyAuthentication]
    permission_classes = [HasScope, HoldsPermission]
    throttle_classes = [ClientThrottle]
    scopes_by_method: dict[str, str] = {}
    permissions_by_method: dict[str, Permission] = {}

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        """An unknown method is 405 for every caller, also without a token."""
        if request.method not in self.allowed_methods:
            raise MethodNotAllowed(str(request.method))
        super().initial(request, *args, **kwargs)

    @property
    def allowed_methods(self) -> list[str]:
        known = list(self.scopes_by_method)
        return [*known, "HEAD"] if "GET" in known else known


class Proposals(AgencyView):
    scopes_by_method = {"POST": "proposals:write"}
    permissions_by_method = {"POST": Permission.UPLOAD_BATCH}

    @extend_schema(
        operation_id="proposals_create",
        request={"application/json": ProposalInput},
        parameters=[schema.IDEMPOTENCY_KEY, schema.RETRY_AFTER],
        responses=schema.answers(201, 202, 422) | schema.refusals(400, 404, 408, 409, 413, 415),
    )
    def post(self, request: Request) -> Response:
        """Send one row. 201: it waits for its verifier. 422: mend it. 202: read it later.

        With an Idempotency-Key the same row sent again within a day is the same batch and gets the
        same answer, also when it is sent several times at once.
        """
        key = idempotency.key_of(request)
        row = ProposalInput(data=request.data)
        row.is_valid(raise_exception=True)
        values = row.validated_data
        with scoped(request) as agency:
            claimed = _claim(request, key, values)
            if claimed is not None and claimed.status is not None:
                return _stored(claimed)
            batch, job = _received(claimed, values, agency)

        def look(job: Job) -> None:
            with scoped(request):
                job.refresh_from_db()

        waiting.wait_for(job, seconds=WAIT_S, look=look)
        with scoped(request) as agency:
            if claimed is not None:
                claimed = idempotency.locked(claimed)
                if claimed.status is not None:
                    return _stored(claimed)
            batch.refresh_from_db()
            body = answers.answer(batch)
            _note_read(batch)
            code = STATUS_CODES.get(body["status"], status.HTTP_201_CREATED)
            if claimed is not None:
                idempotency.store(claimed, code=code, body=body)
        return Response(body, status=code)


STATUS_CODES = {
    "held": status.HTTP_422_UNPROCESSABLE_ENTITY,
    "checking": status.HTTP_202_ACCEPTED,
}


def _claim(request: Request, key: str, values: Any) -> IdempotencyKey | None:
    if not key:
        return None
    token: Any = request.auth
    return idempotency.claim(client=token.application, key=key, values=values, now=timezone.now())


def _received(claimed: IdempotencyKey | None, values: Any, agency: Agency) -> tuple[Batch, Job]:
    """The batch of a row and the job that checks it: new ones, or those of an equal request."""
    if claimed is not None and claimed.batch is not None:
        return claimed.batch, intake.job_of(claimed.batch)
    received = intake.receive_row(
        values=values,
        by=agency,
        region_code=region_of(agency, values["village_code"]),
        origin=Batch.Origin.API,
        now=timezone.now(),
    )
    # between two cycles the row waits; `submit_waiting` submits it when a cycle opens
    when_checked.request_submission(batch=received.batch, by=agency, now=timezone.now())
    if claimed is not None:
        claimed.batch = received.batch
        claimed.save(update_fields=["batch"])
    return received.batch, received.job


def _note_read(batch: Batch) -> None:
    """Record who is told about the row: its findings may be about the person registered under its
    NIK, who finds the entry by the row.
    """
    record.entry(Action.READ, about=batch, rows=[ROW_NUMBER])


def _stored(claimed: IdempotencyKey) -> Response:
    """The stored first answer. Reading it again is audited."""
    batch: Any = claimed.batch
    _note_read(batch)
    return Response(json.loads(claimed.body), status=claimed.status)


class ProposalByReference(AgencyView):
    scopes_by_method = {"GET": "proposals:read"}
    permissions_by_method = {"GET": Permission.VIEW_PROPOSAL}

    @extend_schema(
        operation_id="proposals_read",
        parameters=[schema.REFERENCE, schema.RETRY_AFTER],
        responses=schema.answers(200) | schema.refusals(400, 404),
    )
    def get(self, request: Request, reference: int) -> Response:
        """Read what became of a row that this agency sent."""
        with scoped(request) as agency:
            batch = answers.batch_of(agency, reference)
            if batch is None:
                raise Http404
            _note_read(batch)
            return Response(answers.answer(batch))


def region_of(agency: Agency, village_code: str) -> str:
    """The widest of the agency's regions that holds the village, else its first one.

    A village outside of all regions is a finding of the checks and is not refused here.
    """
    scope = scope_of(agency, Permission.UPLOAD_BATCH)
    fitting = [prefix for prefix in scope.prefixes if village_code.startswith(prefix)]
    return (fitting or list(scope.prefixes))[0] or "ID"
