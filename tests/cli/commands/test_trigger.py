"""`lhwa trigger` without a daemon: kinds, bodies, signatures, order. What the daemon makes of them: tests/journeys."""

from __future__ import annotations

import hashlib
import hmac
import json
import subprocess
from collections.abc import Callable
from typing import Any

import pytest

from lhwa.testing.webhooks import KINDS

Run = Callable[..., subprocess.CompletedProcess[str]]

SECRET = b"s3cret-of-the-meta-app-000000"
BODY = "entry.0.changes.0.value.messages.0.text.body"


def _bodies(firm: Run, *words: str, tenant: str = "firma") -> list[dict[str, Any]]:
    done = firm("trigger", *words, "--dry-run", "-t", tenant)
    assert done.returncode == 0, done.stderr
    return [json.loads(line) for line in done.stdout.splitlines()]


def test_every_kind_is_listed(firm: Run) -> None:
    listed = json.loads(firm("--json", "trigger", "--list").stdout)
    assert [line["name"] for line in listed] == list(KINDS)
    assert all(line["summary"] for line in listed)


def test_a_body_is_for_the_firms_number_and_signed_with_its_secret(firm: Run) -> None:
    [sent] = _bodies(firm, "text", tenant="lain")
    digest = hmac.new(SECRET, sent["body"].encode(), hashlib.sha256).hexdigest()
    assert sent["signature"] == f"sha256={digest}"
    [entry] = json.loads(sent["body"])["entry"]
    assert entry["id"] == "200300400500602"
    assert entry["changes"][0]["value"]["metadata"]["phone_number_id"] == "301301301301303"


def test_a_change_is_in_every_body(firm: Run) -> None:
    sent = _bodies(firm, "text", "--set", f"{BODY}=Selamat siang", "--count", "3")
    assert len({each["body"] for each in sent}) == 3
    assert all("Selamat siang" in each["body"] for each in sent)


def test_a_value_that_is_json_is_json(firm: Run) -> None:
    [sent] = _bodies(firm, "text", "--set", 'entry.0.changes.0.value.messages.0={"id": [1]}')
    assert json.loads(sent["body"])["entry"][0]["changes"][0]["value"]["messages"] == [{"id": [1]}]


def test_doubled_and_shuffled(firm: Run) -> None:
    plain = [each["body"] for each in _bodies(firm, "text", "--count", "9", "--seed", "4")]
    mixed = [each["body"] for each in _bodies(firm, "text", "--count", "9", "--seed", "4", "--duplicate", "--shuffle")]
    ids = [_id(body) for body in plain]
    assert sorted([*ids, *ids]) == sorted(_id(body) for body in mixed)
    assert [_id(body) for body in mixed] != [one for one in ids for _ in range(2)]


def _id(body: str) -> str:
    found: str = json.loads(body)["entry"][0]["changes"][0]["value"]["messages"][0]["id"]
    return found


def test_without_a_seed_every_run_is_new(firm: Run) -> None:
    assert _id(_bodies(firm, "text")[0]["body"]) != _id(_bodies(firm, "text")[0]["body"])


WRONG = [
    ("no kind", (), "--list"),
    ("an unknown kind", ("txet",), "text"),
    ("a change without a value", ("text", "--set", "entry"), "PATH=VALUE"),
    ("a path that is not there", ("text", "--set", "entri.0=1"), "entry"),
    ("no bodies", ("text", "--count", "0"), "--help"),
]


@pytest.mark.parametrize(("label", "words", "hint"), WRONG, ids=[case[0] for case in WRONG])
def test_wrong_usage_says_what_would_be_right(firm: Run, label: str, words: tuple[str, ...], hint: str) -> None:
    done = firm("trigger", *words, "-t", "firma")
    assert done.returncode == 2
    assert hint in done.stderr.partition("hint:")[2]


def test_only_the_installer_may_sign(firm: Run, token: Any) -> None:
    assert firm("trigger", "text", "--dry-run", env=token("wati")).returncode == 4


def test_without_a_daemon_it_may_work_later(firm: Run) -> None:
    done = firm("trigger", "text", "-t", "firma")
    assert done.returncode == 3
    assert "lhwa serve" in done.stderr
