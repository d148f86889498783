"""One intake as a page for people: how it stands, what was answered and flagged, consents, conflicts, history."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lhwa.cli.firm import people_of, without_none

if TYPE_CHECKING:
    from lhwa.cli.firm import Firm
    from lhwa.cli.session import Session
    from lhwa.services.intake.conflicts import Check
    from lhwa.services.intake.views import AnswerView, IntakeDetail


def show_page(session: Session, firm: Firm, shown: IntakeDetail) -> None:
    """Show an intake; with --json, its data."""
    out, intake = session.out, shown.intake
    out.record(
        shown,
        without_none(
            {
                "intake": intake.id,
                "state": f"{intake.state} (with a person)" if intake.with_person else intake.state,
                "urgency": intake.urgency,
                "contact": intake.contact,
                "contact id": intake.contact_id,
                "tree": f"{intake.tree} {intake.version} ({shown.title}, {shown.language})",
                "started": firm.clock(intake.started_at),
                "changed": f"{firm.clock(intake.changed_at)}, as of act {shown.as_of_act}",
                "assigned to": intake.assigned_to,
                "conflicts": intake.conflicts,
                "matter": shown.matter_id,
                "asks now": shown.asks,
                "content": "cannot be read: its key is gone" if shown.unreadable else None,
            }
        ),
    )
    if out.json:
        return
    if shown.flags:
        out.heading("Flags")
        out.table(
            shown.flags,
            {
                "urgency": lambda each: each.urgency,
                "what": lambda each: each.note,
                "words": lambda each: each.phrase,
                "date": lambda each: each.date,
                "message": lambda each: each.message,
            },
            empty="",
        )
    if shown.answers:
        out.heading("Answers")
        for answer in shown.answers:
            out.line(answer.question)
            out.line(f"    {_answer(answer)}   [{answer.message}]")
    if shown.documents:
        out.heading("Files")
        for message in shown.documents:
            out.line(f"message {message}")
    _show_rest(session, firm, shown)


def show_check(session: Session, check: Check) -> None:
    """Show what a comparison of names found; with --json, its data."""
    out = session.out
    if out.json:
        out.emit(check)
        return
    out.table(
        check.hits,
        {
            "name": lambda each: f"{each.name} ({each.role})",
            "like": lambda each: f"{each.other_name} ({each.other_role})",
            "how sure": lambda each: each.strength,
            "why": lambda each: each.reasons,
            "there": lambda each: f"matter {each.other_matter}" if each.other_matter else f"intake {each.other_intake}",
        },
        important=("like", "how sure", "there"),
        empty=f"No name of another intake or matter ({check.compared} in all) is like one of this intake.",
    )
    if check.is_outdated:
        out.warn(f"Names have come since this check: look again with lhwa conflict check {check.intake_id}")
    if check.decision:
        out.say(f"Decided: {check.decision} ({check.reason}).")
    elif check.hits:
        out.say(f"A lawyer decides: lhwa conflict decide {check.intake_id} no_conflict|waived|conflict --reason …")


def _show_rest(session: Session, firm: Firm, shown: IntakeDetail) -> None:
    out = session.out
    if shown.consents:
        out.heading("Consents")
        out.table(
            shown.consents,
            {
                "id": lambda each: each.id,
                "purpose": lambda each: each.purpose,
                "what": lambda each: each.what,
                "notice": lambda each: f"{each.notice_version} ({each.language})",
                "how": lambda each: each.method,
                "at": lambda each: firm.clock(each.at),
            },
            empty="",
        )
    if shown.check is not None:
        out.heading("Conflicts")
        show_check(session, shown.check)
    if shown.notes:
        out.heading("Beside the answers")
        out.table(
            shown.notes,
            {
                "what": lambda each: each.kind,
                "at question": lambda each: each.node,
                "message": lambda each: each.message,
                "at": lambda each: firm.clock(each.at),
            },
            empty="",
        )
    people = people_of(session, firm)
    out.heading("History")
    out.table(
        shown.history,
        {
            "no": lambda each: each.nth,
            "at": lambda each: firm.clock(each.at),
            "what": lambda each: each.kind,
            "by": lambda each: people.get(each.operator or "", each.operator) or ("client" if each.message else "lhwa"),
            "message": lambda each: each.message,
            "reason": lambda each: each.reason,
        },
        empty="",
    )


def _answer(answer: AnswerView) -> str:
    """The answer, with what happened to its message since."""
    marks = []
    if answer.left:
        marks.append("left behind: the client went back")
    if answer.deleted_at:
        marks.append("message deleted by the client since")
    if answer.edited_by:
        marks.append("message edited since")
    if answer.more:
        marks.append(f"and {len(answer.more)} more messages")
    return f"{answer.answer} ({'; '.join(marks)})" if marks else answer.answer
