"""Forms of these pages. They check the form of the values; the domain functions decide."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from apps.accounts.models import Agency, User
from apps.accounts.people import agencies, users
from apps.accounts.people.grants import DELEGABLE, USUAL_PERIOD
from apps.accounts.roles import Permission, Role
from apps.common.text.days import DayField


def a_year_from_now() -> Any:
    return timezone.localdate() + USUAL_PERIOD


class PlaceInput(forms.TextInput):
    """A region, found by its name or typed as a code. Returns the code, else the text."""

    is_place = True

    def value_from_datadict(self, data: Any, files: Any, name: str) -> Any:
        return data.get("region") or data.get("region_text") or data.get(name)


class PeriodForm(forms.Form):
    """The region and the end of a grant."""

    region_code = forms.CharField(
        label=_("Region (ID for the whole country)"), max_length=100, widget=PlaceInput
    )
    until = DayField(label=_("Last day"), initial=a_year_from_now)

    def end(self) -> datetime:
        """The end of the last day, in the portal's time zone."""
        day: date = self.cleaned_data["until"]
        return timezone.make_aware(datetime.combine(day + timedelta(days=1), time.min))


class NikField(forms.CharField):
    """The NIK of a person who gets an account. The browser does not store it."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(
            label="NIK",
            max_length=25,
            required=False,
            help_text=_(
                "16 digits, from the identity card; keeps one person to one account. Needed for"
                " every role that sends, decides or resolves."
            ),
            widget=forms.TextInput(
                attrs={"autocomplete": "off", "inputmode": "numeric", "data-keep": "no"}
            ),
            **kwargs,
        )


class GrantForm(PeriodForm):
    """A role for a user, among those that the granter may give. It asks for a missing NIK."""

    role = forms.ChoiceField(label=_("Role"))
    nik = NikField()
    field_order = ["role", "region_code", "until", "nik"]

    def __init__(self, *args: Any, by: User, has_nik: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["role"].choices = roles_for(by)  # type: ignore[attr-defined]
        if has_nik:
            del self.fields["nik"]


class NewUserForm(GrantForm):
    """An account with its first grant: every account has one."""

    username = forms.CharField(label=_("User name"), max_length=80)
    full_name = forms.CharField(label=_("Full name"), max_length=200)
    email = forms.EmailField(label=_("E-mail"), required=False)
    field_order = ["username", "full_name", "email", "nik", "role", "region_code", "until"]


class ResetForm(forms.Form):
    """The reason for removing a second factor."""

    reason = forms.ChoiceField(
        label=_("Reason"),
        choices=[("", _("Choose a reason")), *users.RESET_REASONS.items()],
        help_text=_(
            "It is recorded in the audit trail. Make sure first that it is really this person."
        ),
    )


class AgencyForm(PeriodForm):
    """An agency with its first grant."""

    code = forms.SlugField(label=_("Code"), max_length=40)
    name = forms.CharField(label=_("Name"), max_length=200)
    legal_basis = forms.CharField(label=_("Legal basis"), max_length=300)
    purpose = forms.CharField(label=_("Purpose"), max_length=300)
    field_order = ["code", "name", "legal_basis", "purpose", "region_code", "until"]


class ClientForm(forms.Form):
    """A client and the scopes that it may ask for."""

    name = forms.CharField(label=_("Name"), max_length=255)
    scopes = forms.MultipleChoiceField(label=_("Scopes"), widget=forms.CheckboxSelectMultiple)

    def __init__(self, *args: Any, agency: Agency, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["scopes"].choices = [  # type: ignore[attr-defined]
            (code, f"{code} – {words}") for code, words in agencies.offered_scopes().items()
        ]


def roles_for(by: User) -> list[tuple[str, Any]]:
    """The roles that a user may grant, with their names."""
    everything = by.has_perm(Permission.MANAGE_CLIENT)
    return [
        (role.value, role.label)
        for role in Role
        if role != Role.AGENCY and (everything or role in DELEGABLE)
    ]
