"""The pages in tests: opened page by page without a browser, or served by Streamlit to a real one."""

import os
import subprocess
import sys
import threading
import time
import urllib.request
from contextlib import contextmanager
from pathlib import Path

from streamlit.testing.v1 import AppTest

import dashboard
from pipeline.processes import free_port

APP = str(Path(dashboard.__file__).with_name("app.py"))
PAGES = sorted(file.stem for file in Path(APP).parent.joinpath("views").glob("*.py"))
TEXT_KINDS = ("title", "subheader", "markdown", "caption", "text", "error", "warning", "info", "success")


def visit(app: AppTest, page: str, /, **params: str) -> AppTest:
    """Open a page of the app; an exception on it fails the test."""
    for name, value in params.items():
        app.query_params[name] = value
    app.run()
    if page != "today":
        app.switch_page(f"views/{page}.py").run()
    assert not app.exception, app.exception[0].value
    return app


def words(app: AppTest) -> str:
    """Return everything that a page says in words, tables and labels of buttons included."""
    found = [str(element.value) for kind in TEXT_KINDS for element in getattr(app, kind)]
    found += [
        element.label
        for kind in ("button", "expander", "selectbox", "toggle")
        for element in getattr(app, kind)
    ]
    found += [str(element.proto.label) for element in app.get("page_link")]
    found += [table.value.to_csv() for table in app.dataframe]
    return "\n".join(found)


@contextmanager
def served_pages(home: Path, **environment: str):
    """Serve the pages of a home on a free loopback port; yield the address."""
    port = free_port()
    options = {
        "server.port": port,
        "server.address": "127.0.0.1",
        "server.headless": "true",
        "server.fileWatcherType": "none",
        "browser.gatherUsageStats": "false",
    }
    command = [sys.executable, "-m", "streamlit", "run", APP, *(f"--{k}={v}" for k, v in options.items())]
    secrets = home / "secrets.toml"
    if secrets.exists() and "[auth]" in secrets.read_text("utf-8"):
        command.append(f"--secrets.files={secrets}")
    log = (home / "pages.log").open("wb")
    process = subprocess.Popen(
        command,
        env={**os.environ, "HUIYING_HOME": str(home), **environment},
        stdout=log,
        stderr=log,
        cwd=home,
    )
    try:
        until(lambda: answers(f"http://127.0.0.1:{port}/_stcore/health"), process)
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait(20)
        log.close()


def settled(page) -> None:
    """Wait until a page in a browser has run to its end and shows something."""
    page.locator('[data-testid="stApp"][data-test-script-state="notRunning"]').wait_for()
    shown = page.locator('[data-testid="stMain"] [data-testid="stVerticalBlock"] > *')
    shown.filter(visible=True).first.wait_for()


def until(condition, process: subprocess.Popen, seconds: float = 60.0) -> None:
    """Wait until a condition holds while a process lives."""
    deadline, event = time.monotonic() + seconds, threading.Event()
    while not condition():
        assert process.poll() is None, "the process ended"
        assert time.monotonic() < deadline, "it did not happen in time"
        event.wait(0.1)


def answers(url: str) -> bool:
    """Return whether something answers at an address."""
    try:
        with urllib.request.urlopen(url, timeout=2) as answer:
            return answer.status == 200
    except OSError:
        return False
