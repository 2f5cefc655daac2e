from __future__ import annotations

from array import array

import pytest

from tables.build import client_hello
from tlscap.judge.verdict import Alert, Handshake, Verdict
from tlscap.tables.cells import Cells, Ints, Names
from tlscap.tables.form_rows import (
    ALERT_COLUMNS,
    HANDSHAKE_COLUMNS,
    MAX_REMEMBERED,
    PROFILE_COLUMNS,
    VERDICT_COLUMNS,
    AlertForms,
    HandshakeForms,
    ProfileForms,
    VerdictForms,
)


def numbers(column: Ints) -> list[int]:
    return array("i", column.take()).tolist()


def texts(column: Names) -> list[object]:
    names = [*column.keys(), None]
    return [names[code] for code in numbers(column)]


def verdict(outcome: str, precedent: object = None) -> Verdict:
    made = Verdict()
    made.outcome, made.precedent = outcome, precedent
    return made


def test_verdicts_with_one_precedent_share_a_row_and_others_have_one_each() -> None:
    forms = VerdictForms()
    one, other = object(), object()
    asked = [verdict("alert", one), verdict("closed"), verdict("open", other), verdict("alert", one), verdict("closed")]
    assert [forms.row_of(each, True) for each in asked] == [0, 1, 2, 0, 3]
    assert forms.count == 4
    assert texts(forms.outcome) == ["alert", "closed", "open", "closed"]


def test_what_was_offered_is_untold_where_no_client_hello_was_seen() -> None:
    forms = VerdictForms()
    assert [forms.row_of(verdict("open"), seen) for seen in (True, False)] == [0, 1]
    assert texts(forms.resumption_offered) == [(), None]


def test_a_profile_has_one_row_and_none_has_the_first() -> None:
    forms = ProfileForms()
    one, other = client_hello().profile, client_hello(alpn=()).profile
    assert [forms.row_of(each) for each in (one, other, one)] == [1, 2, 1]
    assert texts(forms.alpn_offered) == [None, ("h2", "http/1.1"), ()]
    assert numbers(forms.record_size_limit) == [-1, -1, -1]


def test_handshakes_and_alerts_that_are_told_like_one_share_its_row() -> None:
    handshakes, alerts = HandshakeForms(), AlertForms()
    like, alert = Handshake(kind="full"), Alert(sender="server")
    told = [like.again(), Handshake(kind="abbreviated"), like.again()]
    assert [handshakes.row_of(each) for each in told] == [0, 1, 0]
    assert texts(handshakes.kind) == ["full", "abbreviated"]
    assert [alerts.row_of(each) for each in (alert.again(), Alert(), alert.again())] == [0, 1, 0]
    assert texts(alerts.sender) == ["server", "client"]


@pytest.mark.parametrize("beyond", [0, 1])
def test_forms_are_forgotten_at_the_limit_and_are_right_nevertheless(beyond: int) -> None:
    forms = VerdictForms()
    precedents = [object() for _ in range(MAX_REMEMBERED + beyond)]
    for number, precedent in enumerate(precedents):
        assert forms.row_of(verdict(f"outcome {number % 7}", precedent), True) == number
    again = forms.row_of(verdict("outcome 0", precedents[0]), True)
    assert again == (len(precedents) if beyond else 0)
    assert texts(forms.outcome)[again] == "outcome 0"


@pytest.mark.parametrize(
    ("forms", "columns"),
    [
        (VerdictForms, VERDICT_COLUMNS),
        (ProfileForms, PROFILE_COLUMNS),
        (HandshakeForms, HANDSHAKE_COLUMNS),
        (AlertForms, ALERT_COLUMNS),
    ],
)
def test_each_form_has_the_columns_that_are_named(forms: type, columns: tuple[str, ...]) -> None:
    made = forms()
    assert {name for name in dir(made) if isinstance(getattr(made, name), Cells)} == set(columns)
