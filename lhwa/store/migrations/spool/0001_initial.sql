-- spool.db: every webhook request that was answered 200, sealed, in the order of arrival.
-- One request that mixes firms has one row per firm.

CREATE TABLE webhook_request (
    seq         INTEGER PRIMARY KEY AUTOINCREMENT, -- never given twice: marks go by it
    event_id    TEXT NOT NULL UNIQUE,            -- ULID: the rawPayloadRef
    tenant      TEXT,                            -- NULL while no firm owns the phone number or WABA
    app         TEXT NOT NULL,                   -- the Meta app whose secret signed it
    received_at INTEGER NOT NULL,                -- unix milliseconds
    dedup       BLOB NOT NULL UNIQUE CHECK (length(dedup) = 20),
                                                 -- 4 bytes of message time (keeps the index local), 16 of a keyed hash
    body_bytes  INTEGER NOT NULL,
    sealed      BLOB NOT NULL,                   -- AES-256-GCM; place: webhook_request, body, event_id
    state       TEXT NOT NULL CHECK (state IN ('stored', 'done', 'unrouted', 'dead')),
    generation  INTEGER NOT NULL DEFAULT 0,      -- grows with each replay: who served the one before cannot end it
    audit_size  INTEGER,                         -- of a done row: records in the firm's audit log when it was applied
    audit_leaf  BLOB,                            -- leaf hash of the last of them: a file without it is an older copy
    reason      TEXT NOT NULL DEFAULT ''         -- a short code: why it is unrouted, dead, or done without effect
) STRICT;

CREATE INDEX webhook_request_waiting ON webhook_request (tenant, seq) WHERE state = 'stored';
CREATE INDEX webhook_request_aside ON webhook_request (state, seq) WHERE state IN ('unrouted', 'dead');
CREATE INDEX webhook_request_served ON webhook_request (received_at) WHERE state = 'done';
CREATE INDEX webhook_request_applied ON webhook_request (tenant, audit_size, seq)
WHERE state = 'done' AND audit_size IS NOT NULL;
