"""The whole system's behaviour on one screen: what comes in, which handler it reaches, what reacts to what.

To add a reaction: add a job kind in `domain/jobs.py`, its handler in a service, and two lines here.
"""

from __future__ import annotations

from collections.abc import Sequence

from lhwa.bus.routes import Inbound, JobRoute, Routes
from lhwa.domain.elements import Element
from lhwa.domain.events import EventType
from lhwa.domain.jobs import JobKind
from lhwa.normalizer.normalize import normalize
from lhwa.outbound import draining as outbound
from lhwa.services.audit.completeness import ElementReading
from lhwa.services.intake import hearing as intake
from lhwa.services.intake import watching
from lhwa.services.intake.concerning import concerns_intake
from lhwa.services.messaging import blocking
from lhwa.services.messaging import effects as messaging_effects
from lhwa.services.messaging import handlers as messaging
from lhwa.services.messaging.element_keys import element_keys
from lhwa.services.messaging.sourced import SourcedElement
from lhwa.store.transaction import Reaction, Reactions, Tx


def _apply(tx: Tx, elements: Sequence[Element], raw_event: str, received_at_ms: int) -> list[str]:
    return [
        outcome.value
        for outcome in messaging.apply_batch(
            tx,
            [
                SourcedElement(element=element, raw_event=raw_event, received_at_ms=received_at_ms)
                for element in elements
            ],
        )
    ]


REACTIONS: Reactions = {
    # event                                  -> jobs put in the same transaction
    EventType.MESSAGE_RECEIVED: (Reaction(JobKind.HEAR_FOR_INTAKE, when=concerns_intake),),
    EventType.MESSAGE_STATUS_CHANGED: (),
    EventType.TEMPLATE_STATUS_CHANGED: (),
    EventType.ACCOUNT_ALERT: (JobKind.ALERT_STAFF,),
    EventType.OUTBOUND_REQUESTED: (),
    EventType.OUTBOUND_SETTLED: (),
    EventType.INTAKE_UPDATED: (),
    EventType.CONSENT_RECORDED: (),
}

ROUTES = Routes(
    # a stored webhook request: raw bytes   -> elements          -> rows, events, audit records
    inbound=Inbound(read=normalize, apply=_apply),
    jobs={
        # job                               -> what does it, and what buries it after its last try
        JobKind.APPLY_ELEMENT: JobRoute(handler=messaging.apply_job, bury=messaging.bury_job),
        JobKind.DRAIN_OUTBOX: JobRoute(
            effect=outbound.drain_outbox, bury=outbound.bury_drain, again=outbound.next_look_ms, is_detached=True
        ),
        JobKind.HEAR_FOR_INTAKE: JobRoute(handler=intake.hear, bury=intake.bury_hearing),
        JobKind.WATCH_INTAKES: JobRoute(
            effect=watching.watch_intakes, bury=watching.bury_watch, again=watching.next_watch_ms
        ),
        JobKind.TELL_BLOCKS: JobRoute(
            effect=blocking.tell_blocks, bury=blocking.bury_blocks, again=blocking.next_told_ms, is_detached=True
        ),
        JobKind.ALERT_STAFF: JobRoute(effect=messaging_effects.alert_staff, bury=messaging_effects.bury_alert),
    },
    reactions=REACTIONS,
)

LEDGER = ElementReading(read=normalize, keys_of=element_keys)
"""How the completeness ledger reads stored requests: exactly as they are read when they are applied."""
