"""Agencies and their API clients. A secret is shown once and stored hashed."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import IntegrityError, transaction
from oauth2_provider.generators import generate_client_secret
from oauth2_provider.models import AccessToken

from apps.accounts.access import Scope, scope_of
from apps.accounts.models import Agency, Client, User
from apps.accounts.roles import Permission
from apps.audit import record
from apps.audit.models import Action
from apps.common.errors import DomainError


@transaction.atomic
def create_agency(
    *, code: str, name: str, legal_basis: str, purpose: str, by: User, now: datetime
) -> Agency:
    """A new agency without any grant. Raises: DomainError."""
    _check_hand(by)
    try:
        with transaction.atomic():
            agency = Agency.objects.create(
                code=code, name=name, legal_basis=legal_basis, purpose=purpose, created_at=now
            )
    except IntegrityError as error:
        raise DomainError("code_taken", agency=code) from error
    record.entry(Action.CREATE, about=agency, by=by, purpose=purpose)
    return agency


@transaction.atomic
def create_client(
    *, agency: Agency, name: str, scopes: Iterable[str], by: User, now: datetime
) -> tuple[Client, str]:
    """A client of an agency with the scopes that it may ask for, and its secret.

    Raises: DomainError.
    """
    _check_hand(by)
    allowed = _known(scopes)
    if not agency.is_active:
        raise DomainError("agency_disabled", name=agency.name)
    secret = generate_client_secret()
    client = Client.objects.create(
        agency=agency,
        name=name,
        client_type=Client.CLIENT_CONFIDENTIAL,
        authorization_grant_type=Client.GRANT_CLIENT_CREDENTIALS,
        client_secret=secret,
        allowed_scopes=allowed,
    )
    record.entry(Action.CREATE, about=client, by=by, scopes=allowed)
    return client, secret


@transaction.atomic
def renew_secret(*, client: Client, by: User, now: datetime) -> str:
    """Replace the secret. The old one and every token made with it become invalid."""
    _check_hand(by)
    secret = generate_client_secret()
    client.client_secret = secret
    client.save(update_fields=["client_secret", "updated"])
    AccessToken.objects.filter(application=client).delete()
    record.entry(Action.CHANGE, about=client, by=by, step="secret_renewed")
    return secret


@transaction.atomic
def switch(*, row: Agency | Client, is_active: bool, by: User, now: datetime) -> None:
    """Disable or enable an agency or a client. A disabled one is refused at its next call.

    Raises: DomainError, also when it is already in that state.
    """
    _check_hand(by)
    moved = (type(row)._default_manager.filter(pk=row.pk, is_active=not is_active)).update(
        is_active=is_active
    )
    if not moved:
        raise DomainError("already_so", name=str(row))
    if not is_active:
        mine = {"application__agency": row} if isinstance(row, Agency) else {"application": row}
        AccessToken.objects.filter(**mine).delete()
    record.entry(Action.CHANGE, about=row, by=by, step="enabled" if is_active else "disabled")


def offered_scopes() -> dict[str, str]:
    """The scopes that a client can be given, with their meaning."""
    options: dict[str, Any] = settings.OAUTH2_PROVIDER
    return dict(options["SCOPES"])


def _known(scopes: Iterable[str]) -> list[str]:
    offered = offered_scopes()
    chosen = sorted(set(scopes))
    if not chosen:
        raise DomainError("no_scopes")
    unknown = [scope for scope in chosen if scope not in offered]
    if unknown:
        raise DomainError("unknown_scopes", found=unknown[0][:60], scopes=", ".join(offered))
    return chosen


def _check_hand(by: User) -> None:
    scope: Scope = scope_of(by, Permission.MANAGE_CLIENT)
    if not scope.is_national:
        raise DomainError("clients_not_yours")
