"""What Meta's error codes ask for: the whole table as data, and the verdict on one answer.

A verdict says what kind of error it is, how far it reaches, whether and when another try makes sense, and what a
person can do. The code decides, never the HTTP status; only where there is no known code does the status count.

Source: WhatsApp Cloud API, error codes.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum


class ErrorClass(StrEnum):
    """What an error asks for."""

    RETRY = "retry"
    """Try again later, with growing delays."""
    SLOW = "slow"
    """Throttle what the scope names, then try again."""
    NEVER = "never"
    """The same request always fails: mend what it holds."""
    REAUTH = "reauth"
    """Renew the token or its rights; nothing of the account leaves before that."""
    OPER = "oper"
    """Somebody has to act at Meta: in the Business Manager or the WhatsApp Manager."""
    WAIT = "wait"
    """Not before a certain time."""
    ALT = "alt"
    """Send something else, or by another way."""


class Scope(StrEnum):
    """How far an error reaches."""

    MESSAGE = "message"
    """This message alone."""
    PAIR = "pair"
    """Everything from this number to this client."""
    NUMBER = "number"
    """Everything from this number."""
    ACCOUNT = "account"
    """Everything of this WhatsApp Business account."""
    APP = "app"
    """Everything that goes through this Meta app."""


MINUTE_S = 60
HOUR_S = 60 * MINUTE_S
DAY_S = 24 * HOUR_S


@dataclass(frozen=True, slots=True)
class Wait:
    """How long to wait before another try: `first_s`, then longer by `factor` each time, up to `most_s`."""

    first_s: float
    factor: float = 1.0
    most_s: float = HOUR_S

    def seconds(self, failures: int) -> float:
        """Seconds to wait after the n-th failure, counted from 1."""
        # 32 doublings are beyond every limit, and keep the power finite.
        return max(self.first_s, min(self.first_s * self.factor ** min(failures - 1, 32), self.most_s))


@dataclass(frozen=True, slots=True, kw_only=True)
class SendVerdict:
    """What one error means for the message and for those after it."""

    code: int | None
    """The code that decided; None when there was none that the table knows."""
    error_class: ErrorClass
    scope: Scope
    hint: str
    """What a lawyer or an operator can do, as an imperative."""
    tries_max: int | None = None
    """Tries in all, the first included; None: as many as the sender's own policy allows."""
    wait: Wait | None = None
    """None: the sender's own delays."""
    is_async: bool = False
    """True when it usually comes later, in a `failed` status, and not as the answer."""
    also: ErrorClass | None = None
    """What is asked for besides."""

    @property
    def retryable(self) -> bool:
        """True when lhwa may post the same message again by itself."""
        again = self.error_class in (ErrorClass.RETRY, ErrorClass.SLOW, ErrorClass.WAIT)
        return again and (self.tries_max is None or self.tries_max > 1)

    @property
    def stops_account(self) -> bool:
        """True when nothing of the account leaves before somebody renews its token or the rights of it."""
        return (self.error_class, self.scope) == (ErrorClass.REAUTH, Scope.ACCOUNT)

    def wait_s(self, failures: int = 1) -> float | None:
        """Seconds to wait after the n-th failure; None where the table bounds nothing."""
        return None if self.wait is None else self.wait.seconds(failures)


@dataclass(frozen=True, slots=True)
class ErrorRow:
    """One line of the table."""

    codes: range | tuple[int, ...]
    verdict: SendVerdict


def _row(
    codes: int | range | tuple[int, ...],
    error_class: ErrorClass,
    scope: Scope,
    hint: str,
    *,
    tries_max: int | None = None,
    wait: Wait | None = None,
    is_async: bool = False,
    also: ErrorClass | None = None,
) -> ErrorRow:
    return ErrorRow(
        (codes,) if isinstance(codes, int) else codes,
        SendVerdict(
            code=None,
            error_class=error_class,
            scope=scope,
            hint=hint,
            tries_max=tries_max,
            wait=wait,
            is_async=is_async,
            also=also,
        ),
    )


_RETRY, _SLOW, _NEVER, _REAUTH = ErrorClass.RETRY, ErrorClass.SLOW, ErrorClass.NEVER, ErrorClass.REAUTH
_OPER, _WAIT, _ALT = ErrorClass.OPER, ErrorClass.WAIT, ErrorClass.ALT
_MESSAGE, _PAIR, _NUMBER, _ACCOUNT, _APP = Scope.MESSAGE, Scope.PAIR, Scope.NUMBER, Scope.ACCOUNT, Scope.APP
_ONCE_MORE = 2
_NOT_AGAIN = 1

_GRAPH = (
    _row(0, _REAUTH, _ACCOUNT, "Store a new access token: this one is wrong or has expired."),
    _row(1, _RETRY, _MESSAGE, "Look at the request if the second try fails too.", tries_max=_ONCE_MORE),
    _row(2, _RETRY, _APP, "Wait: Meta is down or overloaded for a moment."),
    _row(3, _REAUTH, _ACCOUNT, "Give the app the capability that this call needs."),
    _row(4, _SLOW, _APP, "Wait: the app has made too many calls.", wait=Wait(MINUTE_S, 2)),
    _row(10, _REAUTH, _ACCOUNT, "Give the token the messaging permission again."),
    _row(33, _OPER, _NUMBER, "Check that the phone number id exists and that the token may use it."),
    _row(100, _NEVER, _MESSAGE, "Correct the value that Meta names."),
    _row(190, _REAUTH, _ACCOUNT, "Store a new access token: this one has expired or was revoked."),
    _row(range(200, 300), _REAUTH, _ACCOUNT, "Assign the app and the account to the system user of the token."),
    _row(368, _OPER, _ACCOUNT, "Read in the Business Manager which policy the account is blocked for."),
    _row(613, _SLOW, _APP, "Wait: a limit on calls was reached.", wait=Wait(MINUTE_S, 2)),
    _row(80007, _SLOW, _ACCOUNT, "Wait: the account has made too many calls.", wait=Wait(MINUTE_S, 2)),
)
_DELIVERY = (
    _row(130429, _SLOW, _NUMBER, "Wait: the number sends too fast.", wait=Wait(1, 2)),
    _row(130472, _NEVER, _PAIR, "Reach the client by another way.", is_async=True, also=_ALT),
    _row(130497, _NEVER, _PAIR, "Reach the client by another way: messages to that country are barred."),
    _row(131000, _RETRY, _NUMBER, "Report the trace id to Meta if it stays so.", tries_max=3, is_async=True),
    _row(131005, _REAUTH, _ACCOUNT, "Give the token the rights that it lacks."),
    _row(131008, _NEVER, _MESSAGE, "Add the value that is missing."),
    _row(131009, _NEVER, _MESSAGE, "Correct the value that Meta names."),
    _row(131016, _RETRY, _APP, "Wait: a service of Meta is down for a moment."),
    _row(131020, _NEVER, _MESSAGE, "Choose a group that exists."),
    _row(131021, _NEVER, _MESSAGE, "Choose another recipient: this is the firm's own number."),
    _row(131026, _NEVER, _PAIR, "Call the client: WhatsApp does not reach this number.", is_async=True),
    _row(131030, _OPER, _PAIR, "Put the recipient on the list of the test number, by telephone number."),
    _row(131031, _OPER, _ACCOUNT, "Unlock the account in the Business Manager, or check the PIN."),
    _row(131035, _OPER, _NUMBER, "Bring the webhook back: without storage Meta drops what it cannot deliver."),
    _row(131036, _NEVER, _MESSAGE, "Check what the number may do with groups."),
    _row(131037, _OPER, _NUMBER, "Get a display name approved for this number."),
    _row(131041, _NEVER, _MESSAGE, "Choose a group that exists."),
    _row(131042, _OPER, _ACCOUNT, "Mend the payment method, or add funds.", is_async=True),
    _row(131044, _OPER, _ACCOUNT, "Mend the payment method for calls."),
    _row(131045, _OPER, _NUMBER, "Register the number again."),
    _row(131047, _ALT, _PAIR, "Send an approved template: the client last wrote over a day ago.", is_async=True),
    _row(131048, _SLOW, _NUMBER, "Pause campaigns and look at the number's quality.", wait=Wait(HOUR_S), also=_OPER),
    _row(131049, _WAIT, _PAIR, "Leave it for a day at least.", wait=Wait(DAY_S), tries_max=_NOT_AGAIN, is_async=True),
    _row(131050, _NEVER, _PAIR, "Record that the client wants no marketing.", is_async=True),
    _row(131051, _NEVER, _MESSAGE, "Send it as another kind of message."),
    _row(131052, _NEVER, _MESSAGE, "Ask the client to send the file again."),
    # Another try helps where Meta fetches a link. lhwa posts uploaded files alone.
    _row(131053, _NEVER, _MESSAGE, "Upload the file again, with the type that it really has.", is_async=True),
    _row(131055, _NEVER, _MESSAGE, "Send this by the ordinary way: the marketing one takes marketing alone."),
    _row(131056, _SLOW, _PAIR, "Wait: too many messages to this client.", wait=Wait(1, 4)),
    _row(131057, _RETRY, _NUMBER, "Wait some minutes: Meta is raising the number's limit.", wait=Wait(2 * MINUTE_S)),
    _row(131059, _NEVER, _MESSAGE, "Read the list again from its first page."),
    _row(131060, _NEVER, _MESSAGE, "Look for the client's message on the phone: it is not a failed send."),
    _row(131061, _ALT, _MESSAGE, "Use a template without a highest price."),
    _row(131062, _ALT, _PAIR, "Ask the client for a telephone number."),
    _row(131063, _ALT, _ACCOUNT, "Have marketing templates switched on for this account.", also=_OPER),
    _row(131064, _WAIT, _ACCOUNT, "Put the templates into their right category and wait.", also=_OPER),
    _row(131208, _SLOW, _NUMBER, "Wait: too many calls about groups.", wait=Wait(MINUTE_S, 2)),
    _row(range(131201, 131216), _NEVER, _MESSAGE, "Send to the client directly: the group does not take it."),
)
_TEMPLATES = (
    _row(132000, _NEVER, _MESSAGE, "Give the template as many values as it has variables."),
    _row(132001, _NEVER, _MESSAGE, "Sync the templates: this one is not approved in this language."),
    _row(132005, _NEVER, _MESSAGE, "Shorten the values: the filled template is too long."),
    _row(132007, _NEVER, _MESSAGE, "Rewrite the template: its content breaks a policy."),
    _row(132008, _NEVER, _MESSAGE, "Correct the template's values."),
    _row(132012, _NEVER, _MESSAGE, "Give each variable a value of its own kind."),
    _row(132015, _ALT, _MESSAGE, "Use another template: this one is paused.", also=_OPER),
    _row(132016, _NEVER, _MESSAGE, "Use another template: this one is disabled for good."),
    _row(132018, _NEVER, _MESSAGE, "Correct the template's values."),
    _row(132068, _OPER, _MESSAGE, "Mend the flow: Meta has blocked it."),
    _row(132069, _SLOW, _MESSAGE, "Mend the flow: Meta lets ten an hour through.", wait=Wait(6 * MINUTE_S)),
    _row(134100, _NEVER, _MESSAGE, "Send this by the ordinary way: it is no marketing."),
    _row(134101, _WAIT, _MESSAGE, "Wait ten minutes: the template is being copied.", wait=Wait(10 * MINUTE_S)),
    _row(134102, _OPER, _MESSAGE, "Look in the WhatsApp Manager why the template is not available."),
    _row(135000, _NEVER, _MESSAGE, "Check the parts of the message: Meta cannot read one."),
    _row(141002, _OPER, _MESSAGE, "Wait for the template's approval, or use another."),
    _row(range(200005, 200008), _NEVER, _ACCOUNT, "Switch template insights on before asking for them."),
    _row(2388019, _OPER, _ACCOUNT, "Delete templates that nobody uses: the account is full."),
    _row(2388040, _NEVER, _MESSAGE, "Shorten the template's field."),
    _row(2388047, _NEVER, _MESSAGE, "Correct the template's header."),
    _row(2388072, _NEVER, _MESSAGE, "Correct the template's body."),
    _row(2388073, _NEVER, _MESSAGE, "Correct the template's footer."),
    _row(2388293, _NEVER, _MESSAGE, "Write more words, or use fewer variables."),
    _row(2388299, _NEVER, _MESSAGE, "Put words before the first and after the last variable."),
)
_NUMBERS = (
    _row(133000, _RETRY, _NUMBER, "Deregister the number again, then register it."),
    _row(133004, _RETRY, _APP, "Wait: a server of Meta is down for a moment."),
    _row(133005, _OPER, _NUMBER, "Give the PIN of the number's two-step verification."),
    _row(133006, _OPER, _NUMBER, "Verify the number again."),
    _row((133008, 133009), _WAIT, _NUMBER, "Wait as long as Meta says: the PIN was tried too often."),
    _row(133010, _OPER, _NUMBER, "Register the number."),
    _row(133015, _WAIT, _NUMBER, "Wait five minutes: the number was just deleted.", wait=Wait(5 * MINUTE_S)),
    _row(133016, _WAIT, _NUMBER, "Wait three days: the number was registered too often.", wait=Wait(3 * DAY_S)),
    _row(134011, _OPER, _ACCOUNT, "Accept Meta's terms for payments."),
    _row(137000, _OPER, _PAIR, "Make sure again who the client is: the key has changed.", is_async=True),
    _row(range(138000, 138025), _NEVER, _MESSAGE, "Call the client by telephone."),
    _row(range(139000, 139005), _OPER, _ACCOUNT, "Mend the flow in the WhatsApp Manager."),
    _row(139100, _NEVER, _MESSAGE, "Look at the lists in the answer: some were not blocked."),
    _row(139101, _OPER, _NUMBER, "Unblock somebody first: the list of blocked people is full."),
    _row(139102, _NEVER, _MESSAGE, "Read the list again from its first page."),
    _row(139103, _RETRY, _MESSAGE, "Wait: Meta could not change the list for a moment."),
    _row(range(147001, 147006), _OPER, _NUMBER, "Settle the number's username in the WhatsApp Manager."),
    _row(1752041, _NEVER, _MESSAGE, "Take it as done: Meta had the same request before."),
    _row((2388001, 2388012, 2388091, 2388093, 2388103), _OPER, _NUMBER, "Finish moving or verifying the number."),
    _row(2494100, _RETRY, _NUMBER, "Wait some minutes: Meta works on the number.", wait=Wait(2 * MINUTE_S)),
    _row(range(2494164, 2494180), _OPER, _NUMBER, "Finish signing the number up."),
    _row(2494191, _ALT, _PAIR, "Take the conversation over first: another app holds it."),
    _row((2593079, 2593085), _OPER, _ACCOUNT, "Finish moving the account to its new owner."),
    _row((2593107, 2593108, 2593109), _NEVER, _NUMBER, "Connect the phone app anew: its past cannot be fetched now."),
)

ERRORS = _GRAPH + _DELIVERY + _TEMPLATES + _NUMBERS
"""The table. Where a code has a line of its own and also lies in a range, its own line holds."""

NOT_CONNECTED = _row((), _RETRY, _APP, "Check the network and the name of the server.").verdict
"""No connection came about: the request never left."""
UNANSWERED = _row((), _RETRY, _APP, "Wait: Meta gave no answer that can be read.").verdict
"""For requests that may be repeated; a message without an answer is in doubt instead."""
REFUSED = _row((), _NEVER, _MESSAGE, "Correct the message.").verdict
"""Not posted: Meta would not take it."""

_UNKNOWN_SLOW = _row((), _SLOW, _NUMBER, "Wait: Meta asks for fewer requests.", wait=Wait(MINUTE_S, 2)).verdict
_UNKNOWN_RETRY = _row((), _RETRY, _NUMBER, "Look up the code at Meta if it stays so.", tries_max=_ONCE_MORE).verdict
_UNKNOWN_NEVER = _row((), _NEVER, _MESSAGE, "Look up the code at Meta: lhwa does not know it.").verdict

_RANGES = tuple(row for row in ERRORS if isinstance(row.codes, range))
_SINGLE = {code: row.verdict for row in ERRORS if isinstance(row.codes, tuple) for code in row.codes}
_INVALID_PARAMETER = 100
_SUBCODE_MIN = 1_000_000
"""Meta puts the long codes beside 100 at times. Short subcodes are of another numbering."""


def verdict_of(code: int | None, *, http_status: int | None, subcode: int | None = None) -> SendVerdict:
    """What an error asks for.

    Args:
        code: `error.code` of an answer, or the code of a `failed` status; None when there was none.
        http_status: of the answer; None for a status.
        subcode: `error.error_subcode`.
    """
    if code == _INVALID_PARAMETER and subcode is not None and subcode >= _SUBCODE_MIN:
        exact = _known(subcode)
        if exact is not None:
            return exact
    found = None if code is None else _known(code)
    if found is not None:
        return found
    if http_status == 429:
        return _UNKNOWN_SLOW
    return _UNKNOWN_RETRY if http_status is not None and http_status >= 500 else _UNKNOWN_NEVER


def _known(code: int) -> SendVerdict | None:
    verdict = _SINGLE.get(code) or next((row.verdict for row in _RANGES if code in row.codes), None)
    return None if verdict is None else replace(verdict, code=code)
