-- What people see and note at their desk. A thread also knows what somebody has seen of it, and whose it is.
ALTER TABLE conversation ADD COLUMN read_to INTEGER NOT NULL DEFAULT 0;
ALTER TABLE conversation ADD COLUMN assigned_to TEXT;
CREATE INDEX conversation_unread ON conversation (last_message_at) WHERE unread > 0;
CREATE INDEX conversation_assigned ON conversation (assigned_to, last_message_at) WHERE assigned_to IS NOT NULL;

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
