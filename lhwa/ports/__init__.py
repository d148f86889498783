"""What lhwa needs from outside: one Protocol per file. Adapters of the same name live in `adapters/`."""
