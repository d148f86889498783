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
CREATE INDEX contact_flag_open ON contact_flag (contact, since) WHERE resolved_at IS NULL;

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
    unread          INTEGER NOT NULL DEFAULT 0,             -- counted messages of the client past `read_to`
    read_to         INTEGER NOT NULL DEFAULT 0,             -- seq of the newest message that the firm has seen
    assigned_to     TEXT,                                   -- the operator whose it is; NULL: nobody's
    CHECK ((contact IS NULL) <> (group_hash IS NULL)),
    UNIQUE (contact, phone_number_id),
    UNIQUE (phone_number_id, group_hash)
) STRICT;
CREATE INDEX conversation_newest ON conversation (last_message_at);
CREATE INDEX conversation_unread ON conversation (last_message_at) WHERE unread > 0;
CREATE INDEX conversation_assigned ON conversation (assigned_to, last_message_at) WHERE assigned_to IS NOT NULL;

-- Every message, once. `dedup` is a keyed hash of phone number id and wamid; the wamid itself is sealed, because it
-- encodes the telephone number. `message_key` keeps it unique.
CREATE TABLE message (
    seq             INTEGER PRIMARY KEY,
    id              TEXT NOT NULL UNIQUE,        -- ULID: time of sending, then a keyed hash
    dedup           BLOB NOT NULL CHECK (length(dedup) = 16),
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
-- A thread is found block by block of 16,384 messages, and only the newest block of this index grows: sorted by thread
-- alone, each message of a large file would change another page.
CREATE INDEX message_thread ON message (seq >> 14, conversation, sent_at);
CREATE VIEW message_block (number) AS
WITH RECURSIVE block (number) AS (
    SELECT max(seq) >> 14 FROM message UNION ALL SELECT number - 1 FROM block WHERE number > 0
) SELECT number FROM block;
CREATE INDEX message_newest ON message (sent_at);
CREATE INDEX message_raw ON message (raw_event);
CREATE INDEX message_target ON message (target) WHERE target IS NOT NULL;

-- The key of every message, once. Keys are spread evenly, so in one large index each new one would change another page.
-- They are collected in a small one instead, and message number n times 256 takes those along that begin with the last
-- byte of n: many for the same page of the large index, which so takes in each part anew with every 65,536 messages.
CREATE TABLE message_key (
    dedup   BLOB PRIMARY KEY CHECK (length(dedup) = 16),
    message INTEGER NOT NULL                     -- its seq
) STRICT, WITHOUT ROWID;
CREATE TABLE message_key_new (
    dedup   BLOB PRIMARY KEY CHECK (length(dedup) = 16),
    message INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE VIEW message_known AS
SELECT dedup, message FROM message_key UNION ALL SELECT dedup, message FROM message_key_new;
-- Both are asked before anything moves: a key that moves with this very message is one that is here.
CREATE TRIGGER message_once BEFORE INSERT ON message WHEN EXISTS (SELECT 1 FROM message_known WHERE dedup = NEW.dedup)
BEGIN SELECT raise(ABORT, 'this message is here already'); END;
CREATE TRIGGER message_keyed AFTER INSERT ON message
BEGIN INSERT INTO message_key_new (dedup, message) VALUES (NEW.dedup, NEW.seq); END;
CREATE TRIGGER message_keys_move AFTER INSERT ON message WHEN NEW.seq % 256 = 0
BEGIN
    INSERT INTO message_key (dedup, message)
    SELECT dedup, message FROM message_key_new
    WHERE dedup BETWEEN unhex(printf('%02x', NEW.seq >> 8 & 255))
        AND unhex(printf('%02x', NEW.seq >> 8 & 255) || 'ffffffffffffffffffffffffffffffff')
    ORDER BY dedup;
    DELETE FROM message_key_new
    WHERE dedup BETWEEN unhex(printf('%02x', NEW.seq >> 8 & 255))
        AND unhex(printf('%02x', NEW.seq >> 8 & 255) || 'ffffffffffffffffffffffffffffffff');
END;
CREATE TRIGGER message_gone AFTER DELETE ON message
BEGIN
    DELETE FROM message_key WHERE dedup = OLD.dedup AND message = OLD.seq;
    DELETE FROM message_key_new WHERE dedup = OLD.dedup AND message = OLD.seq;
END;

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
CREATE INDEX platform_event_alerting ON platform_event (severity, at) WHERE severity <> 'info';

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
-- Everybody who opens a thread leaves a record about it; its assignments stand among very many of those.
CREATE INDEX audit_entry_assigned ON audit_entry (json_extract(CAST(entry AS TEXT), '$.target'))
WHERE substr(entry, 1, 34) = CAST('{"action":"conversation.assigned",' AS BLOB);
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
    CHECK (author_kind = 'person' OR author IN ('opt_out_confirmed', 'opt_in_confirmed', 'office_closed', 'intake'))
) STRICT;
-- With the time for which a message is meant, so that those of later are counted without reading them.
CREATE INDEX outbox_due ON outbox (next_attempt_at, seq, send_at) WHERE state = 'queued';
CREATE INDEX outbox_open ON outbox (state, seq) WHERE state IN ('pending_approval', 'queued', 'sending', 'in_doubt');
CREATE INDEX outbox_lost ON outbox (next_attempt_at, seq) WHERE state IN ('failed', 'expired');
CREATE INDEX outbox_thread ON outbox (conversation, seq);
CREATE INDEX outbox_newest ON outbox (created_at);
CREATE INDEX outbox_place ON outbox (conversation, coalesce(posted_at, created_at));
CREATE INDEX outbox_asks ON outbox (conversation, seq) WHERE state IN ('pending_approval', 'in_doubt', 'failed');

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

-- What Meta told of each part of a template, the newest of each by Meta's time: the rows of `template` follow from it,
-- in whatever order it came. Also of templates that are not known here yet; the next sync brings those.
CREATE TABLE template_fact (
    seq      INTEGER PRIMARY KEY,
    template TEXT NOT NULL,                      -- Meta's id
    part     TEXT NOT NULL CHECK (part IN ('status', 'category', 'quality', 'coming', 'definition', 'components')),
    at       INTEGER NOT NULL,                   -- by Meta's time
    word     TEXT NOT NULL,                      -- of the parts that are a word
    sealed   BLOB,                               -- JSON of the others
    UNIQUE (template, part),
    CHECK ((sealed IS NULL) = (part NOT IN ('definition', 'components')))
) STRICT;

-- Every wording that a template had at Meta, as far as lhwa saw it. Rows are added, never changed.
CREATE TABLE template_version (
    seq        INTEGER PRIMARY KEY,
    name       TEXT NOT NULL,
    language   TEXT NOT NULL,
    definition TEXT NOT NULL,                    -- JSON, as in `template`
    since      INTEGER NOT NULL
) STRICT;
CREATE INDEX template_version_template ON template_version (name, language, seq);

-- Templates that somebody wants to have at Meta: a second person approves, and only then are they posted.
CREATE TABLE template_submission (
    seq        INTEGER PRIMARY KEY,
    id         TEXT NOT NULL UNIQUE,             -- ULID
    name       TEXT NOT NULL,
    language   TEXT NOT NULL,
    body       TEXT NOT NULL,                    -- JSON as it is posted
    author     TEXT NOT NULL,                    -- the operator
    created_at INTEGER NOT NULL,
    state      TEXT NOT NULL CHECK (state IN ('pending_approval', 'posted', 'refused', 'declined')),
    decided_by TEXT,
    decided_at INTEGER,
    error_code INTEGER,                          -- Meta's
    CHECK ((decided_by IS NULL) = (state = 'pending_approval'))
) STRICT;
CREATE UNIQUE INDEX template_submission_open ON template_submission (name, language) WHERE state = 'pending_approval';

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
CREATE INDEX tree_version_pending ON tree_version (seq) WHERE state = 'pending_approval';
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
CREATE INDEX intake_thread ON intake (conversation, seq);
CREATE INDEX intake_assigned ON intake (assigned_to) WHERE assigned_to IS NOT NULL;
CREATE INDEX intake_with_person ON intake (changed_at, seq) WHERE is_with_person = 1;
-- What waits for the firm: the table of intakes says the same words.
CREATE INDEX intake_review ON intake (changed_at, seq) WHERE state IN ('submitted', 'under_review')
    OR (is_with_person = 1 AND state IN ('new', 'awaiting_consent', 'in_progress', 'needs_info'));

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
CREATE INDEX matter_flagged ON matter (needs_check_since, seq) WHERE needs_check_since IS NOT NULL;

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
CREATE INDEX party_ended ON party (ended_at) WHERE ended_at IS NOT NULL;
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
-- Every wording that a template had in the firm's files, as it would be posted. Rows are added, never changed.
CREATE TABLE template_file_version (
    seq        INTEGER PRIMARY KEY,
    name       TEXT NOT NULL,
    language   TEXT NOT NULL,
    version    INTEGER NOT NULL CHECK (version > 0),        -- from 1, for each name and language
    sha256     BLOB NOT NULL CHECK (length(sha256) = 32),   -- of the definition
    definition TEXT NOT NULL,                    -- canonical JSON, without anything that is never posted
    seen_at    INTEGER NOT NULL,
    UNIQUE (name, language, version)
) STRICT;
CREATE TRIGGER template_file_version_no_update BEFORE UPDATE ON template_file_version
BEGIN SELECT raise(ABORT, 'versions are never rewritten'); END;
CREATE TRIGGER template_file_version_no_delete BEFORE DELETE ON template_file_version
BEGIN SELECT raise(ABORT, 'versions are never rewritten'); END;

-- The file that each template stands in, and which of its versions counts.
CREATE TABLE template_file (
    seq        INTEGER PRIMARY KEY,
    name       TEXT NOT NULL,
    language   TEXT NOT NULL,
    file       TEXT NOT NULL,                    -- its name
    version    INTEGER NOT NULL,
    changed_at INTEGER NOT NULL,
    deleted_at INTEGER,                          -- no file has it any more; its versions stay
    UNIQUE (name, language),
    FOREIGN KEY (name, language, version) REFERENCES template_file_version (name, language, version)
) STRICT;

-- Files with errors: what stands in them counts for nothing until somebody mends them.
CREATE TABLE template_file_fault (
    seq    INTEGER PRIMARY KEY,
    file   TEXT NOT NULL UNIQUE,                 -- its name
    errors INTEGER NOT NULL CHECK (errors > 0),
    since  INTEGER NOT NULL                      -- when it was first seen with so many
) STRICT;

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

-- What people of the firm note about a thread for each other. Append-only: a second thought is a second note.
CREATE TABLE note (
    seq          INTEGER PRIMARY KEY,
    id           TEXT NOT NULL UNIQUE,           -- ULID
    conversation TEXT NOT NULL REFERENCES conversation (id),
    author       TEXT NOT NULL,                  -- the operator
    written_at   INTEGER NOT NULL,
    sealed       BLOB NOT NULL                   -- the text, under the contact's key; of a group under the firm's
) STRICT;
CREATE INDEX note_conversation ON note (conversation, written_at);
-- Replacing a row fires no trigger of its deletion.
CREATE TRIGGER note_no_rewrite BEFORE INSERT ON note
WHEN EXISTS (SELECT 1 FROM note WHERE seq = NEW.seq OR id = NEW.id)
BEGIN SELECT raise(ABORT, 'notes are append-only'); END;
CREATE TRIGGER note_no_update BEFORE UPDATE ON note
BEGIN SELECT raise(ABORT, 'notes are append-only'); END;
CREATE TRIGGER note_no_delete BEFORE DELETE ON note
BEGIN SELECT raise(ABORT, 'notes are append-only'); END;

-- What lies on people's desks: no record of the firm, so it changes without an audit record, by a door of its own.
-- Both have rowids: the hook that the law of the audit log hangs on does not see tables without.

-- What somebody is writing and has not sent.
CREATE TABLE draft (
    seq          INTEGER PRIMARY KEY,
    conversation TEXT NOT NULL REFERENCES conversation (id),
    operator     TEXT NOT NULL,
    written_at   INTEGER NOT NULL,
    sealed       BLOB NOT NULL,                  -- the text, sealed as a note is
    UNIQUE (conversation, operator)
) STRICT;

-- Who has which thread open, until when without another word from their desk.
CREATE TABLE presence (
    seq          INTEGER PRIMARY KEY,
    operator     TEXT NOT NULL,
    desk         TEXT NOT NULL,                  -- one open inbox; a person may have several
    conversation TEXT NOT NULL REFERENCES conversation (id),
    is_writing   INTEGER NOT NULL CHECK (is_writing IN (0, 1)),
    until        INTEGER NOT NULL,
    UNIQUE (operator, desk)
) STRICT;
CREATE INDEX presence_conversation ON presence (conversation);
CREATE INDEX presence_until ON presence (until);

-- Alerts that somebody has acknowledged.
CREATE TABLE alert_acknowledgement (
    seq   INTEGER PRIMARY KEY,
    alert TEXT NOT NULL UNIQUE,                  -- its id; why is in the audit log alone
    by    TEXT NOT NULL,                         -- the operator
    at    INTEGER NOT NULL
) STRICT;
