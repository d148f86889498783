-- Intake may write to clients in texts that the firm approved: the list of automatic authors is a CHECK of the table.
ALTER TABLE outbox RENAME TO outbox_before;
CREATE TABLE outbox (
    seq             INTEGER PRIMARY KEY,
    id              TEXT NOT NULL UNIQUE,        -- ULID; Meta echoes it on every status
    conversation    TEXT NOT NULL REFERENCES conversation (id),
    contact         TEXT NOT NULL REFERENCES contact (id),
    phone_number_id TEXT NOT NULL,
    recipient_hash  BLOB NOT NULL CHECK (length(recipient_hash) = 32),
    kind            TEXT NOT NULL CHECK (kind IN ('text', 'media', 'document', 'template', 'interactive',
        'reaction')),
    template        TEXT,
    language        TEXT,
    author_kind     TEXT NOT NULL CHECK (author_kind IN ('person', 'automatic_text')),
    author          TEXT NOT NULL,               -- the operator, or which automatic text
    state           TEXT NOT NULL CHECK (state IN ('draft', 'pending_approval', 'queued', 'sending', 'accepted', 'sent',
        'delivered', 'read', 'failed', 'in_doubt', 'cancelled', 'expired')),
    created_at      INTEGER NOT NULL,
    send_at         INTEGER NOT NULL,            -- not before
    expires_at      INTEGER NOT NULL,            -- not after
    next_attempt_at INTEGER NOT NULL,
    attempts        INTEGER NOT NULL DEFAULT 0,  -- requests that left, or were about to
    posted_at       INTEGER,                     -- of the latest of them
    in_doubt_since  INTEGER,
    message_dedup   BLOB UNIQUE CHECK (message_dedup IS NULL OR length(message_dedup) = 16),
                                                 -- of the message that it became, once Meta named it
    decided_by      TEXT,                        -- who approved, declined, cancelled or resolved it
    rule            TEXT NOT NULL DEFAULT '',    -- why it does not leave, or did not arrive
    error_code      INTEGER,                     -- Meta's
    sealed          BLOB NOT NULL,               -- JSON: recipient, content, the message it replies to
    receipt         BLOB,                        -- sealed JSON: Meta's id of the message and of the recipient
    CHECK ((template IS NULL) = (kind <> 'template')),
    CHECK ((language IS NULL) = (template IS NULL)),
    CHECK ((in_doubt_since IS NULL) = (state <> 'in_doubt')),
    CHECK (author_kind = 'person' OR author IN ('opt_out_confirmed', 'opt_in_confirmed', 'office_closed', 'intake'))
) STRICT;
INSERT INTO outbox SELECT * FROM outbox_before;
DROP TABLE outbox_before;
CREATE INDEX outbox_due ON outbox (next_attempt_at, seq) WHERE state = 'queued';
CREATE INDEX outbox_open ON outbox (state, seq) WHERE state IN ('pending_approval', 'queued', 'sending', 'in_doubt');
CREATE INDEX outbox_thread ON outbox (conversation, seq);
CREATE INDEX outbox_newest ON outbox (created_at);

-- Every version of a question tree that somebody submitted. The firm's own words; they hold no personal data.
CREATE TABLE tree_version (
    seq        INTEGER PRIMARY KEY,
    id         TEXT NOT NULL UNIQUE,             -- ULID
    name       TEXT NOT NULL,
    version    INTEGER,                          -- from 1, once it is published
    sha256     BLOB NOT NULL CHECK (length(sha256) = 32),
    definition TEXT NOT NULL,                    -- canonical JSON of the whole tree
    is_entry   INTEGER NOT NULL CHECK (is_entry IN (0, 1)),
    author     TEXT NOT NULL,                    -- the operator
    created_at INTEGER NOT NULL,
    state      TEXT NOT NULL CHECK (state IN ('pending_approval', 'published', 'declined', 'retired')),
    decided_by TEXT,
    decided_at INTEGER,
    UNIQUE (name, version),
    CHECK ((decided_by IS NULL) = (state = 'pending_approval')),
    CHECK ((version IS NULL) = (state IN ('pending_approval', 'declined')))
) STRICT;
CREATE UNIQUE INDEX tree_version_current ON tree_version (name) WHERE state = 'published';
CREATE INDEX tree_version_published ON tree_version (version) WHERE version IS NOT NULL;
CREATE TRIGGER tree_version_is_fixed BEFORE UPDATE OF id, name, sha256, definition, author, created_at ON tree_version
BEGIN SELECT raise(ABORT, 'a version of a tree never changes'); END;

-- Numbers that never begin an intake: staff, courts, other firms.
CREATE TABLE intake_exempt (
    hash     BLOB PRIMARY KEY CHECK (length(hash) = 32), -- as in contact_alias, of the number
    added_by TEXT NOT NULL,
    added_at INTEGER NOT NULL,
    sealed   BLOB NOT NULL                       -- the number
) STRICT, WITHOUT ROWID;

-- One client going through one version of a tree. What was answered is sealed under the contact's key.
CREATE TABLE intake (
    seq            INTEGER PRIMARY KEY,
    id             TEXT NOT NULL UNIQUE,         -- ULID
    contact        TEXT NOT NULL REFERENCES contact (id),
    conversation   TEXT NOT NULL REFERENCES conversation (id),
    tree           TEXT NOT NULL,
    version        INTEGER NOT NULL,
    state          TEXT NOT NULL CHECK (state IN ('new', 'awaiting_consent', 'in_progress', 'submitted', 'under_review',
        'needs_info', 'accepted', 'rejected', 'declined', 'withdrawn', 'expired')),
    urgency        INTEGER NOT NULL DEFAULT 0,   -- the floor by rules, or higher by a person
    is_with_person INTEGER NOT NULL DEFAULT 0 CHECK (is_with_person IN (0, 1)),
    assigned_to    TEXT,                         -- the operator
    started_at     INTEGER NOT NULL,
    changed_at     INTEGER NOT NULL,
    asked          INTEGER NOT NULL,
    asked_at       INTEGER,
    prompt         TEXT,                         -- in the outbox: the question that is before the client
    due_at         INTEGER,                      -- when silence has a consequence
    is_reminded    INTEGER NOT NULL DEFAULT 0 CHECK (is_reminded IN (0, 1)),
    acts           INTEGER NOT NULL,
    sealed         BLOB NOT NULL                 -- JSON: the session
) STRICT;
CREATE UNIQUE INDEX intake_open ON intake (contact) WHERE state IN
    ('new', 'awaiting_consent', 'in_progress', 'submitted', 'under_review', 'needs_info');
CREATE INDEX intake_contact ON intake (contact, seq);
CREATE INDEX intake_state ON intake (state, seq);
CREATE INDEX intake_due ON intake (due_at) WHERE due_at IS NOT NULL;
CREATE INDEX intake_with_person ON intake (changed_at, seq) WHERE is_with_person = 1;

-- Everything that happened to a session, in order: the session is what its acts make of it.
CREATE TABLE intake_act (
    seq      INTEGER PRIMARY KEY,
    intake   TEXT NOT NULL REFERENCES intake (id),
    nth      INTEGER NOT NULL,                   -- from 1
    at       INTEGER NOT NULL,
    kind     TEXT NOT NULL,
    message  TEXT,                               -- the client's, if it was one
    operator TEXT,                               -- who acted, if a person of the firm did
    reason   TEXT NOT NULL DEFAULT '',
    sealed   BLOB NOT NULL,                      -- JSON: the act, without the words of a message
    UNIQUE (intake, nth)
) STRICT;
CREATE INDEX intake_act_message ON intake_act (message) WHERE message IS NOT NULL;
CREATE TRIGGER intake_act_no_update BEFORE UPDATE ON intake_act
BEGIN SELECT raise(ABORT, 'acts are append-only'); END;
CREATE TRIGGER intake_act_no_delete BEFORE DELETE ON intake_act
BEGIN SELECT raise(ABORT, 'acts are append-only'); END;

-- Flags that rules found in a client's messages after the consent.
CREATE TABLE intake_flag (
    seq     INTEGER PRIMARY KEY,
    intake  TEXT NOT NULL REFERENCES intake (id),
    message TEXT NOT NULL,
    nth     INTEGER NOT NULL,                    -- of the message, the most urgent first
    kind    TEXT NOT NULL,
    urgency INTEGER NOT NULL,
    sealed  BLOB NOT NULL,                       -- JSON: the phrase, the date, the note
    UNIQUE (intake, message, nth)
) STRICT;

-- The consent ledger: who agreed to what, in which words, by which message; refusals and withdrawals too.
CREATE TABLE consent (
    seq            INTEGER PRIMARY KEY,
    id             TEXT NOT NULL UNIQUE,         -- ULID
    contact        TEXT NOT NULL REFERENCES contact (id),
    intake         TEXT REFERENCES intake (id),
    purpose        TEXT NOT NULL,
    basis          TEXT NOT NULL,
    what           TEXT NOT NULL CHECK (what IN ('given', 'refused', 'withdrawn')),
    notice_version TEXT NOT NULL,
    notice_sha256  BLOB NOT NULL CHECK (length(notice_sha256) = 32),
    language       TEXT NOT NULL,
    prompt         TEXT,                         -- in the outbox: the notice as it was sent
    reply          TEXT NOT NULL,                -- our id of the client's message
    reply_sha256   BLOB NOT NULL CHECK (length(reply_sha256) = 32),
                                                 -- of a salt that is sealed, then the text as it was sent
    method         TEXT NOT NULL CHECK (method IN ('button', 'typed')),
    is_guardian    INTEGER NOT NULL CHECK (is_guardian IN (0, 1)),
    at             INTEGER NOT NULL,             -- by Meta's clock
    recorded_at    INTEGER NOT NULL,
    audit_seq      INTEGER NOT NULL,             -- of the record that stands for it
    sealed         BLOB NOT NULL                 -- JSON: the exact notice, the reply, both wamids as far as known
) STRICT;
CREATE INDEX consent_contact ON consent (contact, purpose, seq);
CREATE TRIGGER consent_no_update BEFORE UPDATE ON consent
BEGIN SELECT raise(ABORT, 'the consent ledger is append-only'); END;
CREATE TRIGGER consent_no_delete BEFORE DELETE ON consent
BEGIN SELECT raise(ABORT, 'the consent ledger is append-only'); END;

-- What a lawyer accepted. The system of record is elsewhere; this is what conversations and parties hang on.
CREATE TABLE matter (
    seq       INTEGER PRIMARY KEY,
    id        TEXT NOT NULL UNIQUE,              -- ULID
    intake    TEXT NOT NULL UNIQUE REFERENCES intake (id),
    contact   TEXT NOT NULL REFERENCES contact (id),
    lawyer    TEXT NOT NULL,                     -- the operator who is responsible
    opened_at INTEGER NOT NULL,
    opened_by TEXT NOT NULL,
    needs_check_since INTEGER,                   -- a party came in that was not checked against this matter
    sealed    BLOB NOT NULL                      -- JSON: title, external reference
) STRICT;
CREATE INDEX matter_contact ON matter (contact);

-- Names that conflicts are looked for among. Of an intake, and of the matter that it became.
CREATE TABLE party (
    seq      INTEGER PRIMARY KEY,
    id       TEXT NOT NULL UNIQUE,               -- ULID
    intake   TEXT NOT NULL REFERENCES intake (id),
    role     TEXT NOT NULL CHECK (role IN ('client', 'opponent', 'related')),
    node     TEXT,                               -- the question that it answered; NULL when a person added it
    added_by TEXT,                               -- the operator
    added_at INTEGER NOT NULL,
    ended_at INTEGER,                            -- another answer took its place
    sealed   BLOB NOT NULL                       -- the name
) STRICT;
CREATE INDEX party_intake ON party (intake, seq);
CREATE TABLE party_key (
    hash  BLOB NOT NULL CHECK (length(hash) = 16), -- keyed hash of a way in which the name could be written
    party INTEGER NOT NULL REFERENCES party (seq),
    PRIMARY KEY (hash, party)
) STRICT, WITHOUT ROWID;

-- Every time somebody, or a new party, had the names compared, with what was found and what a lawyer decided on it.
CREATE TABLE conflict_check (
    seq        INTEGER PRIMARY KEY,
    id         TEXT NOT NULL UNIQUE,             -- ULID
    intake     TEXT NOT NULL REFERENCES intake (id),
    at         INTEGER NOT NULL,
    by         TEXT NOT NULL,                    -- who had it done
    parties    BLOB NOT NULL CHECK (length(parties) = 32), -- keyed hash of the names that were compared
    hits       INTEGER NOT NULL,
    is_outdated INTEGER NOT NULL DEFAULT 0 CHECK (is_outdated IN (0, 1)), -- a later name is like one of these
    decision   TEXT CHECK (decision IN ('no_conflict', 'waived', 'conflict')),
    decided_by TEXT,
    decided_at INTEGER,
    reason     TEXT NOT NULL DEFAULT '',
    sealed     BLOB NOT NULL,                    -- JSON: every hit and why it matched
    CHECK ((decision IS NULL) = (decided_by IS NULL))
) STRICT;
CREATE INDEX conflict_check_intake ON conflict_check (intake, seq);
