"""Faults: what goes wrong, and how often, as one line of text.

Such as `lost-response=0.1,duplicate=0.2,code:131026=0.1`.
"""

from __future__ import annotations

from dataclasses import dataclass, fields

from lhwa.errors import UsageError
from lhwa.sandbox.errors import ERRORS

_CODE = "code:"


@dataclass(frozen=True, slots=True, kw_only=True)
class Faults:
    """A probability for each fault; 0 is never, 1 is always."""

    lost_response: float = 0.0
    """A request that changes something is carried out, and the connection ends without an answer."""
    duplicate: float = 0.0
    """A webhook comes a second time."""
    reorder: float = 0.0
    """A webhook overtakes another one that is waiting."""
    delay: float = 0.0
    """A webhook comes minutes later."""
    drop: float = 0.0
    """A webhook never comes."""
    batch: float = 0.0
    """A webhook waits for others and comes with them in one request."""
    http_500: float = 0.0
    """An answer 500 that is not JSON. Whether the request was carried out is open, as it is with Meta."""
    http_429: float = 0.0
    """A request is refused as one too many, with HTTP status 429."""
    bsuid_only: float = 0.0
    """A client hides the number, decided when it is first met."""
    token_expiry: float = 0.0
    """A request finds its token expired, and so does every later one until the token is renewed."""
    no_history: float = 0.0
    """The history of a message is not offered, as nobody has confirmed that every account has it."""
    codes: tuple[tuple[int, float], ...] = ()
    """A message fails with a code of Meta's: at once or by a `failed` status, as that code comes."""

    @staticmethod
    def parse(text: str) -> Faults:
        """The faults that a text names.

        Raises: UsageError for an unknown fault or code, or a probability outside 0 to 1.
        """
        rates: dict[str, float] = {}
        codes: dict[int, float] = {}
        for part in filter(None, (part.strip() for part in text.split(","))):
            name, _, value = (piece.strip() for piece in part.partition("="))
            if name.startswith(_CODE):
                codes[_code(name)] = _probability(name, value)
            elif name in fault_names():
                rates[name.replace("-", "_")] = _probability(name, value)
            else:
                raise UsageError(f"There is no fault called {name!a}.", hint=_known())
        return Faults(**rates, codes=tuple(codes.items()))

    def __str__(self) -> str:
        rates = [(name, getattr(self, name.replace("-", "_"))) for name in fault_names()]
        rates += [(f"{_CODE}{code}", probability) for code, probability in self.codes]
        return ",".join(f"{name}={probability:g}" for name, probability in rates if probability)


def fault_names() -> tuple[str, ...]:
    """Every fault that has a name of its own."""
    return tuple(field.name.replace("_", "-") for field in fields(Faults) if field.name != "codes")


def _known() -> str:
    return f"Known are {', '.join(fault_names())} and code:N with a code of Meta's, such as code:131026."


def _code(name: str) -> int:
    digits = name.removeprefix(_CODE)
    error = ERRORS.get(int(digits)) if digits.isascii() and digits.isdigit() else None
    if error is None or error.is_subcode:
        raise UsageError(f"A message cannot fail with {name!a}.", hint=_known())
    return error.code


def _probability(name: str, value: str) -> float:
    try:
        probability = float(value)
    except ValueError:
        probability = -1.0
    if not 0 <= probability <= 1:
        raise UsageError(
            f"The fault {name} needs a probability from 0 to 1.", hint=f"For example {name}=0.1 for one in ten."
        )
    return probability
