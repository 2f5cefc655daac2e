"""Connections whose keys are in a key log: the first byte says how they came, then a script like that of `streams`.

With the first byte odd, what follows up to the first NUL is a key log of its own, added to those of the samples.
"""

from __future__ import annotations

from copy import deepcopy
from functools import cache
from pathlib import Path

from engine.consistent import SMALL
from targets.streams import judged, packets_of
from tlscap.context.keylog import add_secrets
from tlscap.engine.decryption.keys import Keys
from tlscap.engine.limits import Limits

KEYLOGS = sorted((Path(__file__).parent.parent.parent / "pcaps").glob("*.keys"))


@cache
def known() -> Keys:
    """The secrets of all samples."""
    keys = Keys()
    for path in KEYLOGS:
        add_secrets(path.read_bytes(), keys)
    return keys


def run(data: bytes) -> None:
    keys = deepcopy(known())
    told, script = data[:1], data[1:]
    if told and told[0] & 1:
        keylog, _, script = script.partition(b"\0")
        add_secrets(keylog, keys)
    judged(packets_of(script), SMALL if told > b"\x7f" else Limits(), keys)
