"""Why something about users, grants or clients was refused: what, where, how to fix it."""

from __future__ import annotations

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from apps.common.errors import register

MESSAGES: dict[str, Promise] = {
    "one_principal": _("A grant belongs to one user or one agency. Choose one of them."),
    "unknown_role": _("There is no role “%(role)s”. The roles are: %(roles)s."),
    "wrong_principal": _(
        "The role %(role)s does not fit this holder: users hold the roles of people, agencies the"
        " role agency. Choose another role."
    ),
    "unknown_region": _(
        "There is no region %(region)s today. Write a Kemendagri code with dots, such as 34.04 or"
        " 34.04.01.2001, or ID for the whole country."
    ),
    "national_only": _(
        "%(role)s works for the whole country, not for %(region)s. Choose the region ID."
    ),
    "level_too_high": _(
        "%(role)s cannot be granted for %(region)s. Choose a region of the level %(level)s or one"
        " inside it."
    ),
    "period_over": _("The grant would end on %(until)s, which is over. Choose a later date."),
    "period_too_long": _(
        "The grant would last until %(until)s. Choose a date up to %(latest)s and renew it then."
    ),
    "own_grant": _(
        "You cannot change your own grants. Ask another administrator to do it and to sign for it."
    ),
    "not_yours_to_grant": _(
        "%(role)s for %(region)s is not yours to give or end. Ask the administrator at Pusdatin."
    ),
    "principal_disabled": _("%(name)s is disabled. Enable the account first, then grant the role."),
    "already_granted": _(
        "%(name)s is already %(role)s for %(region)s until %(until)s. End that grant first if its"
        " period is to change."
    ),
    "incompatible": _(
        "%(name)s is also %(role)s for %(region)s until %(until)s, which may not be combined with"
        " %(wanted)s. End that grant first, or choose another person."
    ),
    "already_ended": _("This grant of %(name)s has already ended. Nothing was changed."),
    "too_many_attempts": _(
        "Too many failed sign-ins for this name or from this place. Your password was not tried."
        " Try again in %(minutes)s minutes."
    ),
    "attempts_not_counted": _(
        "Signing in is closed for the moment, because attempts cannot be counted. People who are"
        " signed in stay signed in. Try again in a minute."
    ),
    "unknown_user": _("There is no user “%(username)s”. Check the name, or add --create."),
    "username_taken": _("The user name “%(username)s” is taken. Choose another one."),
    "username_shape": _(
        "The user name “%(username)s” cannot be used. Write 2 to 80 letters, digits and the signs"
        " @ . + - _, beginning with a letter or digit."
    ),
    "both_hands": _(
        "%(person)s would become %(wanted)s with an account that you handed out, as is that of"
        " %(name)s, who is or was %(role)s for %(region)s. One administrator must not hand out two"
        " accounts that take consecutive steps. Ask another administrator to do it, at Pusdatin if"
        " your regency has no other."
    ),
    "nik_missing": _(
        "%(name)s cannot become %(role)s yet: the account has no NIK, and each person who sends,"
        " decides or resolves has one account. Write the NIK from the identity card."
    ),
    "nik_date": _(
        "The 7th to 12th digit of this NIK are no date of birth. Copy the number from the identity"
        " card once more."
    ),
    "nik_serial": _(
        "This number is no NIK: it begins with 00 or ends with 0000. Copy it from the identity card"
        " once more."
    ),
    "nik_known": _(
        "%(name)s already has another NIK, which does not change. A new person gets a new account."
    ),
    "second_person": _(
        "Password and second factor of %(name)s would both be reset within %(days)s days, which"
        " opens the account to the person who does it. Another person must do the second: an"
        " administrator at Pusdatin who did not do the first."
    ),
    "password_over": _(
        "This password was a temporary one and its 24 hours are over. Ask your user administrator"
        " for a new one and use it the same day."
    ),
    "nik_shape": _("The NIK has %(count)s digits, it needs 16. Copy it from the identity card."),
    "nik_taken": _(
        "Another account already belongs to the person with this NIK. One person has one account:"
        " grant the role to that account."
    ),
    "own_account": _("You cannot disable or reset your own account. Ask another administrator."),
    "not_your_user": _(
        "%(name)s also works outside your region. Ask the administrator at Pusdatin."
    ),
    "already_so": _("%(name)s is already in that state. Nothing was changed."),
    "nobody_of_that_name": _("There is no user “%(username)s”. Check the name."),
    "reset_reason_missing": _("The reset has no reason. Choose the one that comes closest."),
    "no_factor": _("%(name)s has no second factor at the moment. Nothing was changed."),
    "wrong_app_code": _(
        "This code does not belong to the key on this page. Read the picture with the app once more"
        " and type the code that it shows now; the clock of the telephone must be right."
    ),
    "passkey_not_made": _(
        "The passkey was not stored: the browser's answer does not belong to this page. Load the"
        " page again and press the button once more."
    ),
    "too_many_passkeys": _(
        "There are already %(most)s passkeys, which is the most. Remove one that you no longer use."
    ),
    "no_such_factor": _("This is no longer among your second factors. Nothing was changed."),
    "last_factor": _(
        "This is your only second factor, and everybody with a role needs one. Set up another one"
        " first, then remove this one."
    ),
    "code_taken": _("The code “%(agency)s” is taken by another agency. Choose another one."),
    "clients_not_yours": _("Agencies and their clients are kept by the administrator at Pusdatin."),
    "no_scopes": _("The client would have 0 scopes. Choose at least one."),
    "unknown_scopes": _("There is no scope “%(found)s”. The scopes are: %(scopes)s."),
    "agency_disabled": _("%(name)s is disabled. Enable the agency first, then make a client."),
}

register(
    "apps.accounts",
    MESSAGES,
    days=frozenset({"until", "latest"}),
    races=frozenset({"already_granted", "already_ended", "already_so"}),
)
