"""The whole way: bytes as a capture file, through analysis, to every kind of output."""

from __future__ import annotations

import csv
import json
from hashlib import sha1

import tlscap
from targets.scratch import written
from targets.shown import is_safe
from tlscap.capture import CaptureError
from tlscap.report.terminal import plain, render_summary

ONE_IN = 32
"""Inputs of which one goes on to the findings and reports: SQL costs twenty times what all before it does."""

FORMULA = tuple("=+-@\t\r")


def run(data: bytes) -> None:
    with written(data) as path:
        try:
            analysis = tlscap.analyze(path)
        except CaptureError as error:
            assert str(error).isprintable()
            return
    for line in analysis.json_lines():
        assert is_safe(line), line
        json.loads(line)
    for line in analysis.csv_lines():
        assert is_safe(line), line
        assert not any(cell.startswith(FORMULA) for cell in next(csv.reader([line])))
    if sha1(data).digest()[0] % ONE_IN == 0:
        reports(analysis)


def reports(analysis: tlscap.Analysis) -> None:
    for span in render_summary(analysis):
        assert is_safe(plain(span))
    for finding in analysis.findings:
        assert is_safe(finding.sentence)
    json.dumps(analysis.summary())
