"""What people read: the terminal summary and, in `charts`, the pictures.

A report only asks and arranges: its numbers are SQL over the tables of an `Analysis`, its verdicts
are the judge's and the findings'. Text from the wire passes through `printable` before it is shown.
"""
