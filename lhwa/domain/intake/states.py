"""Where an intake is, and the legal moves between its states."""

from __future__ import annotations

from enum import StrEnum


class IntakeState(StrEnum):
    """One state of an intake session."""

    NEW = "new"
    """A client wrote; nothing has been asked."""
    AWAITING_CONSENT = "awaiting_consent"
    """A notice is before the client, and nothing else may be asked."""
    IN_PROGRESS = "in_progress"
    """Questions are asked and answered."""
    SUBMITTED = "submitted"
    """Everything is asked; nobody has looked at it."""
    UNDER_REVIEW = "under_review"
    """A lawyer looks at it."""
    NEEDS_INFO = "needs_info"
    """A lawyer asked for something more, and the client has not answered."""
    ACCEPTED = "accepted"
    """A lawyer accepted it: there is a matter."""
    REJECTED = "rejected"
    """A lawyer rejected it, with a reason."""
    DECLINED = "declined"
    """The client did not agree to a required notice."""
    WITHDRAWN = "withdrawn"
    """The client took back the consent."""
    EXPIRED = "expired"
    """The client stopped answering."""

    @property
    def is_final(self) -> bool:
        """Nothing moves it any more."""
        return not INTAKE_MOVES[self]

    @property
    def waits_for_client(self) -> bool:
        """A question is before the client."""
        return self in (IntakeState.AWAITING_CONSENT, IntakeState.IN_PROGRESS, IntakeState.NEEDS_INFO)


_I = IntakeState
_DECIDED = frozenset({_I.ACCEPTED, _I.REJECTED, _I.WITHDRAWN})
INTAKE_MOVES: dict[IntakeState, frozenset[IntakeState]] = {
    # A lawyer may reject whatever comes, and take a client who will not answer a machine; only with consent accept.
    _I.NEW: frozenset({_I.AWAITING_CONSENT}),
    _I.AWAITING_CONSENT: frozenset({_I.IN_PROGRESS, _I.SUBMITTED, _I.DECLINED, _I.WITHDRAWN, _I.EXPIRED, _I.REJECTED}),
    _I.IN_PROGRESS: frozenset({_I.SUBMITTED, _I.DECLINED, _I.WITHDRAWN, _I.EXPIRED, _I.REJECTED, _I.UNDER_REVIEW}),
    _I.SUBMITTED: frozenset({_I.UNDER_REVIEW, _I.NEEDS_INFO}) | _DECIDED,
    _I.UNDER_REVIEW: frozenset({_I.NEEDS_INFO}) | _DECIDED,
    _I.NEEDS_INFO: frozenset({_I.UNDER_REVIEW, _I.EXPIRED}) | _DECIDED,
    # What a client takes back later ends the consent, not the matter.
    _I.ACCEPTED: frozenset(),
    _I.REJECTED: frozenset(),
    _I.DECLINED: frozenset(),
    _I.WITHDRAWN: frozenset(),
    _I.EXPIRED: frozenset(),
}
"""Every legal move."""
