"""One file per table group; every method runs inside a transaction that somebody else opened."""
