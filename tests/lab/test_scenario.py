"""Scenarios, their settings, and the networks that they name."""

from __future__ import annotations

from pathlib import Path

import pytest

from tlscap.lab.network import Loopback
from tlscap.lab.scenario import Scenario, ScenarioError, all_scenarios, find_scenario

MINE = """
from tlscap.lab.scenario import Scenario
SCENARIOS = (Scenario("one", "First.", print), Scenario("two", "Second.", print))
"""


@pytest.mark.parametrize("scenario", all_scenarios().values(), ids=lambda scenario: scenario.name)
def test_every_scenario_names_points_of_its_line_and_says_what_it_shows(scenario: Scenario) -> None:
    network = Loopback(scenario.line, scenario.transparent)
    assert scenario.points and set(scenario.points) <= set(network.points())
    assert scenario.shows.endswith(".")
    assert scenario.needs_namespaces or not scenario.transparent


def test_settings_keep_their_types() -> None:
    scenario = Scenario("x", "", print, settings={"rounds": 2, "share": 0.5, "host": "lb"})
    changed = scenario.with_defaults({"rounds": "3", "share": "1", "host": "7"})
    assert changed == {"seed": 1, "rounds": 3, "share": 1.0, "host": "7"}


@pytest.mark.parametrize("changed", [{"colour": "blue"}, {"rounds": "many"}])
def test_refuses_settings_that_it_cannot_take(changed: dict[str, str]) -> None:
    with pytest.raises(ScenarioError):
        Scenario("x", "", print, settings={"rounds": 2}).with_defaults(changed)


def test_finds_scenarios_in_a_file(tmp_path: Path) -> None:
    path = tmp_path / "mine.py"
    path.write_text(MINE)
    assert find_scenario(str(path)).name == "one"
    assert find_scenario(f"{path}:two").shows == "Second."
    for name in (f"{path}:three", str(tmp_path / "none.py"), "no-such-scenario"):
        with pytest.raises(ScenarioError):
            find_scenario(name)


@pytest.mark.parametrize("text", ["x = (", "import no_such_module", "x = 1", "SCENARIOS = ()", "SCENARIOS = ('x',)"])
def test_says_what_is_wrong_with_a_file(text: str, tmp_path: Path) -> None:
    path = tmp_path / "mine.py"
    path.write_text(text)
    with pytest.raises(ScenarioError, match=r"mine\.py"):
        find_scenario(str(path))


def test_the_scenario_in_the_documentation_is_one(tmp_path: Path) -> None:
    page = (Path(__file__).parents[2] / "docs" / "lab.md").read_text()
    path = tmp_path / "mine.py"
    path.write_text(page.partition("## A scenario")[2].partition("```python\n")[2].partition("```")[0])
    scenario = find_scenario(str(path))
    assert (scenario.name, scenario.with_defaults({})) == ("no-thanks", {"seed": 1, "rounds": 2})


def test_names_points_after_their_site_where_that_is_clear() -> None:
    network = Loopback(("clients", "balancer", "servers"))
    assert list(network.points()) == ["clients", "balancer-to-servers", "balancer-to-clients", "servers"]


def test_a_connection_passes_the_points_between_its_ends() -> None:
    network = Loopback(("clients", "wire", "balancer", "servers"), ("wire",))
    client, lb, node = (network.add_host(site) for site in network.sites)
    passed = {point for point in network.points() if network.passes(point, client, lb)}
    assert passed == {"clients", "wire-to-clients", "wire-to-balancer", "balancer-to-wire"}
    assert {point for point in network.points() if network.passes(point, lb, node)} == {
        "balancer-to-servers",
        "servers",
    }
    assert not any(network.passes(point, node, node) for point in network.points())
