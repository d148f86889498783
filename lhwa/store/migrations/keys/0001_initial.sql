-- keys.db: one wrapped data key per data subject. Destroying a row erases what it sealed, so this file is backed up
-- latest-only and freed pages are overwritten.

CREATE TABLE data_key (
    seq        INTEGER PRIMARY KEY AUTOINCREMENT, -- never given twice: tenant.db remembers the highest
    key_id     BLOB NOT NULL UNIQUE CHECK (length(key_id) = 16),
    subject    TEXT NOT NULL UNIQUE,             -- 'contact:<id>', 'firm', or 'blind' (keyed hashes)
    wrapped    BLOB NOT NULL,                    -- sealed under the tenant key; place: data_key, wrapped, subject
    created_at INTEGER NOT NULL                  -- unix milliseconds
) STRICT;
