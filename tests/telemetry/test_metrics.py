"""What `/metrics` shows."""

from pathlib import Path

import pytest
from prometheus_client.parser import text_string_to_metric_families

from lhwa.domain.jobs import JobKind
from lhwa.services.messaging.sourced import Outcome
from lhwa.telemetry import logs
from lhwa.telemetry.logs import Log
from lhwa.telemetry.metrics import INGEST_OUTCOMES, WEBHOOK_RESULTS, Metrics


def _families(metrics: Metrics) -> dict[str, str]:
    return {family.name: family.type for family in text_string_to_metric_families(metrics.render().decode())}


def test_the_promised_names_exist() -> None:
    metrics = Metrics(version="1.2.3", sqlite="3.54.1")
    metrics.queue_depth.labels("spool", "stored").set(3)
    found = _families(metrics)
    for name, kind in {
        "lhwa_webhook_requests": "counter",
        "lhwa_webhook_ack_duration_seconds": "histogram",
        "lhwa_webhook_apply_duration_seconds": "histogram",
        "lhwa_webhook_secret_matched": "counter",
        "lhwa_queue_depth": "gauge",
        "lhwa_queue_oldest_age_seconds": "gauge",
        "lhwa_jobs": "counter",
        "lhwa_dead_letters": "counter",
        "lhwa_fsync_duration_seconds": "histogram",
        "lhwa_open_databases": "gauge",
        "lhwa_disk_free_bytes": "gauge",
        "lhwa_db_busy": "counter",
        "lhwa_log_lines_lost": "counter",
    }.items():
        assert found[name] == kind
    assert b'lhwa_build_info{sqlite="3.54.1",version="1.2.3"} 1.0' in metrics.render()
    assert b'lhwa_queue_depth{queue="spool",state="stored"} 3.0' in metrics.render()


@pytest.mark.parametrize("result", WEBHOOK_RESULTS)
def test_every_result_is_shown_from_the_start(result: str) -> None:
    shown = Metrics(version="0", sqlite="0").render().decode()
    assert f'lhwa_webhook_requests_total{{result="{result}"}} 0.0' in shown


STARTS_AT_ZERO = [
    *(f'lhwa_jobs_total{{kind="ingest",outcome="{outcome}"}}' for outcome in Outcome),
    *(f'lhwa_jobs_total{{kind="{kind}",outcome="{end}"}}' for kind in JobKind for end in ("ok", "failed", "buried")),
    *(f'lhwa_dead_letters_total{{kind="{kind}"}}' for kind in ("element", "request", "job")),
]


@pytest.mark.parametrize("line", STARTS_AT_ZERO)
def test_what_alerts_look_at_is_shown_before_the_first_count(line: str) -> None:
    assert f"{line} 0.0" in Metrics(version="0", sqlite="0").render().decode().splitlines()


def test_the_outcomes_of_elements_are_those_of_the_service() -> None:
    assert set(INGEST_OUTCOMES) == set(Outcome)


def test_lost_log_lines_are_counted() -> None:
    metrics = Metrics(version="0", sqlite="0")

    def lost() -> float:
        return metrics.registry.get_sample_value("lhwa_log_lines_lost_total") or 0.0

    before = lost()
    with Path("/dev/full").open("w", encoding="utf-8") as full:
        logs.configure("info", "json", stream=full)
        Log("gateway").warning("one")
        logs.close()
    assert lost() == before + 1


def test_two_processes_worth_of_metrics_do_not_meet() -> None:
    first, second = Metrics(version="0", sqlite="0"), Metrics(version="0", sqlite="0")
    first.db_busy.inc()
    assert second.registry.get_sample_value("lhwa_db_busy_total") == 0
