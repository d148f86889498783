"""Made-up clients go through a real intake: the command line, the daemon and the sandbox, each a process of its own."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from lhwa.adapters.secret_store.file import FileSecretStore
from lhwa.adapters.secret_store.root_key import read_root_key
from lhwa.bootstrap import open_clock, open_registry, open_store
from lhwa.config import Home
from lhwa.domain.access import Role
from lhwa.domain.ids import TenantId, ulid
from lhwa.services.intake.publishing import publish_tree, submit_tree
from lhwa.testing.builders import acting_as
from lhwa.testing.intake import SMALL_TREE
from tests.journeys.outbound_place import SandboxProcess, free_port

COOPERATIVE, WITHDRAWER, NOBODY = "+6281230002221", "+6281230002222", "+6281230002223"


def publish(place: Any) -> None:
    """Put the small tree in force for the first firm."""
    home, tenant, clock = Home(place.home), TenantId("firma"), open_clock()
    root = read_root_key(FileSecretStore(home.secrets_dir))
    with open_registry(home, root) as registry:
        keys = registry.tenant_keys(tenant)
    submission = ulid(int(clock.now().timestamp() * 1_000), b"tree")
    with open_store(
        home, tenant, keys, registry=lambda: open_registry(home, root), clock=clock, is_founded=False
    ) as store:
        store.write(submit_tree, acting_as(Role.LAWYER), SMALL_TREE, submission=submission)
        store.write(publish_tree, acting_as(Role.OWNER), submission)


@pytest.fixture(scope="module")
def office(shared: Any) -> Iterator[Any]:
    """A firm with a tree, its daemon, and a sandbox that plays Meta for it."""
    shared.daemons[0].stop()
    publish(shared)
    port = free_port()
    daemon = shared.serve("--graph-url", f"http://127.0.0.1:{port}")
    sandbox = SandboxProcess(shared, port=port)
    try:
        yield shared
    finally:
        sandbox.stop()
        daemon.stop()


def plays(place: Any, who: str, contact: str, *, seed: int) -> tuple[list[dict[str, Any]], dict[str, Any]]:
    """Run `lhwa sandbox persona`; returns its messages and its summary.

    Quick enough for the firm to answer everything in one burst: at Meta's pace it would have to wait after six seconds.
    """
    words = ("--contact", contact, "--to", place.numbers["firma"], "--seed", str(seed), "--pace", "0.1")
    done = place.run("--json", "sandbox", "persona", who, *words)
    assert done.returncode == 0, (done.stdout, done.stderr)
    *messages, summary = map(json.loads, done.stdout.splitlines())
    assert contact not in done.stdout + done.stderr
    return messages, summary


def state_of(place: Any, masked: str) -> str:
    """Of the only intake of a contact."""
    [state] = [row["state"] for row in place.data("intake", "list", "--all") if row["contact"] == masked]
    return str(state)


def test_a_cooperative_client_gets_to_a_lawyer(office: Any) -> None:
    messages, summary = plays(office, "cooperative", COOPERATIVE, seed=4)
    assert summary["ended"] == "finished"
    assert summary["clientMessages"] == sum(each["by"] == "client" for each in messages)
    assert summary["firmMessages"] == sum(each["by"] == "firm" for each in messages)
    assert {each["contact"] for each in messages} == {"+62 812-••••-2221"}
    assert messages[1]["choices"] == ["Setuju (id)", "Tidak (id)", "English"]
    assert (messages[2]["type"], messages[2]["text"]) == ("tap", "Setuju (id)")
    assert messages[-1]["text"] == "A lawyer looks at it. (id)"
    assert state_of(office, "+62 812-••••-2221") == "submitted"


def test_a_consent_that_is_taken_back_ends_the_intake(office: Any) -> None:
    messages, summary = plays(office, "withdrawer", WITHDRAWER, seed=4)
    assert summary["ended"] == "withdrew"
    assert messages[-1]["text"].startswith("Persetujuan Anda sudah ditarik")
    assert state_of(office, "+62 812-••••-2222") == "withdrawn"


def test_without_a_daemon_nobody_waits(place: Any) -> None:
    sandbox = SandboxProcess(place, webhook=f"http://127.0.0.1:{free_port()}/webhooks/whatsapp")
    try:
        done = place.run("sandbox", "persona", "cooperative", "--contact", NOBODY, "--url", sandbox.url)
    finally:
        sandbox.stop()
    assert (done.returncode, done.stdout) == (3, "")
    assert "No daemon takes the webhooks" in done.stderr
    assert "lhwa serve" in done.stderr
