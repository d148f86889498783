"""What SQLite makes of the queries that a piece of work asks: which steps read more than what an index leads to."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import apsw

from lhwa.store.connection import rows
from lhwa.store.store import Store

_NAMED = re.compile(r"(?<![\w':]):[a-z_]+")
_VERBS = ("SELECT", "UPDATE", "DELETE", "WITH")
_OF_ONE_ROW = {"sqlite_sequence", "firm", "audit_frontier"}
_OF_A_BLOCK = {"block"}
"""One row for thousands of messages; see `message_thread` in the schema."""
_OF_AN_ARGUMENT = {"json_each"}
_OF_MANY = re.compile(r"\((kind|how|state|type|direction|via|phone_number_id|status)=\?\)$")
"""An index of which only a column is used that very many rows share."""


@contextmanager
def asked(store: Store) -> Iterator[Counter[str]]:
    """How often each query is asked in the block, in the order of the first time."""
    found: Counter[str] = Counter()

    def trace(event: dict[str, Any]) -> None:
        if event["sql"].lstrip().upper().startswith(_VERBS):
            found[event["sql"]] += 1

    connection = store._connection
    assert connection is not None
    connection.trace_v2(apsw.SQLITE_TRACE_STMT, trace)
    try:
        yield found
    finally:
        connection.trace_v2(0, None)


def careless_steps(store: Store, sql: str) -> list[str]:
    """The steps of a query's plan that cost more with every row of the file."""
    named = len(set(_NAMED.findall(sql)))
    count = named or max(map(int, re.findall(r"\?([0-9]+)", sql)), default=sql.count("?"))
    plan = store.read(lambda tx: rows(tx._connection, f"EXPLAIN QUERY PLAN {sql}", (None,) * count))
    steps = [row[3] for row in plan]
    known = _OF_ONE_ROW | _OF_A_BLOCK | _OF_AN_ARGUMENT
    return [
        step for step in steps if _OF_MANY.search(step) or (step.startswith("SCAN ") and step.split()[1] not in known)
    ]
