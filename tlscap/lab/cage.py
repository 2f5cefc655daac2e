"""Where a run may happen: in namespaces of its own, or on the machine's loopback device."""

from __future__ import annotations

import subprocess
from functools import cache

ON_LOOPBACK = ("setpriv", "--pdeathsig", "TERM")
"""The command before a run outside a cage: it stops what it started also when this process is killed."""

_KILLED_WITH_PARENT = ("setpriv", "--pdeathsig", "KILL")
_NAMESPACES = ("--net", "--pid", "--fork", "--kill-child", "--mount-proc")
_AS_ROOT = (*_KILLED_WITH_PARENT, "unshare", *_NAMESPACES)
_AS_USER = (*_KILLED_WITH_PARENT, "unshare", "--user", "--map-current-user", "--keep-caps", *_NAMESPACES)
"""A user namespace gives the privilege where the kernel lets ordinary users have one."""

_TRIAL = "ip link add trial0 type veth peer name trial1"


@cache
def cage() -> tuple[str, ...]:
    """The command before which a run is put into namespaces that end with it; empty where that is not allowed.

    The kernel kills `unshare` when this process dies, and with it all that runs in its process namespace.
    """
    for candidate in (_AS_ROOT, _AS_USER):
        try:
            done = subprocess.run([*candidate, "sh", "-c", _TRIAL], capture_output=True)
        except OSError:
            return ()
        if done.returncode == 0:
            return candidate
    return ()


@cache
def may_capture() -> bool:
    """Whether tcpdump gets the loopback device, which takes a privilege outside a cage."""
    return subprocess.run(["tcpdump", "-i", "lo", "-L"], capture_output=True).returncode == 0
