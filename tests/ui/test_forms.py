"""What buttons, hidden fields and scripts send is read without a fault, whatever it is."""

from __future__ import annotations

import pytest
from django.http import QueryDict

from apps.ui.forms import Choice, Integer, Integers, Pressed, SentForm, Text


class Everything(SentForm):
    text = Text(most=5)
    choice = Choice(["a", "b"], initial="b")
    number = Integer(most=999, initial=7)
    numbers = Integers(most=999)
    drop = Pressed()


def test_what_was_sent_is_read_by_its_kind():
    given = QueryDict("text= ab&choice=a&number=12&numbers=1&numbers=2&drop=")
    assert Everything(given).sent == {
        **{"text": " ab", "choice": "a", "number": 12},
        **{"numbers": [1, 2], "drop": True},
    }


@pytest.mark.parametrize(
    "query",
    ["", "choice=c&number=x&numbers=", "number=²", "number=1000", "number=" + "9" * 5000],
)
def test_what_does_not_fit_is_as_if_it_was_not_sent(query):
    sent = Everything(QueryDict(query)).sent
    assert (sent["text"], sent["choice"], sent["number"], sent["drop"]) == ("", "b", 7, False)
    assert not any(sent["numbers"])


def test_a_form_without_a_request_holds_its_initial_values():
    assert Everything().sent["number"] == 7


def test_text_is_cut_and_not_refused():
    assert Everything(QueryDict("text=abcdefgh")).sent["text"] == "abcde"


def test_cells_are_those_names_that_were_sent():
    form = Everything(QueryDict("nik=1&name=&other=3"))
    assert form.among(["nik", "name", "kk"]) == {"nik": "1", "name": ""}
