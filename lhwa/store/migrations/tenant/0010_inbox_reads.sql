-- What an open inbox asks for with every change, without reading the rows of a whole thread or of the whole firm.
CREATE INDEX intake_thread ON intake (conversation, seq);
CREATE INDEX outbox_place ON outbox (conversation, coalesce(posted_at, created_at));
CREATE INDEX outbox_asks ON outbox (conversation, seq) WHERE state IN ('pending_approval', 'in_doubt', 'failed');
-- Everybody who opens a thread leaves a record about it; its assignments stand among very many of those.
CREATE INDEX audit_entry_assigned ON audit_entry (json_extract(CAST(entry AS TEXT), '$.target'))
WHERE substr(entry, 1, 34) = CAST('{"action":"conversation.assigned",' AS BLOB);
