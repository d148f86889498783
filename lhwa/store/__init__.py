"""SQLite: the only package with tenant SQL, the only one that imports apsw."""
