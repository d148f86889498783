-- Parties in force are counted with every conflict check, and flagged matters are listed: both without reading every row.
CREATE INDEX matter_flagged ON matter (needs_check_since, seq) WHERE needs_check_since IS NOT NULL;
CREATE INDEX party_ended ON party (ended_at) WHERE ended_at IS NOT NULL;
