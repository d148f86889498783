"""The statements of registry.db, one file per group. They know rows and seals; who may do what is not decided here."""
