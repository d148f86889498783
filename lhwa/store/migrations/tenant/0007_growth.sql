-- What a message costs must not grow with their number: the two indexes whose order has nothing to do with time are
-- replaced. A UNIQUE column cannot be dropped from a table, so every message is copied once.
ALTER TABLE message RENAME TO message_before;
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
INSERT INTO message SELECT * FROM message_before;

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
INSERT INTO message_key (dedup, message) SELECT dedup, seq FROM message_before ORDER BY dedup;
DROP TABLE message_before;
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
