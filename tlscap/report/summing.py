"""Makes the overview from the tables: counts in numpy, since every run asks for it."""

from __future__ import annotations

from collections.abc import Mapping
from math import ceil, floor

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from tlscap.report.overview import Durations, Overview, Server
from tlscap.report.quantities import address
from tlscap.tables.arrow import Coded
from tlscap.tables.counting import Booleans, count, counted, numbers, present, rows_of, servers, true, words

Place = tuple[str, int]
Drops = dict[tuple[Place, str, str], int]
"""By server, how they ended, and who closed, the most frequent first."""

_LOOK_DROPPED = ("reset", "alert", "renegotiation_failed", "stalled")
"""What `HOW_DROPPED` leaves as it is."""

_RENEGOTIATIONS = (
    "renegotiations",
    "renegotiations_completed",
    "renegotiations_refused",
    "renegotiations_failed",
)


def overview(connections: pa.Table, alerts: pa.Table) -> Overview:
    """Counts what is in the tables `connections` and `alerts`."""
    names = ("version", "cipher", "handshake_outcome", "client_certificate", "outcome", "closed_by")
    told = {name: words(connections, name) for name in names}
    completed, failed = (told["handshake_outcome"].where(word) for word in ("completed", "failed"))
    server, dropped = servers(connections), true(connections, "dropped")
    drops = _drops(server, told["outcome"], told["closed_by"], dropped) if dropped.any() else {}
    return Overview(
        totals=_totals(connections, server, told, dropped),
        versions=count(None, told["version"]),
        ciphers=count(None, told["cipher"]),
        client_certificates=count(completed, told["client_certificate"]),
        outcomes=count(None, told["outcome"]),
        kinds=_kinds(connections, completed),
        mechanisms=count(completed, words(connections, "resumption")),
        failed=_failed(connections, alerts, failed, told["closed_by"]) if failed.any() else {},
        drops=_drops_by_how(drops),
        servers=_servers(count(None, server), drops),
    )


def _totals(connections: pa.Table, server: Coded, told: Mapping[str, Coded], dropped: Booleans) -> dict[str, int]:
    outcomes = count(None, told["handshake_outcome"])
    return {
        "connections": connections.num_rows,
        "clients": len(count(None, words(connections, "client_ip"))),
        "servers": len(server.keys),
        "dropped": int(dropped.sum()),
        **{word: outcomes.get(word, 0) for word in ("failed", "unfinished", "unseen")},
        "open": int(told["outcome"].where("open").sum()),
        **{name: int(numbers(connections, name).sum()) for name in _RENEGOTIATIONS},
    }


def _kinds(connections: pa.Table, completed: Booleans) -> dict[str, Durations]:
    """The durations of those that are `completed`, by kind, the most frequent kind first."""
    kind = words(connections, "handshake")
    seconds, measured = present(connections, "handshake_s")
    found = {}
    for name, n in count(completed, kind).items():
        each = np.sort(seconds[completed & measured & kind.where(name)])
        found[name] = Durations(n, _quantile(each, 0.5), _quantile(each, 0.95))
    return found


def _quantile(ordered: NDArray[np.float64], q: float) -> float | None:
    """Between the two values beside it in proportion; None of nothing."""
    if len(ordered) == 0:
        return None
    at = (len(ordered) - 1) * q
    low, high, share = float(ordered[floor(at)]), float(ordered[ceil(at)]), at - floor(at)
    return low * (1 - share) + high * share


def _failed(connections: pa.Table, alerts: pa.Table, failed: Booleans, closed_by: Coded) -> dict[tuple[str, str], int]:
    """Connections whose handshake `failed`, by who ended it and the first fatal alert, or else how it was closed."""
    how = words(connections, "closed_how")
    texts = [_how_closed(key) for key in how.keys]
    first = _first_fatal(connections, alerts)
    keys = list(dict.fromkeys([*first.keys, *texts]))
    place = {key: at for at, key in enumerate(keys)}
    closed = np.array([*(place[text] for text in texts), -1], np.int32)[how.codes]  # the last is for the code -1
    alert = np.array([*(place[key] for key in first.keys), -1], np.int32)[first.codes]
    why = Coded(np.where(alert >= 0, alert, closed), keys)
    found: dict[tuple[str, str], int] = {}
    for (who, what), n in counted(failed, closed_by, why).items():
        key = (who or "unknown", what or "unknown")
        found[key] = found.get(key, 0) + n
    return dict(sorted(found.items(), key=lambda item: (-item[1], item[0])))


def _how_closed(word: str) -> str:
    return "encrypted alert" if word.startswith("alert") else word.replace("_", " ")


def _first_fatal(connections: pa.Table, alerts: pa.Table) -> Coded:
    """For each connection the description of its first fatal alert."""
    description = words(alerts, "description")
    fatal = np.flatnonzero(words(alerts, "level").where("fatal") & (description.codes >= 0))
    latest_first = fatal[np.argsort(numbers(alerts, "time")[fatal], kind="stable")][::-1]
    codes = np.full(connections.num_rows, -1, np.int32)
    rows = rows_of(connections, alerts)[latest_first]
    codes[rows] = description.codes[latest_first]  # of several assignments the last one stays
    return Coded(codes, description.keys)


def _drops(server: Coded, outcome: Coded, closed_by: Coded, dropped: Booleans) -> Drops:
    """Drops by server, how they ended, and who closed."""
    drops: Drops = {}
    for (place, word, who), n in counted(dropped, server, outcome, closed_by).items():
        key = (place, word if word in _LOOK_DROPPED else "unanswered", who or "unknown")
        drops[key] = drops.get(key, 0) + n
    return dict(sorted(drops.items(), key=lambda item: (-item[1], item[0])))


def _drops_by_how(drops: Drops) -> dict[str, dict[str, int]]:
    totals: dict[str, dict[str, int]] = {}
    for (_, how, who), n in drops.items():
        closers = totals.setdefault(how, {})
        closers[who] = closers.get(who, 0) + n
    by_count = sorted(totals, key=lambda how: (-sum(totals[how].values()), how))
    return {how: dict(sorted(totals[how].items(), key=lambda item: (-item[1], item[0]))) for how in by_count}


def _servers(counts: Mapping[Place, int], drops: Drops) -> list[Server]:
    servers = {place: Server(address(*place), n) for place, n in counts.items()}
    for (place, how, _), n in drops.items():
        servers[place].drops[how] = servers[place].drops.get(how, 0) + n
    return sorted(servers.values(), key=lambda server: (-server.dropped, -server.connections, server.name))
