"""The command lines that users' scripts rely on, as real processes, word for word."""

from __future__ import annotations

import json
import shlex
import subprocess
from collections.abc import Callable
from pathlib import Path

Run = Callable[..., subprocess.CompletedProcess[str]]

SECRET, WORD = "s3cret-of-the-meta-app-000000", "verify-me"
TENANT_ADD = shlex.split(
    'tenant add firma --name "Firma Contoh" --waba 200300400500600 --phone-number-id 301301301301301 --app main'
)
ACCESS_TOKEN = "EAAG" + "canaryaccesstoken0000"


def test_a_firm_is_set_up_by_three_lines(child: Run, home: Path) -> None:
    said = []
    for words, stdin in (
        (["init", "--non-interactive"], ""),
        (["app", "add", "main"], f'{{"app_secret":"{SECRET}","verify_token":"{WORD}"}}\n'),
        (TENANT_ADD, ""),
        (["tenant", "set-access-token", "firma"], ACCESS_TOKEN + "\n"),
    ):
        ran = child(*words, stdin=stdin)
        assert ran.returncode == 0, ran.stderr
        said.append(ran.stdout + ran.stderr)
    shown = child("--json", "tenant", "show")
    assert json.loads(shown.stdout) == {
        "id": "firma",
        "name": "Firma Contoh",
        "wabaId": "200300400500600",
        "app": "main",
        "timeZone": "Asia/Jakarta",
        "state": "active",
        "createdAt": json.loads(shown.stdout)["createdAt"],
        "phoneNumberIds": ["301301301301301"],
        "hasAccessToken": True,
        "foundedAt": None,
    }
    said += [child("app", "list").stdout, child("--json", "app", "list").stdout, shown.stdout]
    for secret in (SECRET, WORD, ACCESS_TOKEN):
        assert not [text for text in said if secret in text]
        assert not [path for path in home.rglob("*") if path.is_file() and secret.encode() in path.read_bytes()]
