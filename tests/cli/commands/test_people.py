from __future__ import annotations

import json
import subprocess
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from lhwa.services.access.rules import TOKEN_DAYS

Run = Callable[..., subprocess.CompletedProcess[str]]
As = Callable[[str], dict[str, str]]
SECRETS = '{"app_secret":"another-secret-of-the-app","verify_token":"verify-me-too"}'


def data(ran: subprocess.CompletedProcess[str]) -> Any:
    assert ran.returncode == 0, ran.stderr
    return json.loads(ran.stdout)


FIRM_COMMANDS = [
    ("tenant", "show", "{firm}"),
    ("tenant", "show", "-t", "{firm}"),
    ("tenant", "suspend", "{firm}", "--reason", "x"),
    ("tenant", "resume", "{firm}", "--reason", "x"),
    ("tenant", "add-number", "{firm}", "404404404404"),
    ("tenant", "set-access-token", "{firm}"),
    ("operator", "list", "-t", "{firm}"),
    ("operator", "add", "joko", "--role", "staff", "-t", "{firm}"),
    ("operator", "set-role", "wati", "--role", "staff", "-t", "{firm}"),
    ("operator", "disable", "wati", "--reason", "x", "-t", "{firm}"),
    ("token", "issue", "wati", "-t", "{firm}"),
    ("token", "list", "-t", "{firm}"),
    ("token", "revoke", "01KAN00000000000000000000A", "-t", "{firm}"),
    ("whoami", "-t", "{firm}"),
]


@pytest.mark.parametrize("words", FIRM_COMMANDS, ids=" ".join)
def test_a_foreign_firm_and_a_missing_one_get_one_answer(firm: Run, token: As, words: tuple[str, ...]) -> None:
    env = token("wati")
    foreign = firm(*(word.format(firm="lain") for word in words), env=env, stdin="EAAGsample\n")
    missing = firm(*(word.format(firm="nowhere") for word in words), env=env, stdin="EAAGsample\n")
    assert (foreign.returncode, foreign.stdout, foreign.stderr) == (missing.returncode, missing.stdout, missing.stderr)
    assert (foreign.returncode, foreign.stdout) == (4, "")


INSTALLER_COMMANDS = [
    ("app", "add", "second"),
    ("app", "rotate-secret", "main"),
    ("app", "list"),
    ("tenant", "add", "baru", "--name", "Baru", "--waba", "12345", "--phone-number-id", "67890", "--app", "main"),
    ("operator", "disable", "budi", "--everywhere", "--reason", "x"),
]


@pytest.mark.parametrize("words", INSTALLER_COMMANDS, ids=" ".join)
def test_what_concerns_all_firms_needs_the_installer(firm: Run, token: As, words: tuple[str, ...]) -> None:
    ran = firm(*words, env=token("wati"), stdin=SECRETS)
    assert (ran.returncode, ran.stdout) == (4, "")


@pytest.mark.parametrize("text", ["", "lhwa_wrong", "x" * 5000, "\x1b[2J"])
def test_a_wrong_token_is_never_replaced_by_the_user_of_the_machine(firm: Run, text: str) -> None:
    ran = firm("whoami", "-t", "firma", env={"LHWA_TOKEN": text})
    assert (ran.returncode, ran.stdout) == (4, "")
    assert "\x1b" not in ran.stderr


CONFLICTS = [
    ("app", "add", "main"),
    ("tenant", "add", "firma", "--name", "F", "--waba", "12345", "--phone-number-id", "67890", "--app", "main"),
    (
        "tenant",
        "add",
        "baru",
        "--name",
        "F",
        "--waba",
        "12345",
        "--phone-number-id",
        "301301301301302",
        "--app",
        "main",
    ),
    ("tenant", "resume", "firma", "--reason", "x"),
    ("operator", "add", "budi", "--role", "staff", "-t", "firma"),
]


@pytest.mark.parametrize("words", CONFLICTS, ids=" ".join)
def test_what_is_there_already_is_a_conflict(firm: Run, words: tuple[str, ...]) -> None:
    ran = firm(*words, stdin=SECRETS)
    assert (ran.returncode, ran.stdout) == (5, "")


WRONG = [
    ("tenant", "add", "Bad Id", "--name", "F", "--waba", "12345", "--phone-number-id", "67890", "--app", "main"),
    ("tenant", "add", "baru", "--name", "F", "--waba", "+6281234", "--phone-number-id", "67890", "--app", "main"),
    ("tenant", "add", "baru", "--name", "F", "--waba", "12345", "--phone-number-id", "67890", "--app", "nope"),
    ("tenant", "add", "baru", "--name", "F", "--waba", "12345", "--app", "main"),
    ("tenant", "suspend", "firma"),
    ("operator", "add", "joko", "--role", "king", "-t", "firma"),
    ("operator", "list", "--tenant"),
    ("operator", "set-role", "budi", "--role", "staff"),
    ("token", "issue", "budi", "--days", "0", "-t", "firma"),
    ("app", "rotate-secret", "main", "--keep-old-days", "-1"),
    ("app", "add", "second"),
]


@pytest.mark.parametrize("words", WRONG, ids=" ".join)
def test_wrong_words_are_wrong_usage(firm: Run, words: tuple[str, ...]) -> None:
    ran = firm(*words, stdin="no JSON")
    assert (ran.returncode, ran.stdout) == (2, "")


def test_every_command_before_init_says_what_to_do(lhwa: Run, home: Path) -> None:
    for words in (("whoami",), ("tenant", "list"), ("app", "add", "main"), ("token", "list"), ("login",)):
        ran = lhwa(*words, stdin=SECRETS)
        assert (ran.returncode, ran.stdout) == (2, ""), words
        assert "Run `lhwa init`" in ran.stderr
    assert not home.exists()


def test_a_secret_rotates_with_an_end_for_the_old_one(firm: Run) -> None:
    view = data(firm("--json", "app", "rotate-secret", "main", stdin='{"app_secret":"another-secret-of-the-app"}'))
    ends = [(each["kind"], each["notAfter"] is None) for each in view["secrets"]]
    assert ends == [("app_secret", True), ("app_secret", False), ("verify_token", True)]
    again = firm("app", "rotate-secret", "main", stdin='{"app_secret":"another-secret-of-the-app"}')
    assert again.returncode == 5


def test_a_firm_is_suspended_and_resumed_with_a_reason(firm: Run) -> None:
    assert data(firm("--json", "tenant", "suspend", "firma", "--reason", "moving"))["state"] == "suspended"
    assert "suspended" in firm("tenant", "list").stdout
    assert data(firm("tenant", "resume", "firma", "--reason", "moved", "--json"))["state"] == "active"


def test_a_number_is_added(firm: Run) -> None:
    view = data(firm("--json", "tenant", "add-number", "firma", "404404404404"))
    assert "404404404404" in view["phoneNumberIds"]


def test_firms_are_listed_by_who_may_know_them(firm: Run, token: As) -> None:
    assert [each["id"] for each in data(firm("--json", "tenant", "list"))] == ["firma", "lain"]
    assert [each["id"] for each in data(firm("--json", "tenant", "list", env=token("budi")))] == ["firma"]


def test_an_access_token_comes_from_stdin(firm: Run) -> None:
    words = ["tenant", "add", "baru", "--name", "F", "--waba", "12345", "--phone-number-id", "67890", "--app", "main"]
    ran = firm("--json", *words, "--time-zone", "wita", "--access-token-stdin", stdin="EAAGsample\n")
    assert (data(ran)["hasAccessToken"], data(ran)["timeZone"]) == (True, "Asia/Makassar")
    assert "EAAGsample" not in ran.stdout


def test_an_operator_lives_from_add_to_disable(firm: Run) -> None:
    made = data(firm("--json", "operator", "add", "joko", "--role", "staff", "--full-name", "Joko C.", "-t", "firma"))
    assert (made["id"], made["name"], made["memberships"][0]["role"]) == ("joko", "Joko C.", "staff")
    env = {"LHWA_TOKEN": firm("token", "issue", "joko", "-t", "firma").stdout.strip()}
    assert data(firm("--json", "whoami", env=env))["role"] == "staff"
    firm("operator", "set-role", "joko", "--role", "finance", "-t", "firma")
    assert data(firm("--json", "whoami", env=env))["role"] == "finance"
    assert firm("operator", "disable", "joko", "--reason", "left", "-t", "firma").returncode == 0
    assert firm("whoami", env=env).returncode == 4
    assert "finance in firma (disabled)" in firm("operator", "list").stdout


def test_an_operator_is_disabled_everywhere(firm: Run, token: As) -> None:
    env = token("budi")
    assert firm("operator", "disable", "budi", "--everywhere", "--reason", "laptop stolen").returncode == 0
    assert firm("whoami", env=env).returncode == 4


def test_a_token_is_one_line_of_stdout_and_shown_once(firm: Run) -> None:
    ran = firm("token", "issue", "budi", "--label", "laptop", "-t", "firma")
    assert ran.stdout.count("\n") == 1
    assert ran.stdout.startswith("lhwa_")
    assert ran.stdout.strip() not in ran.stderr
    listed = firm("--json", "token", "list", "-t", "firma")
    assert ran.stdout.strip() not in listed.stdout
    assert [(each["operator"], each["label"]) for each in data(listed)] == [("budi", "laptop")]


def test_a_revoked_token_opens_nothing(firm: Run) -> None:
    issued = data(firm("--json", "token", "issue", "budi", "--days", "1", "-t", "firma"))
    env = {"LHWA_TOKEN": issued["token"]}
    assert firm("whoami", env=env).returncode == 0
    assert data(firm("--json", "token", "revoke", issued["id"], env=env))["revokedAt"] is not None
    assert firm("whoami", env=env).returncode == 4
    assert "revoked" in firm("token", "list", "-t", "firma").stdout
    assert firm("token", "revoke", issued["id"], "-t", "firma").returncode == 5


def test_the_installer_with_several_firms_is_asked_which(firm: Run) -> None:
    ran = firm("token", "list")
    assert ran.returncode == 2
    assert "firma, lain" in ran.stderr
    assert firm("token", "list", env={"LHWA_TENANT": "lain"}).returncode == 0


def test_the_ways_out_of_a_dead_end_do_not_lead_in_a_circle(firm: Run) -> None:
    ran = firm("whoami", env={"LHWA_TOKEN": "lhwa_wrong"})
    assert "lhwa token issue NAME -t FIRM" in ran.stderr
    assert "lhwa login" in ran.stderr
    assert "whoami" not in ran.stderr


def test_a_taken_operator_id_says_how_the_same_person_comes_to_a_second_firm(firm: Run) -> None:
    ran = firm("operator", "add", "budi", "--role", "staff", "-t", "lain")
    command = "lhwa operator set-role budi --role staff -t lain"
    assert (ran.returncode, command in ran.stderr) == (5, True)
    assert firm(*command.split()[1:]).returncode == 0


def test_the_list_of_firms_shows_whose_account_is_whose(firm: Run) -> None:
    assert "200300400500601" in firm("tenant", "list").stdout


def test_a_number_is_one_number(firm: Run) -> None:
    words = ["tenant", "add", "baru", "--name", "F", "--waba", "12345", "--phone-number-id", "67890", "--app", "main"]
    assert "with 1 number. Next" in firm(*words).stderr
    assert "has 2 numbers." in firm("tenant", "add-number", "baru", "404404404404").stderr


def test_the_installer_routes_numbers_also_after_a_login_into_a_firm(firm: Run) -> None:
    text = firm("token", "issue", "budi", "-t", "firma").stdout
    assert firm("login", stdin=text).returncode == 0
    for command in ("add-number", "remove-number"):
        ran = firm("tenant", command, "firma", "404404404404")
        assert ran.returncode == 0, ran.stderr


def test_a_token_lives_as_long_as_the_rules_say(firm: Run) -> None:
    issued = data(firm("--json", "token", "issue", "budi", "-t", "firma"))
    lives = datetime.fromisoformat(issued["expiresAt"]) - datetime.fromisoformat(issued["createdAt"])
    assert lives.days == TOKEN_DAYS
