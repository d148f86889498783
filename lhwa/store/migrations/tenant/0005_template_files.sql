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
