"""Message templates: what Meta told of them, the rows that follow, their versions, and what waits for approval."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

import apsw

from lhwa.errors import ConflictError
from lhwa.store.connection import rows


@dataclass(frozen=True, slots=True)
class TemplateRow:
    """One template in one language."""

    name: str
    language: str
    vendor_id: str | None
    status: str
    category: str
    quality: str
    definition: str
    """JSON in Meta's form."""
    synced_at_ms: int


class Part(StrEnum):
    """What Meta tells of a template, each on its own."""

    STATUS = "status"
    CATEGORY = "category"
    QUALITY = "quality"
    COMING = "coming"
    """The category that Meta announced; empty when it announced none."""
    DEFINITION = "definition"
    """Everything that is in it, as the list has it."""
    COMPONENTS = "components"
    """Its new wording, as a webhook has it."""


@dataclass(frozen=True, slots=True)
class TemplateFact:
    """What Meta told of one part, and when."""

    template: str
    """Meta's id."""
    part: Part
    at_ms: int
    """By Meta's time."""
    word: str = ""
    sealed: bytes | None = None


@dataclass(frozen=True, slots=True)
class TemplateVersion:
    """A wording that a template had at Meta."""

    definition: str
    since_ms: int


class SubmissionState(StrEnum):
    """Where a template is that somebody wants to have at Meta."""

    PENDING_APPROVAL = "pending_approval"
    """A second person has to decide."""
    POSTED = "posted"
    """Meta has it."""
    REFUSED = "refused"
    """Meta did not take it."""
    DECLINED = "declined"
    """The second person said no."""


@dataclass(frozen=True, slots=True)
class SubmissionRow:
    """A template that somebody wants to have at Meta."""

    id: str
    name: str
    language: str
    body: str
    """JSON as it is posted."""
    author: str
    created_at_ms: int
    state: SubmissionState = SubmissionState.PENDING_APPROVAL
    decided_by: str | None = None
    decided_at_ms: int | None = None
    error_code: int | None = None


_ROW = "SELECT name, language, vendor_id, status, category, quality, definition, synced_at FROM template"
_FACT = "SELECT template, part, at, word, sealed FROM template_fact"
_SUBMISSION = (
    "SELECT id, name, language, body, author, created_at, state, decided_by, decided_at, error_code"
    " FROM template_submission"
)


class Templates:
    """The tables of templates."""

    def __init__(self, connection: apsw.Connection, *, now_ms: int) -> None:
        self._connection = connection
        self._now_ms = now_ms

    def get(self, name: str, language: str) -> TemplateRow | None:
        """One template by name and language."""
        found = rows(self._connection, f"{_ROW} WHERE name = ? AND language = ?", (name, language))
        return TemplateRow(*found[0]) if found else None

    def all(self) -> list[TemplateRow]:
        """Every template, by name and language."""
        return [TemplateRow(*row) for row in rows(self._connection, f"{_ROW} ORDER BY name, language")]

    def put(self, template: TemplateRow) -> bool:
        """Store what Meta says of a template; False when it is what we had."""
        before = self.get(template.name, template.language)
        self._connection.execute(
            "INSERT INTO template (name, language, vendor_id, status, category, quality, definition, synced_at)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (name, language) DO UPDATE SET"
            " vendor_id = excluded.vendor_id, status = excluded.status, category = excluded.category,"
            " quality = excluded.quality, definition = excluded.definition, synced_at = excluded.synced_at",
            (
                template.name,
                template.language,
                template.vendor_id,
                template.status,
                template.category,
                template.quality,
                template.definition,
                template.synced_at_ms,
            ),
        )
        return before is None or _said(before) != _said(template)

    def facts(self, template: str) -> dict[Part, TemplateFact]:
        """What Meta told of a template, by Meta's id."""
        return {fact.part: fact for fact in self._facts("WHERE template = ?", template)}

    def all_facts(self) -> list[TemplateFact]:
        """What Meta told of every template, known here or not."""
        return self._facts("ORDER BY template, part")

    def put_fact(self, fact: TemplateFact) -> None:
        """Let a fact stand in the place of the one before it."""
        self._connection.execute(
            "INSERT INTO template_fact (template, part, at, word, sealed) VALUES (?, ?, ?, ?, ?)"
            " ON CONFLICT (template, part) DO UPDATE SET at = excluded.at, word = excluded.word,"
            " sealed = excluded.sealed",
            (fact.template, fact.part.value, fact.at_ms, fact.word, fact.sealed),
        )

    def forget_facts(self, template: str) -> None:
        """Forget what was told of a template that Meta does not have."""
        self._connection.execute("DELETE FROM template_fact WHERE template = ?", (template,))

    def add_version(self, name: str, language: str, definition: str) -> None:
        """Keep a wording that a template has from now on."""
        self._connection.execute(
            "INSERT INTO template_version (name, language, definition, since) VALUES (?, ?, ?, ?)",
            (name, language, definition, self._now_ms),
        )

    def versions(self, name: str, language: str) -> list[TemplateVersion]:
        """Every wording that a template had, oldest first."""
        found = rows(
            self._connection,
            "SELECT definition, since FROM template_version WHERE name = ? AND language = ? ORDER BY seq",
            (name, language),
        )
        return [TemplateVersion(*row) for row in found]

    def add_submission(self, submission: SubmissionRow) -> None:
        """Let a template wait for approval. Raises: ConflictError when it waits already."""
        try:
            self._connection.execute(
                "INSERT INTO template_submission (id, name, language, body, author, created_at, state)"
                " VALUES (?, ?, ?, ?, ?, ?, ?)",
                (
                    submission.id,
                    submission.name,
                    submission.language,
                    submission.body,
                    submission.author,
                    submission.created_at_ms,
                    submission.state.value,
                ),
            )
        except apsw.ConstraintError:
            raise ConflictError(
                "This template waits for approval already.", hint="See `lhwa pending`; approve or reject it first."
            ) from None

    def submission(self, submission: str) -> SubmissionRow | None:
        """One submission by its id."""
        found = self._submissions("WHERE id = ?", submission)
        return found[0] if found else None

    def submissions_beginning_with(self, prefix: str, *, rows_max: int) -> list[str]:
        """Ids that begin like this, oldest first.

        Args:
            prefix: of the letters and digits of a ULID.
        """
        sql = "SELECT id FROM template_submission WHERE id >= ?1 AND id < ?1 || '~' ORDER BY id LIMIT ?2"
        return [str(found[0]) for found in rows(self._connection, sql, (prefix, rows_max))]

    def waiting_submissions(self) -> list[SubmissionRow]:
        """What waits for approval, oldest first."""
        return self._submissions("WHERE state = 'pending_approval' ORDER BY seq")

    def waiting_count(self) -> int:
        """How many those are."""
        sql = "SELECT count(*) FROM template_submission WHERE state = 'pending_approval'"
        ((count,),) = rows(self._connection, sql)
        return int(count)

    def submissions_of(self, name: str, language: str) -> list[SubmissionRow]:
        """Every submission of a template, however its language was spelled, oldest first."""
        return self._submissions("WHERE name = ? AND replace(language, '-', '_') = ? ORDER BY seq", name, language)

    def settle_submission(
        self, submission: str, state: SubmissionState, *, by: str, error_code: int | None = None
    ) -> None:
        """Note what became of one that waited. Raises: ConflictError when it waits no longer."""
        before = self._connection.total_changes()
        self._connection.execute(
            "UPDATE template_submission SET state = ?, decided_by = ?, decided_at = ?, error_code = ?"
            " WHERE id = ? AND state = 'pending_approval'",
            (state.value, by, self._now_ms, error_code, submission),
        )
        if self._connection.total_changes() == before:
            raise ConflictError("Somebody has decided about this template before.", hint="Run `lhwa templates list`.")

    def _facts(self, where: str, *bindings: str) -> list[TemplateFact]:
        found = rows(self._connection, f"{_FACT} {where}", bindings)
        return [TemplateFact(template, Part(part), *rest) for template, part, *rest in found]

    def _submissions(self, where: str, *bindings: str) -> list[SubmissionRow]:
        found = rows(self._connection, f"{_SUBMISSION} {where}", bindings)
        return [
            SubmissionRow(submission, name, language, body, author, created_ms, SubmissionState(state), *decision)
            for submission, name, language, body, author, created_ms, state, *decision in found
        ]


def _said(row: TemplateRow) -> tuple[object, ...]:
    return row.vendor_id, row.status, row.category, row.quality, row.definition
