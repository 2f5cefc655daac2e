"""Hands what was put on stacks to those who take from them, last in, first out, without a loop.

Each stack has a key. Givers put one thing each on the stack of their key, takers take the topmost one of
theirs, in the order of time. With a step of 1 for a giver and -1 for a taker, the running sum of a stack,
kept from falling under 0, is its height; then a taker takes from the latest giver that raised the stack
to the height that it finds.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Rows = NDArray[np.int64]

_MIX = np.uint64(0x9E3779B97F4A7C15)  # 2**64 by the golden ratio, odd
_HALF = np.uint64(32)
_ONE = np.uint64(1)


@dataclass(slots=True)
class Taken:
    """What each taker got."""

    giver: Rows  # its number among the givers, -1 where the stack was empty
    latest: Rows  # the latest giver before it, whether or not another took from that one, -1 if there is none
    choices: Rows  # givers that nobody had taken from yet, and takers up to this one that came in vain


def take(giver_key: Rows, giver_time: Rows, taker_key: Rows, taker_time: Rows) -> Taken:
    """Plays all stacks. What is given and taken at one time is given first."""
    givers, takers = len(giver_key), len(taker_key)
    taken = Taken(np.full(takers, -1, np.int64), np.full(takers, -1, np.int64), np.zeros(takers, np.int64))
    if givers == 0 or takers == 0:
        return taken
    who, first, takes = _in_order(giver_key, giver_time, taker_key, taker_time)
    height, vain = _heights(first, takes)
    after = height + vain
    failed = takes & (vain > np.where(_begins(first), 0, _before(vain)))
    found = takes & ~failed
    asked = who[takes] - givers
    taken.choices[asked] = (after + vain + found)[takes]
    taken.latest[asked] = _latest(who, first, takes)[takes]
    taken.giver[who[found] - givers] = who[_partners(first, np.where(takes, after + 1, after), found, ~failed)]
    return taken


def grouped(keys: Rows) -> Rows:
    """An order in which equal keys stand together, each group in the order that its members are in.

    Numbers sort several times as fast as their places by them: so each key is sorted with its place in its low
    bits. What the key loses for that is looked for afterwards.
    """
    bits = np.uint64(len(keys).bit_length())
    number = np.arange(len(keys), dtype=np.uint64)
    order: Rows = (np.sort(keys.astype(np.uint64) << bits | number) & ((_ONE << bits) - _ONE)).astype(np.int64)
    differ = (keys[order[1:]] ^ keys[order[:-1]]).astype(np.uint64)
    if np.any((differ != 0) & (differ << bits == 0)):
        return np.argsort(keys, kind="stable")
    return order


def numbered(values: Rows) -> tuple[Rows, int]:
    """The values as numbers from 0 on, equal ones with one number, and how many different ones there are."""
    if len(values) == 0:
        return values, 0
    order = grouped(values)
    steps = np.diff(values[order], prepend=values[order[0]]) != 0
    numbers = np.empty(len(values), np.int64)
    numbers[order] = np.cumsum(steps)
    return numbers, int(np.count_nonzero(steps)) + 1


def mixed(*columns: Rows) -> Rows:
    """One number for each combination; two of a million share one as seldom as two hashes of 64 bits."""
    mix = np.zeros(len(columns[0]), np.uint64)
    for column in columns:
        mix = (mix ^ column.astype(np.uint64)) * _MIX
        mix ^= mix >> _HALF
    return mix.view(np.int64)


def _in_order(
    giver_key: Rows, giver_time: Rows, taker_key: Rows, taker_time: Rows
) -> tuple[Rows, Rows, NDArray[np.bool_]]:
    """Givers, then takers, by key and time; where the key of each begins; who takes."""
    key, time = np.concatenate([giver_key, taker_key]), np.concatenate([giver_time, taker_time])
    order = np.argsort(time, kind="stable")  # givers stand before takers
    order = order[grouped(key[order])]
    place = np.arange(len(order))
    changes = np.diff(key[order], prepend=key[order[0]]) != 0
    return order, np.maximum.accumulate(np.where(changes, place, 0)), order >= len(giver_key)


def _heights(first: Rows, takes: NDArray[np.bool_]) -> tuple[Rows, Rows]:
    """After each event the running sum of its stack, and how many takers of that stack had come in vain."""
    step = np.where(takes, -1, 1)
    total = np.cumsum(step)
    height = total - (total - step)[first]
    # Each stack is laid lower than all before it, so that one running minimum serves them all.
    under = first * (len(first) + 1)
    lowest = np.minimum.accumulate(height - under) + under
    return height, -np.minimum(lowest, 0)


def _latest(who: Rows, first: Rows, takes: NDArray[np.bool_]) -> Rows:
    place = np.maximum.accumulate(np.where(takes, -1, np.arange(len(who))))
    return np.where(place >= first, who[place], -1)


def _partners(first: Rows, level: Rows, found: NDArray[np.bool_], paired: NDArray[np.bool_]) -> Rows:
    """The places of the givers of those who `found` something.

    On one level of one stack givers and takers alternate: before it can be raised to a level once more,
    somebody must have taken from there.
    """
    places = np.flatnonzero(paired)
    order = places[np.lexsort((level[places], first[places]))]
    partner = np.empty(len(first), np.int64)
    partner[order[1:]] = order[:-1]
    return partner[found]


def _begins(first: Rows) -> NDArray[np.bool_]:
    begins: NDArray[np.bool_] = first == np.arange(len(first))
    return begins


def _before(values: Rows) -> Rows:
    shifted = np.zeros_like(values)
    shifted[1:] = values[:-1]
    return shifted
