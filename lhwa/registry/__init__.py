"""The control plane in `registry.db`: apps, tenants, numbers, operators, tokens. The only user of Python's SQLite.

    registry.py    open, read, write: for commands (sqlite-utils as soon as something is written)
    lookup.py      load everything that the daemon routes by (aiosqlite) -> routing.py
    migrations.py  the schema
    tables/        the statements, one file per table group; the rules live in services/access

Rollback journal and synchronous FULL: writes are rare, and no second file has to be copied with it. A transaction is
read-only, and SQLite refuses every write in it, until an audit record is appended (`Tx.record`): so no write can go
without one. Rejected: a check at commit, which finds the mistake only when it runs.
"""
