"""A real Prometheus with the repository's own configuration, asked as a dashboard asks it."""

from __future__ import annotations

import json
import re
import subprocess
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from roost.waiting import wait_for
from tests.enginehost.packages import PROMETHEUS, PROMTOOL, get_program

MONITORING = Path(__file__).resolve().parents[2] / "docs" / "monitoring"
_WINDOW = "30s"


class Prometheus:
    """A running Prometheus at an address of this host."""

    def __init__(self, url: str) -> None:
        self.url = url

    def query(self, expression: str) -> list[dict[str, Any]]:
        """The instant query's series; raises for one that is no PromQL."""
        asked = urllib.parse.urlencode({"query": expression})
        try:
            with urllib.request.urlopen(f"{self.url}/api/v1/query?{asked}", timeout=10) as answer:
                found: list[dict[str, Any]] = json.load(answer)["data"]["result"]
        except urllib.error.HTTPError as error:
            raise AssertionError(f"{expression}: {error.read().decode()}") from error
        return found

    def wait_for_data(self, expression: str, timeout_s: float = 60) -> list[dict[str, Any]]:
        """The same, once there is something."""
        return wait_for(
            f"data of {expression}", lambda: self.query(expression) or None, timeout_s=timeout_s
        )


@contextmanager
def running(
    directory: Path, *, port: int, target: str, engine: str, pool: str
) -> Iterator[Prometheus]:
    """Prometheus with docs/monitoring/prometheus.yml, which is for another pool on another engine."""
    text = (MONITORING / "prometheus.yml").read_text()
    for written, here in {
        "scrape_interval: 15s": "scrape_interval: 1s",
        "127.0.0.1:9620": target,
        "unix:///var/run/docker.sock": engine,
        "roost.pool=roost": f"roost.pool={pool}",
    }.items():
        assert text.count(written) == 1
        text = text.replace(written, here)
    (directory / "prometheus.yml").write_text(text)
    (directory / "alerts.yml").write_text((MONITORING / "alerts.yml").read_text())
    with (directory / "log").open("wb") as log:
        process = subprocess.Popen(
            [
                get_program(PROMETHEUS),
                f"--config.file={directory / 'prometheus.yml'}",
                f"--storage.tsdb.path={directory / 'data'}",
                f"--web.listen-address=127.0.0.1:{port}",
            ],
            stdout=log,
            stderr=log,
        )
    try:
        yield Prometheus(f"http://127.0.0.1:{port}")
    finally:
        process.terminate()
        process.wait()


def promtool(*arguments: str, text: bytes = b"") -> tuple[int, str]:
    """Exit code and all that it said."""
    ran = subprocess.run(
        [get_program(PROMTOOL), *arguments], input=text, capture_output=True, check=False
    )
    return ran.returncode, (ran.stdout + ran.stderr).decode()


def dashboard_queries() -> list[tuple[str, str]]:
    """Title and query of everything that the dashboard shows, its variables put in."""
    dashboard = json.loads((MONITORING / "grafana-dashboard.json").read_text())
    return [
        (panel["title"], expression(target["expr"]))
        for panel in dashboard["panels"]
        for target in panel.get("targets", ())
    ]


def expression(text: str) -> str:
    """A query as Grafana would send it."""
    text = text.replace("$job", "roost").replace("$__rate_interval", _WINDOW)
    assert not re.search(r"\$\w", text)
    return text
