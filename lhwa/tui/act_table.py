"""Everything that people can do in the inbox, each as the `lhwa` line that does it.

The screen's keys, its `:` line, its palette and the line mode all offer this one table; what is not in it cannot be
done here, and what is in it can be typed at a prompt.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from lhwa.domain.access import Permission
from lhwa.domain.intake.choices import ConflictDecision, PartyRole, RejectionCode
from lhwa.tui.acts import EVENT, Act, Field, Kind, Line, Offer, Subject, Values

_REASON = Field("reason", "Reason", "Alasan")
_MAYBE_REASON = Field("reason", "Reason", "Alasan", needed=False)
_PERSON = Field("to", "Who", "Siapa", kind="person")
_IN_INTAKE: frozenset[Kind] = frozenset({"thread", "entry", "intake", "waiting"})
_IN_THREAD: frozenset[Kind] = frozenset({"thread", "entry"})


def _option(values: Values, *names: str) -> tuple[str, ...]:
    return tuple(word for name in names if values.get(name) for word in (f"--{name}", values[name]))


def _seen(subject: Subject) -> tuple[str, ...]:
    return () if subject.seen is None else ("--seen", str(subject.seen))


def _approve(subject: Subject, values: Values) -> Line:
    return Line(("approve", subject.id, *_option(values, "reason")))


def _reject(subject: Subject, values: Values) -> Line:
    return Line(("reject", subject.id, *_option(values, "reason")))


def _accept(subject: Subject, values: Values) -> Line:
    return Line(("intake", "accept", subject.intake, *_seen(subject), *_option(values, "reason", "title", "lawyer")))


def _turn_down(subject: Subject, values: Values) -> Line:
    return Line(("intake", "reject", subject.intake, *_seen(subject), *_option(values, "code", "reason")))


def _resolve(subject: Subject, values: Values) -> Line:
    outcome = (f"--{values['outcome']}",) if values.get("outcome") else ()
    return Line(("outbox", "resolve", subject.outbound, *outcome, *_option(values, "reason")))


def _decide_conflict(subject: Subject, values: Values) -> Line:
    verdict = (values["verdict"],) if values.get("verdict") else ()
    words = ("conflict", "decide", subject.intake, *verdict, *_seen(subject), *_option(values, "reason"))
    return Line(words)


def _note(subject: Subject, values: Values) -> Line:
    return Line(("conversations", "note", subject.thread, "--text", "-"), values.get("text", ""))


def _has_intake(subject: Subject) -> bool:
    return bool(subject.intake)


def _has_open_intake(subject: Subject) -> bool:
    return bool(subject.intake) and subject.intake_state not in _ENDED


def _is_outbound_in(*states: str) -> Callable[[Subject], bool]:
    return lambda subject: bool(subject.outbound) and subject.state in states


_DECIDE = Permission.DECIDE_INTAKE
_RUN = Permission.RUN_INTAKE
_WRITE = Permission.WRITE_TO_CLIENTS
_APPROVE = Permission.APPROVE_OUTBOUND
_ENDED = ("accepted", "declined", "rejected", "withdrawn", "expired")

ACTS: tuple[Act, ...] = (
    Act(
        "approve",
        "a",
        "Approve",
        "Setujui",
        frozenset({"waiting"}),
        _APPROVE,
        _approve,
        applies=lambda subject: subject.what != "intake",
    ),
    Act(
        "reject",
        "x",
        "Reject",
        "Tolak",
        frozenset({"waiting"}),
        _APPROVE,
        _reject,
        (_REASON,),
        applies=lambda subject: subject.what != "intake",
    ),
    Act(
        "accept",
        "a",
        "Accept the client",
        "Terima klien",
        frozenset({"intake", "waiting"}),
        _DECIDE,
        _accept,
        (
            _REASON,
            Field("title", "Title of the matter", "Judul perkara", needed=False),
            Field("lawyer", "Responsible lawyer", "Advokat", kind="person", needed=False),
        ),
        applies=lambda subject: _has_intake(subject) and subject.what in ("", "intake"),
        looks_first=True,
        compares_first=True,
        together=False,
    ),
    Act(
        "turn-down",
        "x",
        "Do not take the client",
        "Tolak klien",
        frozenset({"intake", "waiting"}),
        _DECIDE,
        _turn_down,
        (Field("code", "Kind of reason", "Jenis alasan", kind="choice", choices=tuple(RejectionCode)), _REASON),
        applies=lambda subject: _has_intake(subject) and subject.what in ("", "intake"),
        confirms=True,
        looks_first=True,
        together=False,
    ),
    Act(
        "assign",
        "A",
        "Assign",
        "Serahkan",
        _IN_THREAD,
        _RUN,
        lambda subject, values: Line(("conversations", "assign", subject.thread, *_option(values, "to"))),
        (_PERSON,),
    ),
    Act(
        "assign-intake",
        "A",
        "Assign",
        "Serahkan",
        frozenset({"intake"}),
        _RUN,
        lambda subject, values: Line(("intake", "assign", subject.intake, *_option(values, "to"))),
        (_PERSON,),
        applies=_has_intake,
    ),
    Act(
        "take-over",
        "o",
        "Take over from the tree",
        "Ambil alih dari pohon",
        _IN_INTAKE,
        _RUN,
        lambda subject, _: Line(("intake", "take-over", subject.intake)),
        applies=lambda subject: _has_open_intake(subject) and not subject.with_person,
        together=False,
    ),
    Act(
        "hand-back",
        "o",
        "Hand back to the tree",
        "Kembalikan ke pohon",
        _IN_INTAKE,
        _RUN,
        lambda subject, _: Line(("intake", "hand-back", subject.intake)),
        applies=lambda subject: _has_open_intake(subject) and subject.with_person,
        together=False,
    ),
    Act(
        "ask",
        "Q",
        "Have a question asked",
        "Ajukan pertanyaan",
        _IN_INTAKE,
        _DECIDE,
        lambda subject, values: Line(("intake", "ask", subject.intake, *_seen(subject), *_option(values, "question"))),
        (Field("question", "Question of the tree", "Pertanyaan pohon"),),
        applies=_has_open_intake,
        looks_first=True,
        together=False,
    ),
    Act(
        "check",
        "c",
        "Compare the names",
        "Bandingkan nama",
        _IN_INTAKE,
        _RUN,
        lambda subject, _: Line(("conflict", "check", subject.intake)),
        applies=_has_intake,
        together=False,
    ),
    Act(
        "decide-conflict",
        "C",
        "Decide on the hits",
        "Putuskan benturan",
        _IN_INTAKE,
        _DECIDE,
        _decide_conflict,
        (Field("verdict", "What they mean", "Artinya", kind="choice", choices=tuple(ConflictDecision)), _REASON),
        applies=_has_intake,
        looks_first=True,
        together=False,
    ),
    Act(
        "party",
        "p",
        "Add a party",
        "Tambah pihak",
        _IN_INTAKE,
        _RUN,
        lambda subject, values: Line(("conflict", "party", subject.intake, *_option(values, "name", "role"))),
        (
            Field("name", "Name", "Nama"),
            Field("role", "Role", "Peran", kind="choice", choices=tuple(PartyRole), needed=False),
        ),
        applies=_has_intake,
        together=False,
    ),
    Act(
        "resolve",
        "v",
        "Resolve the doubt",
        "Selesaikan keraguan",
        frozenset({"outbound", "entry"}),
        _APPROVE,
        _resolve,
        (
            Field(
                "outcome",
                "What became of it",
                "Nasib pesan itu",
                kind="choice",
                choices=("sent", "resend"),
                hint="sent: it arrived, nothing leaves again. resend: it leaves again and may arrive twice.",
            ),
            _REASON,
        ),
        applies=_is_outbound_in("in_doubt"),
        confirms=True,
        together=False,
    ),
    Act(
        "retry",
        "R",
        "Send again",
        "Kirim ulang",
        frozenset({"outbound", "entry"}),
        _APPROVE,
        lambda subject, values: Line(("outbox", "retry", subject.outbound, *_option(values, "reason"))),
        (_REASON,),
        applies=_is_outbound_in("failed"),
    ),
    Act(
        "cancel",
        "d",
        "Take the message back",
        "Batalkan pesan",
        frozenset({"outbound", "entry", "waiting"}),
        _WRITE,
        lambda subject, values: Line(("outbox", "cancel", subject.outbound, *_option(values, "reason"))),
        (_MAYBE_REASON,),
        applies=_is_outbound_in("queued", "pending_approval", "draft"),
        confirms=True,
    ),
    Act(
        "seen",
        "m",
        "Mark as read",
        "Tandai dibaca",
        _IN_THREAD,
        _WRITE,
        lambda subject, _: Line(("conversations", "seen", subject.thread)),
    ),
    Act(
        "unseen",
        "M",
        "Mark as unread",
        "Tandai belum dibaca",
        _IN_THREAD,
        _WRITE,
        lambda subject, _: Line(("conversations", "seen", subject.thread, "--unread")),
    ),
    Act(
        "tell-read",
        "b",
        "Show the client that it was read",
        "Beri centang biru",
        _IN_THREAD,
        _WRITE,
        lambda subject, _: Line(("messages", "mark-read", subject.message)),
        applies=lambda subject: bool(subject.message),
    ),
    Act(
        "note",
        "n",
        "Add a note",
        "Tambah catatan",
        _IN_THREAD,
        _WRITE,
        _note,
        (Field("text", "Note, for the firm alone", "Catatan, hanya untuk kantor", kind="long"),),
        together=False,
    ),
    Act(
        "hold",
        "h",
        "Keep messages back",
        "Tahan pesan",
        _IN_THREAD,
        _APPROVE,
        lambda subject, values: Line(("hold", "add", subject.contact, *_option(values, "kind", "reason"))),
        (
            Field("kind", "Kind", "Jenis", kind="choice", choices=("outbound_hold", "opt_out", "blocked")),
            _REASON,
        ),
        applies=lambda subject: bool(subject.contact),
        confirms=True,
        together=False,
    ),
    Act(
        "release",
        "H",
        "Release a hold",
        "Lepaskan penahanan",
        _IN_THREAD,
        _APPROVE,
        lambda subject, values: Line(("hold", "release", subject.contact, *_option(values, "kind", "reason"))),
        (
            Field(
                "kind",
                "Kind",
                "Jenis",
                kind="choice",
                choices=("outbound_hold", "opt_out", "blocked", "identity_changed"),
            ),
            _REASON,
        ),
        applies=lambda subject: bool(subject.contact),
        together=False,
    ),
    Act(
        "acknowledge",
        "a",
        "Acknowledge",
        "Ketahui",
        frozenset({"alert"}),
        _APPROVE,
        lambda subject, values: Line(("alerts", "acknowledge", subject.id, *_option(values, "reason"))),
        (_REASON,),
        applies=lambda subject: subject.state == EVENT,
    ),
)
BY_ID: dict[str, Act] = {act.id: act for act in ACTS}


def offered(subjects: Iterable[Subject], may: Callable[[Permission], bool]) -> Offer:
    """What may be done to all of these: by their kinds and states, and by the role of who looks."""
    about = tuple(subjects)
    acts = tuple(
        act
        for act in ACTS
        if about
        and may(act.needs)
        and (act.together or len(about) == 1)
        and all(subject.kind in act.on and act.applies(subject) for subject in about)
    )
    return Offer(acts, about)
