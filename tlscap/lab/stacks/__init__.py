"""A file a TLS stack: how its programs are run, driven and understood. `talkserver` and `app` are run as programs.

An adapter's class starts its program with `lab.start`, asks for its version with `lab.programs.note_version`, and tells
what the program said with `lab.truth.tell`: a client when it has ended, a server from its log (`lab.truth.when_done`).
"""
