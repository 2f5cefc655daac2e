"""Facts and verdicts as tables: the schema, Arrow, Parquet, rows of text, and the joins that need the whole run.

`connections.py`, `handshakes.py`, ... are the schema, plain data, one file a table; `schema.py` gathers
them, and `docs/tables.md` is made from them. `collector.py` takes blocks of facts with their verdicts and
keeps columns, a few numbers a row (`connection_rows.py` and others), and what many rows say alike once
(`form_rows.py`); nothing else of a finished connection stays. `finish.py` makes pyarrow tables of the
columns once the run is over, after `lineage.py` has tied resumed connections to those that they resume.
`parquet.py`, `jsonl.py` and `csv.py` are the ways out.

pyarrow is imported when the first table is made, not before.
"""
