"""Every error lhwa raises on purpose.

    LhwaError                   something a person or a retry can answer; carries a hint
    ├── UsageError              the command line, a setting or an input file is wrong
    │   └── ConfigError         a setting has no valid value; names where it came from
    ├── UnavailableError        try again: busy, full, unreachable        (retryable)
    │   └── StorageError        a file could not be written durably
    ├── NotAllowedError         not yours, or not there: one answer for both
    ├── ConflictError           the state changed, or maker and checker are one person
    ├── InDoubtError            the outcome is unknown and needs a person
    ├── VerificationError       a proof does not hold: audit log, evidence, seal
    │   └── SealError           a sealed blob does not open under this key and place
    ├── InvariantError          lhwa itself broke one of its laws; the transaction is gone
    │   └── UnauditedWriteError a transaction changed rows and wrote no audit record
    └── PoisonError             one element that no retry can mend; goes to the dead letters alone

No message of these ever holds a phone number, a message body or a secret.
"""

from __future__ import annotations


class LhwaError(Exception):
    """An error with what to do next.

    Args:
        message: one sentence for the person; never content, numbers of people, or secrets.
        hint: the next step, as an imperative; empty when there is none.
        retry_after_s: seconds after which another try makes sense; None when unknown.
    """

    retryable = False

    def __init__(self, message: str, *, hint: str = "", retry_after_s: float | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint
        self.retry_after_s = retry_after_s


class UsageError(LhwaError):
    """The command line, a setting or an input file is wrong."""


class ConfigError(UsageError):
    """A setting has no valid value."""


class UnavailableError(LhwaError):
    """Something is busy, full or unreachable now; the same call may work later."""

    retryable = True


class StorageError(UnavailableError):
    """A file could not be written durably. Nothing of the transaction is kept."""


class NotAllowedError(LhwaError):
    """The caller may not, or the thing does not exist: callers cannot tell which."""


class ConflictError(LhwaError):
    """The state changed since it was read, or one person tried to be maker and checker."""


class InDoubtError(LhwaError):
    """An outcome is unknown; a person must decide."""


class VerificationError(LhwaError):
    """A proof does not hold."""


class SealError(VerificationError):
    """A sealed blob does not open under this key and at this place."""


class InvariantError(LhwaError):
    """lhwa broke one of its own laws. Always a defect; the transaction is rolled back."""


class UnauditedWriteError(InvariantError):
    """A transaction changed rows outside the queue and wrote no audit record."""


class PoisonError(LhwaError):
    """One element cannot be understood, and no retry will change that.

    Args:
        reason: a short code that is safe in logs, such as `missing_id`.
    """

    def __init__(self, reason: str, message: str = "") -> None:
        super().__init__(message or f"This element cannot be processed ({reason}).")
        self.reason = reason
