"""The lab: real TLS programs played through scenarios, captured, with what each of them said beside.

    scenario.py   what a scenario is, and where they are found (scenarios/*.py)
    run.py        a run in a process of its own: cage.py puts it into namespaces, inside.py plays it there
    lab.py        what a scenario plays with
    network.py    sites, cables, hosts, points        hop.py      a bump in the wire that does things to frames
    program.py    programs, stopped when it is over   crowd.py    clients beside each other
    tcpdump.py    captures; pcapng.py adds the keys   certificates.py   who trusts whom
    truth.py      what the ends said, joined          annotations.py    what happened when
    stacks/       a file a TLS stack: how to run it, and how to understand what it says

It knows nothing of the rest of tlscap, so that what it says of a connection is nobody's analysis of packets.
docs/lab.md tells how to write a scenario and how to add a stack.
"""
