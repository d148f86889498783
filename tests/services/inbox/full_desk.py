"""An office in which something of every kind waits for people."""

from __future__ import annotations

from msgspec.structs import replace

from lhwa.domain.access import Role
from lhwa.domain.elements import Party
from lhwa.domain.outbound import Text
from lhwa.services.intake.publishing import submit_tree
from lhwa.services.intake.reviewing import take_over
from lhwa.services.messaging.template_submissions import submit_template
from lhwa.testing.builders import acting_as
from lhwa.testing.intake import SMALL_TREE
from tests.domain.template_samples import PLAIN
from tests.services.intake.office import Office
from tests.services.intake.test_reviewing import through

SECRETS = ("kalimat rahasia", "6281230001111", "81230001111", "ID.88001122334455", "wamid.", "Contoh Klien")
REFUSED = 131026
"""Meta's code for a message that this recipient cannot get."""
OF_THE_BACKLOG = {
    # Indexes that have only what waits.
    "SCAN contact_flag USING INDEX contact_flag_open",
    "SCAN conversation USING INDEX conversation_unread",
    "SCAN intake USING INDEX intake_review",
    "SCAN template_submission USING COVERING INDEX template_submission_open",
    "SCAN tree_version USING COVERING INDEX tree_version_pending",
    "SCAN tree_version USING INDEX tree_version_pending",
    "SEARCH dead_letter USING COVERING INDEX dead_letter_open (state=?)",
    "SEARCH intake USING INDEX intake_state (state=?)",
    "SEARCH outbox USING COVERING INDEX outbox_open (state=?)",
    "SEARCH outbox USING INDEX outbox_open (state=?)",
    # The newest of one thread, no more than a few.
    "SCAN (subquery-1)",
    # As many as a firm ever wrote templates, and as it has broken files.
    "SCAN template_submission",
    "SCAN template_file_fault USING INDEX sqlite_autoindex_template_file_fault_1",
}
"""Steps of plans whose cost grows with what waits for people, and not with the file."""
SECOND = Party(wa_id="6281230002222", bsuid="ID.99001122334455", profile_name="Contoh Lain")


def fill(office: Office) -> dict[str, str]:
    """One thing in each queue, and two in those that have two kinds; returns the ids of messages by their queue."""
    made = {"review": through(office), "with_person": _speaks_with_a_person(office)}
    made["failed"] = office.send(Text(body="kalimat rahasia"))
    office.take()
    office.refuse(made["failed"], REFUSED)
    made["in_doubt"] = office.in_doubt()
    made["scheduled"] = office.send(send_at_ms=office.now_ms + 3_600_000)
    made["waiting"] = office.send(Text(body="kalimat rahasia"), role=Role.STAFF)
    template, tree = office.next_id(), office.next_id()
    office.store.write(submit_template, acting_as(Role.STAFF), PLAIN, submission=template)
    office.store.write(submit_tree, acting_as(Role.LAWYER), replace(SMALL_TREE, name="lain"), submission=tree)
    return made | {"template": template, "tree": tree}


def _speaks_with_a_person(office: Office) -> str:
    office.says("Selamat malam", party=SECOND)
    intake = office.intake().id
    office.store.write(take_over, acting_as(Role.LAWYER), intake)
    return intake
