"""What the commands that decide about intakes share: what a person saw, and accepting in two steps.

The names are compared first, in a transaction of its own.
"""

# ruff: noqa: PLC0415 -- a command pays only for what it opens

from __future__ import annotations

from typing import TYPE_CHECKING

from lhwa.errors import ConflictError, UsageError

if TYPE_CHECKING:
    from lhwa.cli.firm import Firm
    from lhwa.services.intake.reviewing import Accepted

SEEN_HELP = "Number of the newest act that you saw (`intake show`); refused when more has happened since."


def accept_intake(
    firm: Firm,
    intake: str,
    *,
    reason: str | None,
    title: str | None = None,
    lawyer: str | None = None,
    external_reference: str | None = None,
    seen: int | None = None,
) -> Accepted:
    """Accept an intake. A refusal because of hits leaves the check on record, for the lawyer to look at.

    Who names what they saw decides about that: names that had not been compared then are compared, and not accepted.

    Raises: UsageError without a reason; ConflictError, NotAllowedError.
    """
    from lhwa.services.intake.reviewing import accept, prepare_acceptance

    # In a transaction of its own: the hits that stop an acceptance stay on record for the lawyer.
    is_compared_now = firm.store.write(prepare_acceptance, firm.principal, intake, seen=seen)
    if reason is None:
        raise UsageError("An intake is accepted with a reason.", hint="Give --reason TEXT; it goes into the audit log.")
    if is_compared_now and seen is not None:
        hint = f"Look at what was found: `lhwa intake show {intake}`. Then accept."
        raise ConflictError("The names were compared only now, after you looked.", hint=hint)
    return firm.store.write(
        accept,
        firm.principal,
        intake,
        reason=reason,
        title=title,
        lawyer=lawyer,
        external_reference=external_reference,
        seen=seen,
    )
