"""The one style sheet of all charts: colours that a colour-blind reader can tell apart, never used alone.

The colours are Okabe and Ito's; whatever has a colour here also has a hatch (bars) or a shape (marks).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from tlscap.report.overview import DROP_WORDS

BLACK, ORANGE, SKY, GREEN = "#000000", "#E69F00", "#56B4E9", "#009E73"
YELLOW, BLUE, VERMILION, PURPLE = "#F0E442", "#0072B2", "#D55E00", "#CC79A7"
GREY, FAINT, INK = "#8C8C8C", "#E3E3E3", "#222222"

RC: Any = {
    "font.family": "DejaVu Sans",  # comes with matplotlib, so that a chart looks the same everywhere
    "font.size": 9,
    "text.color": INK,
    "text.parse_math": False,  # a $ in a file name is a $
    "axes.edgecolor": GREY,
    "axes.labelcolor": INK,
    "axes.linewidth": 0.6,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.axisbelow": True,
    "axes.titlelocation": "left",
    "axes.titlesize": 9.5,
    "axes.titleweight": "bold",
    "axes.titlepad": 5,
    "xtick.color": INK,
    "ytick.color": INK,
    "xtick.labelsize": 8.5,
    "ytick.labelsize": 8.5,
    "ytick.major.width": 0.6,
    "xtick.major.width": 0.6,
    "grid.color": FAINT,
    "grid.linewidth": 0.6,
    "hatch.linewidth": 0.6,
    "legend.frameon": False,
    "legend.fontsize": 8.5,
    "legend.handlelength": 1.6,
    "legend.borderaxespad": 0.0,
    "figure.dpi": 120,
    "savefig.dpi": 120,
}


@dataclass(frozen=True, slots=True)
class Look:
    """How one category is drawn and what the legend calls it."""

    label: str
    colour: str
    hatch: str = ""
    marker: str = "o"


HANDSHAKES = {
    "full": Look("full", BLUE),
    "abbreviated": Look("abbreviated", SKY, "////"),
    "unknown": Look("completed, kind unknown", FAINT, ".."),
    "unfinished": Look("unfinished", GREY, "----"),
    "failed": Look("failed", VERMILION, "xxxx"),
}

RENEGOTIATIONS = {
    "completed": Look("completed", GREEN),
    "refused": Look("refused", VERMILION, "xxxx"),
    "failed": Look("failed", PURPLE, "\\\\\\\\"),
    "stalled": Look("stalled", ORANGE, "...."),
    "unfinished": Look("unfinished", GREY, "----"),
}

ALERTS = {
    "fatal": Look("fatal", VERMILION, "xxxx"),
    "warning": Look("warning", ORANGE, "...."),
    "encrypted": Look("encrypted", GREY, "////"),
}

DROPS = {
    "reset": Look(DROP_WORDS["reset"], VERMILION, marker="v"),
    "renegotiation_failed": Look(DROP_WORDS["renegotiation_failed"], BLUE, marker="s"),
    "alert": Look(DROP_WORDS["alert"], PURPLE, marker="D"),
    "stalled": Look(DROP_WORDS["stalled"], ORANGE, marker="o"),
    "unanswered": Look(DROP_WORDS["unanswered"], GREEN, marker="^"),
}
