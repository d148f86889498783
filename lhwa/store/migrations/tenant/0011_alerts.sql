-- Alerts that somebody has acknowledged, and indexes for what is counted anew with every change of the file.
CREATE TABLE alert_acknowledgement (
    seq   INTEGER PRIMARY KEY,
    alert TEXT NOT NULL UNIQUE,                  -- its id; why is in the audit log alone
    by    TEXT NOT NULL,                         -- the operator
    at    INTEGER NOT NULL
) STRICT;

CREATE INDEX platform_event_alerting ON platform_event (severity, at) WHERE severity <> 'info';
CREATE INDEX contact_flag_open ON contact_flag (contact, since) WHERE resolved_at IS NULL;
CREATE INDEX tree_version_pending ON tree_version (seq) WHERE state = 'pending_approval';
CREATE INDEX intake_review ON intake (changed_at, seq) WHERE state IN ('submitted', 'under_review')
    OR (is_with_person = 1 AND state IN ('new', 'awaiting_consent', 'in_progress', 'needs_info'));
CREATE INDEX outbox_lost ON outbox (next_attempt_at, seq) WHERE state IN ('failed', 'expired');

-- With the time for which a message is meant, so that those of later are counted without reading them.
DROP INDEX outbox_due;
CREATE INDEX outbox_due ON outbox (next_attempt_at, seq, send_at) WHERE state = 'queued';
