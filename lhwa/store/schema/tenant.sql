-- tenant.db: one firm. Whatever a client said, was, or is called is sealed; what is clear are ids, times, states and
-- keyed hashes. Times are unix milliseconds, UTC.

-- Which firm this file belongs to, so that a file in the wrong folder is noticed.
CREATE TABLE firm (
    id               INTEGER PRIMARY KEY CHECK (id = 1),
    tenant           TEXT NOT NULL,
    keys_fingerprint BLOB NOT NULL CHECK (length(keys_fingerprint) = 32),
                                                 -- keyed hash under keys.db: the two files belong together
    keys_made        INTEGER NOT NULL,           -- the highest number of a key: a keys.db with less is an older copy
    created_at       INTEGER NOT NULL
) STRICT;

-- People, each by the strongest identifier that something named: a user id, else a number, else a parent user id.
-- The id follows from that identifier, so nobody's row depends on who was seen first.
CREATE TABLE contact (
    seq          INTEGER PRIMARY KEY,
    id           TEXT NOT NULL UNIQUE,
    kind         TEXT NOT NULL CHECK (kind IN ('wa_id', 'bsuid', 'parent_bsuid')),
    created_at   INTEGER NOT NULL,
    sends_paused INTEGER NOT NULL DEFAULT 0 CHECK (sends_paused IN (0, 1))
                                                 -- 1 while a changed identity waits for review
) STRICT;

-- What was said of a person: each distinct set of identifiers and names, and from when to when it was. Sealed under
-- the contact's own key, so that destroying the key erases the person.
CREATE TABLE contact_sighting (
    seq      INTEGER PRIMARY KEY,
    contact  TEXT NOT NULL REFERENCES contact (id),
    said     BLOB NOT NULL CHECK (length(said) = 16),       -- keyed hash of all of it
    first_at INTEGER NOT NULL,                   -- event times; 0 in last_at when Meta told none
    last_at  INTEGER NOT NULL,
    sealed   BLOB NOT NULL,                      -- JSON: number, user ids, username, name
    UNIQUE (contact, said)
) STRICT;

-- Every identifier that a person was seen with, as a keyed hash. A number that two people had has two rows.
CREATE TABLE contact_alias (
    seq          INTEGER PRIMARY KEY,
    kind         TEXT NOT NULL CHECK (kind IN ('wa_id', 'bsuid', 'parent_bsuid')),
    hash         BLOB NOT NULL CHECK (length(hash) = 32),
    hash_version INTEGER NOT NULL,
    contact      TEXT NOT NULL REFERENCES contact (id),
    how          TEXT NOT NULL CHECK (how IN ('seen', 'told')),
                                                 -- seen together, or a system message told of a change to it
    since        INTEGER NOT NULL,               -- event time of the first fact that says so
    UNIQUE (kind, hash, contact, how)
) STRICT;
CREATE INDEX contact_alias_contact ON contact_alias (contact);

-- Why a person must look at a contact: identities are never merged silently.
CREATE TABLE contact_flag (
    seq         INTEGER PRIMARY KEY,
    contact     TEXT NOT NULL REFERENCES contact (id),
    reason      TEXT NOT NULL,                   -- number_changed, user_id_changed, identity_changed
    other       TEXT NOT NULL DEFAULT '',        -- the other contact that this is about, if there is one
    since       INTEGER NOT NULL,
    resolved_at INTEGER,
    UNIQUE (contact, reason, other, since)
) STRICT;

-- One thread with one person or group on one of the firm's numbers.
CREATE TABLE conversation (
    seq             INTEGER PRIMARY KEY,
    id              TEXT NOT NULL UNIQUE,
    phone_number_id TEXT NOT NULL,
    contact         TEXT REFERENCES contact (id),           -- NULL for a group
    group_hash      BLOB,                                   -- NULL for one person
    last_message_at INTEGER NOT NULL,
    last_inbound_at INTEGER,                                -- opens the customer service window; live messages only
    messages        INTEGER NOT NULL DEFAULT 0,
    unread          INTEGER NOT NULL DEFAULT 0,
    CHECK ((contact IS NULL) <> (group_hash IS NULL)),
    UNIQUE (contact, phone_number_id),
    UNIQUE (phone_number_id, group_hash)
) STRICT;
CREATE INDEX conversation_newest ON conversation (last_message_at);

-- Every message, once. `dedup` is a keyed hash of phone number id and wamid; the wamid itself is sealed, because it
-- encodes the telephone number.
CREATE TABLE message (
    seq             INTEGER PRIMARY KEY,
    id              TEXT NOT NULL UNIQUE,        -- ULID: time of sending, then a keyed hash
    dedup           BLOB NOT NULL UNIQUE CHECK (length(dedup) = 16),
    conversation    TEXT NOT NULL REFERENCES conversation (id),
    contact         TEXT REFERENCES contact (id),-- author or recipient by the strongest identifier that the message itself
                                                 -- names; the person is that of the thread
    phone_number_id TEXT NOT NULL,
    direction       TEXT NOT NULL CHECK (direction IN ('inbound', 'outbound')),
    via             TEXT NOT NULL,
    type            TEXT NOT NULL,
    wire_type       TEXT NOT NULL,
    sender_hash     BLOB NOT NULL CHECK (length(sender_hash) = 32),
    hash_version    INTEGER NOT NULL,
    sent_at         INTEGER NOT NULL,
    received_at     INTEGER NOT NULL,
    reply_to        BLOB,                        -- dedup of the quoted message, which may be unknown
    target          BLOB,                        -- dedup of the message that an edit, revoke or reaction is about
    telling         BLOB NOT NULL CHECK (length(telling) = 8),
                                                 -- keyed hash of the element: feeds may tell one message differently
    status          TEXT,                        -- the folded status facts; NULL while there are none
    raw_event       TEXT NOT NULL,
    position        TEXT NOT NULL,
    sealed          BLOB NOT NULL                -- JSON: wamid, text, content, groupId
) STRICT;
CREATE INDEX message_thread ON message (conversation, sent_at);
CREATE INDEX message_newest ON message (sent_at);
CREATE INDEX message_raw ON message (raw_event);
CREATE INDEX message_target ON message (target) WHERE target IS NOT NULL;

-- Status facts, as they came. A fact whose message is unknown waits here: that is normal, never an error.
CREATE TABLE message_status (
    seq            INTEGER PRIMARY KEY,
    dedup          BLOB NOT NULL UNIQUE CHECK (length(dedup) = 16),
    message_dedup  BLOB NOT NULL CHECK (length(message_dedup) = 16),
    phone_number_id TEXT NOT NULL,
    status         TEXT NOT NULL,
    recipient_hash BLOB,
    error_code     INTEGER,
    own_id         TEXT,                         -- our ULID, echoed back by Meta
    telling        BLOB NOT NULL CHECK (length(telling) = 8),
    at             INTEGER NOT NULL,
    received_at    INTEGER NOT NULL,
    raw_event      TEXT NOT NULL,
    position       TEXT NOT NULL,
    sealed         BLOB NOT NULL                 -- JSON: the status object as received
) STRICT;
CREATE INDEX message_status_message ON message_status (message_dedup);
CREATE INDEX message_status_raw ON message_status (raw_event);

-- What happened to the account, numbers, templates, calls and preferences.
CREATE TABLE platform_event (
    seq             INTEGER PRIMARY KEY,
    id              TEXT NOT NULL UNIQUE,
    dedup           BLOB NOT NULL UNIQUE CHECK (length(dedup) = 16),
    field           TEXT NOT NULL,
    event           TEXT NOT NULL,
    severity        TEXT NOT NULL CHECK (severity IN ('info', 'warning', 'critical')),
    waba_id         TEXT,
    phone_number_id TEXT,
    template_id     TEXT,
    telling         BLOB NOT NULL CHECK (length(telling) = 8),
    at              INTEGER NOT NULL,
    received_at     INTEGER NOT NULL,
    raw_event       TEXT NOT NULL,
    position        TEXT NOT NULL,
    sealed          BLOB NOT NULL                -- JSON: the value as received
) STRICT;
CREATE INDEX platform_event_raw ON platform_event (raw_event);

-- Facts for the rest of the system: CloudEvents without content.
CREATE TABLE event (
    seq         INTEGER PRIMARY KEY,
    id          TEXT NOT NULL UNIQUE,
    type        TEXT NOT NULL,
    subject     TEXT NOT NULL,
    at          INTEGER NOT NULL,
    data        TEXT NOT NULL,
    raw_event   TEXT NOT NULL,
    traceparent TEXT
) STRICT;
CREATE INDEX event_subject ON event (subject);
CREATE INDEX event_raw ON event (raw_event);

-- Work that waits. A finished job is deleted in the commit of its effect.
CREATE TABLE job (
    seq         INTEGER PRIMARY KEY,
    kind        TEXT NOT NULL,
    once        TEXT UNIQUE,                     -- at most one job with this text
    payload     BLOB NOT NULL,                   -- sealed JSON; place: job, payload, once or dead letter id
    place       TEXT NOT NULL,
    state       TEXT NOT NULL CHECK (state IN ('ready', 'running')),
    run_at      INTEGER NOT NULL,                -- 0: waits for no time
    tries       INTEGER NOT NULL DEFAULT 0,
    lease_until INTEGER,
    created_at  INTEGER NOT NULL,
    last_error  TEXT NOT NULL DEFAULT ''         -- an error's name, never its content
) STRICT;
CREATE INDEX job_due ON job (run_at, seq) WHERE state = 'ready';
CREATE INDEX job_lease ON job (lease_until) WHERE state = 'running';

-- What could not be processed, sealed, until a person decides.
CREATE TABLE dead_letter (
    seq        INTEGER PRIMARY KEY,
    id         TEXT NOT NULL UNIQUE,
    dedup      BLOB NOT NULL UNIQUE CHECK (length(dedup) = 16),
    kind       TEXT NOT NULL CHECK (kind IN ('poison', 'element', 'job')),
    reason     TEXT NOT NULL,
    tries      INTEGER NOT NULL,
    state      TEXT NOT NULL CHECK (state IN ('open', 'retried', 'discarded')),
    created_at INTEGER NOT NULL,
    decided_at INTEGER,
    raw_event  TEXT NOT NULL,
    position   TEXT NOT NULL,
    sealed     BLOB NOT NULL
) STRICT;
CREATE INDEX dead_letter_open ON dead_letter (state, seq);

-- The audit log: RFC 6962. Rows are appended, never changed.
CREATE TABLE audit_entry (
    seq       INTEGER PRIMARY KEY,
    entry     BLOB NOT NULL CHECK (length(entry) <= 65535),
    leaf_hash BLOB NOT NULL CHECK (length(leaf_hash) = 32)
) STRICT;
-- Targets begin with a kind and a time-ordered id, so this index grows at its end.
CREATE INDEX audit_entry_target ON audit_entry (json_extract(CAST(entry AS TEXT), '$.target'));
CREATE TABLE audit_frontier (
    id    INTEGER PRIMARY KEY CHECK (id = 1),
    n     INTEGER NOT NULL,
    stack BLOB NOT NULL
) STRICT;
INSERT INTO audit_frontier (id, n, stack) VALUES (1, 0, x'');
CREATE TABLE audit_checkpoint (
    size INTEGER PRIMARY KEY,
    note BLOB NOT NULL,
    tst  BLOB
) STRICT;
CREATE TRIGGER audit_entry_no_update BEFORE UPDATE ON audit_entry
BEGIN SELECT raise(ABORT, 'the audit log is append-only'); END;
CREATE TRIGGER audit_entry_no_delete BEFORE DELETE ON audit_entry
BEGIN SELECT raise(ABORT, 'the audit log is append-only'); END;
CREATE TRIGGER audit_entry_no_gap BEFORE INSERT ON audit_entry
WHEN NEW.seq <> (SELECT coalesce(max(seq) + 1, 0) FROM audit_entry)
BEGIN SELECT raise(ABORT, 'the audit log has no gaps'); END;
CREATE TRIGGER audit_checkpoint_no_rewrite BEFORE INSERT ON audit_checkpoint
WHEN NEW.size IN (SELECT size FROM audit_checkpoint)
BEGIN SELECT raise(ABORT, 'checkpoints are append-only'); END;
CREATE TRIGGER audit_checkpoint_no_update BEFORE UPDATE ON audit_checkpoint
BEGIN SELECT raise(ABORT, 'checkpoints are append-only'); END;
CREATE TRIGGER audit_checkpoint_no_delete BEFORE DELETE ON audit_checkpoint
BEGIN SELECT raise(ABORT, 'checkpoints are append-only'); END;
