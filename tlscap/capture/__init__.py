"""Where packets come from: capture files of any container and compression, standard input, sets of files.

    bytesource → unpack → reader (scanner: pcap, pcapng) → filter → sequence → Batch

A source gives bytes as they come; `unpack` undoes compression; a `Reader` finds out what the file
is and has a scanner fill batches from its one buffer; `bpf` takes packets out; `sequence` puts
several files into one capture in time order. Bytes never say where they stop being right, so what
cannot be read is skipped, said in `CaptureFile.damage`, and reading goes on.

    with open_capture(["lb1-0.pcap", "lb1-1.pcap.gz"]) as capture:
        for batch in capture:
            engine.feed(batch)
    capture.files  # what each file held and lost
"""

from __future__ import annotations

from tlscap.capture.batch import Batch, frame_id
from tlscap.capture.capturefile import CaptureFile
from tlscap.capture.errors import CaptureError
from tlscap.capture.sequence import Capture, open_capture

__all__ = ["Batch", "Capture", "CaptureError", "CaptureFile", "frame_id", "open_capture"]
