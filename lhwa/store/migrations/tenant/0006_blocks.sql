-- Whether Meta keeps a blocked contact from writing, on each of the firm's numbers. Our own block does not wait for it.
CREATE TABLE block_at_meta (
    contact         TEXT NOT NULL REFERENCES contact (id),
    phone_number_id TEXT NOT NULL,
    state           TEXT NOT NULL CHECK (state IN ('waiting', 'blocked', 'too_late', 'refused', 'released')),
    error_code      INTEGER,                     -- Meta's
    asked_at        INTEGER NOT NULL,            -- when a person wanted it
    next_attempt_at INTEGER NOT NULL,            -- while it is waiting
    PRIMARY KEY (contact, phone_number_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX block_at_meta_waiting ON block_at_meta (next_attempt_at) WHERE state = 'waiting';
