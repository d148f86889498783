"""Views of every kind, each text of which is whatever a strategy draws."""

from __future__ import annotations

from hypothesis import strategies as st

from lhwa.domain.outbound import OutboundState
from lhwa.services.audit.views import EntryView
from lhwa.services.inbox.alert import Alert, AlertKind, Severity
from lhwa.services.inbox.context import ContactContext, IdentityFlag, MatterLine, ThreadContext
from lhwa.services.inbox.entries import Amended, Entry, FileView, Quoted
from lhwa.services.inbox.places import Cursor
from lhwa.services.inbox.thread_lines import ThreadLine
from lhwa.services.intake.consent_views import ConsentView
from lhwa.services.intake.views import AnswerView, FlagView, IntakeDetail, IntakeView
from lhwa.services.messaging.costs import CostView
from lhwa.services.messaging.decisions import Decision
from lhwa.services.messaging.holds import HoldView
from lhwa.services.messaging.outbox_views import OutboundView, Waiting
from tests.tui.hostile import hostile

AT = "2026-11-28T05:00:00Z"
NOW_MS = 1_795_842_000_000
text = hostile
maybe = st.none() | hostile
ids = st.just("01M8G52ED2ET4MJ73YNJSH86X7")
"""Ours alone: nobody outside can choose them."""
moments = st.integers(NOW_MS - 10**11, NOW_MS + 10**10)
states = st.sampled_from([*(state.value for state in OutboundState)]) | hostile
flags = st.booleans()

amended = st.builds(Amended, kind=st.just("edit"), at_ms=moments, text=maybe, by=st.sampled_from(["client", "firm"]))
decisions = st.builds(Decision, what=text, at=st.just(AT), by=text, reason=maybe)
entries = st.builds(
    Entry,
    key=st.just("message:1"),
    at_ms=moments,
    cursor=st.just(Cursor(0, "")),
    kind=st.sampled_from(["client", "firm", "note", "system"]),
    id=ids,
    author=maybe,
    sender=maybe,
    type=text,
    text=maybe,
    status=st.none() | states,
    hint=maybe,
    error_code=st.none() | st.just(131026),
    quoted=st.none() | st.builds(Quoted, id=ids, by=text, text=maybe),
    edits=st.lists(amended, max_size=2).map(tuple),
    revoked_at_ms=st.none() | moments,
    reactions=st.lists(amended, max_size=2).map(tuple),
    file=st.none() | st.builds(FileView, name=maybe, mime=maybe, bytes=st.none() | st.integers(0, 1 << 40), state=text),
    decisions=st.lists(decisions, max_size=2).map(tuple),
    send_at_ms=st.none() | moments,
    template=maybe,
    unreadable=flags,
)
threads = st.builds(
    ThreadLine,
    id=ids,
    phone_number_id=ids,
    kind=st.sampled_from(["person", "group"]),
    contact=maybe,
    name=maybe,
    unread=st.integers(0, 10**6),
    urgency=st.sampled_from(["", "routine", "soon", "urgent", "emergency"]) | text,
    last_message_at_ms=moments,
    window_closes_at_ms=st.none() | moments,
    intake_state=maybe,
    with_person=flags,
    assigned_to=maybe,
    needs_review=st.lists(text, max_size=2).map(tuple),
    snippet=maybe,
    snippet_by=st.sampled_from(["client", "firm", ""]),
    outgoing=states,
    is_writing_there=st.lists(text, max_size=2).map(tuple),
)
intakes = st.builds(
    IntakeView,
    id=ids,
    state=text,
    urgency=text,
    contact=maybe,
    contact_id=ids,
    tree=text,
    version=st.integers(1, 10**9),
    started_at=st.just(AT),
    changed_at=st.just(AT),
    conflicts=text,
    assigned_to=maybe,
    with_person=flags,
)
waiting = st.builds(Waiting, id=ids, kind=text, since=st.just(AT), by=text, about=text, text=maybe)
outgoing = st.builds(
    OutboundView,
    id=ids,
    state=states,
    type=text,
    conversation_id=ids,
    contact=maybe,
    template=maybe,
    author=text,
    attempts=st.integers(0, 99),
    created_at=st.just(AT),
    send_at=st.none() | st.just(AT),
    hint=maybe,
)
alerts = st.builds(
    Alert,
    id=ids,
    kind=st.sampled_from(AlertKind),
    severity=st.sampled_from(Severity),
    at_ms=moments,
    title=text,
    detail=maybe,
    hint=text,
    target=maybe,
    acknowledged_by=maybe,
)
records = st.builds(
    EntryView,
    seq=st.integers(0, 10**9),
    at=st.just(AT) | st.just(""),
    actor=text,
    action=text,
    target=text,
    data=st.just({}),
    leaf_hash=text,
)
answers = st.builds(
    AnswerView, node=ids, question=text, answer=text, message=ids, at=st.just(AT), how=text, edited_by=maybe
)
details = st.builds(
    IntakeDetail,
    intake=intakes,
    as_of_act=st.integers(1, 999),
    language=text,
    title=text,
    asks=maybe,
    answers=st.lists(answers, max_size=2).map(tuple),
    documents=st.lists(text, max_size=2).map(tuple),
    flags=st.lists(
        st.builds(FlagView, kind=text, urgency=text, message=ids, note=text, phrase=text, date=maybe), max_size=2
    ).map(tuple),
    unreadable=flags,
)
contacts = st.builds(
    ContactContext,
    contact_id=ids,
    contact=maybe,
    name=maybe,
    other_identifiers=st.lists(text, max_size=2).map(tuple),
    since_ms=moments,
    flags=st.lists(st.builds(IdentityFlag, reason=text, since_ms=moments), max_size=2).map(tuple),
)
contexts = st.builds(
    ThreadContext,
    phone_number_id=ids,
    contact=st.none() | contacts,
    window_closes_at_ms=st.none() | moments,
    holds=st.lists(
        st.builds(HoldView, contact_id=ids, kind=text, since=st.just(AT), source=text, reason=maybe), max_size=2
    ).map(tuple),
    consents=st.lists(
        st.builds(
            ConsentView,
            id=ids,
            contact_id=ids,
            purpose=text,
            what=text,
            notice_version=text,
            language=text,
            method=text,
            at=st.just(AT),
            reply=text,
            audit_seq=st.just(1),
        ),
        max_size=2,
    ).map(tuple),
    matters=st.lists(
        st.builds(
            MatterLine, id=ids, lawyer=text, state=text, opened_at_ms=moments, title=maybe, external_reference=maybe
        ),
        max_size=2,
    ).map(tuple),
    intake=st.none() | details,
    conflicts=text,
    costs=st.lists(
        st.builds(CostView, contact_id=ids, category=text, type=text, is_charged=flags, messages=st.integers(0, 99)),
        max_size=2,
    ).map(tuple),
)
