-- What the firm sends: every outgoing message from the request to its end. The content and the recipient are sealed
-- under the contact's key. Only a person, or a text that people of the firm wrote beforehand, can be an author.
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
    CHECK (author_kind = 'person' OR author IN ('opt_out_confirmed', 'opt_in_confirmed', 'office_closed'))
) STRICT;
CREATE INDEX outbox_due ON outbox (next_attempt_at, seq) WHERE state = 'queued';
CREATE INDEX outbox_open ON outbox (state, seq) WHERE state IN ('pending_approval', 'queued', 'sending', 'in_doubt');
CREATE INDEX outbox_thread ON outbox (conversation, seq);
CREATE INDEX outbox_newest ON outbox (created_at);

-- Message templates as Meta has them, newest state of each. They are the firm's own words and hold no personal data.
CREATE TABLE template (
    seq         INTEGER PRIMARY KEY,
    name        TEXT NOT NULL,
    language    TEXT NOT NULL,
    vendor_id   TEXT,
    status      TEXT NOT NULL,
    category    TEXT NOT NULL,
    quality     TEXT NOT NULL DEFAULT '',
    definition  TEXT NOT NULL,                   -- JSON as Meta returns it
    synced_at   INTEGER NOT NULL,
    UNIQUE (name, language)
) STRICT;

-- What keeps messages from a contact, from when to when. Rows are ended, never deleted.
CREATE TABLE contact_restriction (
    seq      INTEGER PRIMARY KEY,
    contact  TEXT NOT NULL REFERENCES contact (id),
    kind     TEXT NOT NULL CHECK (kind IN ('opt_out', 'marketing_stop', 'blocked', 'outbound_hold')),
    since    INTEGER NOT NULL,
    ended_at INTEGER,
    source   TEXT NOT NULL                       -- the operator, or the event that says so
) STRICT;
CREATE INDEX contact_restriction_contact ON contact_restriction (contact, kind) WHERE ended_at IS NULL;

-- How much may leave when: allowances per number and per pair, and breakers. They survive a restart.
CREATE TABLE send_allowance (
    scope TEXT PRIMARY KEY,                      -- 'number:<id>', 'pair:<id>:<hash>', 'breaker:<id>:<class>'
    state TEXT NOT NULL                          -- JSON of `domain/pacing.py` or `domain/breaker.py`
) STRICT;
