from __future__ import annotations

import inspect
from collections.abc import Sequence

import pytest

from lhwa.bus.routes import JobRoute
from lhwa.domain.events import EventType
from lhwa.domain.jobs import JobKind
from lhwa.routes import REACTIONS, ROUTES
from lhwa.services.intake.concerning import concerns_intake
from lhwa.store.transaction import Reaction


def test_every_kind_of_job_has_a_route_and_every_event_a_line() -> None:
    assert set(ROUTES.jobs) == set(JobKind)
    assert set(REACTIONS) == set(ROUTES.reactions) == set(EventType)


@pytest.mark.parametrize("route", ROUTES.jobs.values(), ids=ROUTES.jobs)
def test_a_job_is_done_in_one_way(route: JobRoute) -> None:
    assert (route.handler is None) != (route.effect is None)
    assert route.effect is None or inspect.iscoroutinefunction(route.effect)
    assert not inspect.iscoroutinefunction(route.handler)
    assert set(inspect.signature(route.bury).parameters) == {"tx", "payload", "error", "tries"}


def test_alerts_reach_people_and_the_rest_is_only_recorded() -> None:
    always = {kind: jobs for kind, jobs in REACTIONS.items() if jobs and JobKind.HEAR_FOR_INTAKE not in _kinds(jobs)}
    assert always == {EventType.ACCOUNT_ALERT: (JobKind.ALERT_STAFF,)}


def test_an_intake_hears_messages_only_where_a_tree_is_used() -> None:
    (reaction,) = REACTIONS[EventType.MESSAGE_RECEIVED]
    assert isinstance(reaction, Reaction)
    assert reaction.when is concerns_intake


def _kinds(jobs: Sequence[JobKind | Reaction]) -> list[JobKind]:
    return [each.job if isinstance(each, Reaction) else each for each in jobs]


def test_reading_never_raises() -> None:
    for raw in (b"", b"\xff", b"null", b"[" * 100_000, b'{"object":"whatsapp_business_account","entry":[{}]}'):
        assert isinstance(ROUTES.inbound.read(raw), list)
