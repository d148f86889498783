"""Who looks at the inbox in tests, and many who write to it."""

from __future__ import annotations

from lhwa.domain.access import Role
from lhwa.domain.elements import Party
from lhwa.testing.builders import acting_as
from tests.services.intake.office import Office

LAWYER, STAFF, AUDITOR, FINANCE = (acting_as(role) for role in (Role.LAWYER, Role.STAFF, Role.AUDITOR, Role.FINANCE))


def people(office: Office, count: int) -> None:
    """So many others write, one after the other; every second one at the same moment as the one before."""
    for number in range(count):
        office.clock.advance(number % 2)
        office.hear(Party(wa_id=f"62812300{number:05}", profile_name=f"Contoh orang-{number}"), text=f"Halo {number}")
