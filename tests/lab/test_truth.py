"""How the words of the ends become one row."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tlscap.lab.truth import Truth

CLIENT, SERVER = ("10.20.1.1", 40001), ("10.20.2.1", 443)


def test_states_what_both_ends_say_and_disputes_the_rest() -> None:
    truth = Truth()
    truth.tell("client", CLIENT, SERVER, {"version": "TLSv1.3", "handshake_outcome": "completed"}, program="a")
    truth.tell("server", CLIENT, SERVER, {"version": "TLSv1.3", "handshake_outcome": "failed"}, program="b")
    [row] = truth.rows()
    assert row["version"] == "TLSv1.3" and "handshake_outcome" not in row
    assert row["disputed"] == {"handshake_outcome": {"client": "completed", "server": "failed"}}
    assert (row["client"]["program"], row["server"]["program"]) == ("a", "b")


def test_what_was_done_on_purpose_stands_above_both() -> None:
    truth = Truth()
    truth.tell("client", CLIENT, SERVER, {"outcome": "completed"})
    truth.tell("script", CLIENT, SERVER, {"outcome": "reset"})
    [row] = truth.rows()
    assert row["outcome"] == "reset" and "disputed" not in row and "script" not in row


def test_a_resumed_session_has_its_parents_client_certificate() -> None:
    truth = Truth()
    for port, said in ((40001, "sent"), (40002, "empty")):
        truth.tell("client", ("10.20.1.1", port), SERVER, {"handshake": "full", "client_certificate": said})
    for port, parent in ((40003, 40001), (40004, 40002), (40005, 40003)):
        facts = {"handshake": "abbreviated", "resumed_from_port": parent}
        truth.tell("client", ("10.20.1.1", port), SERVER, facts)
    said = {row["client_port"]: row["client_certificate"] for row in truth.rows()}
    assert said == {40001: "sent", 40002: "empty", 40003: "inherited", 40004: "empty", 40005: "inherited"}


def test_an_alert_that_both_ends_tell_is_one() -> None:
    truth = Truth()
    alert = {"sender": "server", "level": "fatal", "description": "handshake_failure"}
    truth.tell("client", CLIENT, SERVER, {}, alerts=[alert])
    truth.tell("server", CLIENT, SERVER, {}, alerts=[dict(alert)])
    assert truth.rows()[0]["alerts"] == [alert]


def test_refuses_what_is_no_fact() -> None:
    with pytest.raises(ValueError, match="colour"):
        Truth().tell("client", CLIENT, SERVER, {"colour": "blue"})


def test_logs_are_read_when_all_is_over(tmp_path: Path) -> None:
    truth = Truth()
    truth.when_done(lambda: truth.tell("server", CLIENT, SERVER, {"version": "TLSv1.2"}))
    truth.open(CLIENT, SERVER)
    assert "version" not in truth.rows()[0]
    truth.collect()
    assert truth.write(tmp_path / "truth.jsonl", lambda row: {"points": ["servers"]}) == 1
    row = json.loads((tmp_path / "truth.jsonl").read_text())
    assert row["version"] == "TLSv1.2" and row["points"] == ["servers"]


def test_a_point_may_show_something_else_than_the_ends_know() -> None:
    truth = Truth()
    truth.tell("client", CLIENT, SERVER, {"dropped": True})
    truth.tell_at("servers", CLIENT, SERVER, {"dropped": False})
    [row] = truth.rows()
    assert row["dropped"] is True and row["at"] == {"servers": {"dropped": False}}
    with pytest.raises(ValueError, match="colour"):
        truth.tell_at("servers", CLIENT, SERVER, {"colour": "blue"})
