"""Live: what `analyze` does, on an interface, and a line for each drop and failed handshake as it happens.

`watch.py` is the loop: packets of a `capture.interface` into an `Analyzer`. `follow.py` is the same for
captures that another program is still writing. `event.py` makes a line of a connection that ended badly.
"""
