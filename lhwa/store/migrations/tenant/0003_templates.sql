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
