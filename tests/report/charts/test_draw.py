"""The timeline as it is drawn and saved."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from matplotlib.figure import Figure
from matplotlib.text import Text

from report.synthetic import NS, START, Synthetic, connection, coverage, healthy, incident
from tlscap.report.charts.draw import draw_timeline, write_timeline
from tlscap.report.charts.style import ALERTS, DROPS, HANDSHAKES, RENEGOTIATIONS


def texts(figure: Figure) -> list[str]:
    return [text.get_text() for text in figure.findobj(Text) if isinstance(text, Text) and text.get_text()]


def legend(figure: Figure, lane: int) -> dict[str, int]:
    found = figure.axes[lane].get_legend()
    entries = [text.get_text().rsplit("  ", 1) for text in found.get_texts()] if found else []
    return {label: int(number.replace(",", "")) for label, number in entries}


@pytest.mark.parametrize(("n", "seconds"), [(1, 2), (10, 2), (300, 600), (5000, 3 * 86400)])
def test_draws_every_drop_as_a_mark(n: int, seconds: int) -> None:
    analysis = incident(n, seconds, servers=20)
    dropped = analysis.sql("select count(*) as n from connections where dropped").to_pylist()[0]["n"]
    drops = draw_timeline(analysis).axes[3]
    assert sum(len(line.get_xdata()) for line in drops.lines if line.get_marker() in "vsDo^") == dropped


def test_names_how_many_of_what_each_lane_shows() -> None:
    analysis = incident(300, 600)
    counted = analysis.sql("select outcome, count(*) as n from connections where dropped group by 1").to_pylist()
    told = {row["outcome"]: row["n"] for row in counted}
    figure = draw_timeline(analysis)
    assert legend(figure, 3)["reset"] == told["reset"]
    assert legend(figure, 3)["renegotiation failed"] == told["renegotiation_failed"]
    assert sum(legend(figure, 0).values()) == 300
    assert legend(figure, 1)["refused"] == told["renegotiation_failed"]


@pytest.mark.parametrize("analysis", [healthy(), incident(300, 600, servers=30), Synthetic({})])
def test_keeps_all_words_inside_the_picture(analysis: Synthetic) -> None:
    figure = draw_timeline(analysis)
    figure.canvas.draw()
    width, height = figure.bbox.width, figure.bbox.height
    for text in figure.findobj(Text):
        box = text.get_window_extent()  # type: ignore[attr-defined]
        if text.get_text() and text.get_visible() and box.width:  # type: ignore[attr-defined]
            assert box.x0 >= -1 and box.x1 <= width + 1 and box.y0 >= -1 and box.y1 <= height + 1, text


def test_says_in_words_that_nothing_dropped() -> None:
    shown = texts(draw_timeline(healthy(10)))
    assert "no drops among 10 connections" in shown
    assert any(line.endswith("10 connections to 1 server, no drops, 0 handshakes failed") for line in shown)


def test_names_the_capture_its_time_and_its_losses() -> None:
    shown = "\n".join(texts(draw_timeline(incident(50, 600))))
    assert "TLS sessions in lb1.pcap" in shown
    assert "Lost by the capture: 17 packets dropped by the capturing kernel" in shown
    assert "time (UTC)" in shown


def test_takes_names_literally() -> None:
    analysis = Synthetic({"connections": [connection(1)], "coverage": [coverage(capture="a$x^2$_\x1b.pcap")]})
    assert r"TLS sessions in a$x^2$_\x1b.pcap" in texts(draw_timeline(analysis))
    draw_timeline(analysis).canvas.draw()


def test_survives_instants_that_lie_decades_apart() -> None:
    rows = [connection(1, start=0, end=0, hello_at=0), connection(2, end=START + 10**9 * NS)]
    draw_timeline(Synthetic({"connections": rows})).canvas.draw()


def test_leaves_the_picture_and_the_table_behind_it(tmp_path: Path) -> None:
    paths = write_timeline(incident(300, 600), tmp_path)
    assert [path.name for path in paths] == ["timeline.png", "timeline.csv"]
    assert paths[0].read_bytes().startswith(b"\x89PNG")
    lines = paths[1].read_text().splitlines()
    assert lines[0].replace('"', "").split(",")[:2] == ["lane", "what"]
    assert sum(line.startswith('"drops"') for line in lines) == 36


def test_tells_categories_apart_without_colour() -> None:
    for looks in (HANDSHAKES, RENEGOTIATIONS, ALERTS):
        assert len({look.hatch for look in looks.values()}) == len(looks)
    assert len({look.marker for look in DROPS.values()}) == len(DROPS)


def test_never_loads_pyplot() -> None:
    code = (
        "import sys; sys.path.insert(0, sys.argv[1]); from report.synthetic import healthy;"
        "from tlscap.report.charts.draw import draw_timeline; draw_timeline(healthy());"
        "sys.exit('matplotlib.pyplot' in sys.modules)"
    )
    tests = Path(__file__).parents[2]
    assert subprocess.run([sys.executable, "-c", code, str(tests)], cwd=tests.parent).returncode == 0
