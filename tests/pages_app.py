"""The pages in tests: opened page by page without a browser, or served by Streamlit to a real one."""

import os
import shutil
import subprocess
import sys
import threading
import time
import urllib.request
from contextlib import contextmanager
from pathlib import Path

from streamlit.testing.v1 import AppTest

import dashboard
from pipeline.client import StoreClient
from pipeline.config import Home, Secrets
from pipeline.processes import free_port, serving_address
from pipeline.programs import MOST_UPLOAD_MB

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
SLOW = 90_000  # ms: a page on a machine that does other things too
APP = str(Path(dashboard.__file__).with_name("app.py"))
PAGES = sorted(file.stem for file in Path(APP).parent.joinpath("views").glob("*.py"))
TEXT_KINDS = ("title", "subheader", "markdown", "caption", "text", "error", "warning", "info", "success")


def page_of(page: str, /, **params: str) -> AppTest:
    """Open a page in an app of its own."""
    return visit(AppTest.from_file(APP, default_timeout=120), page, **params)


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


def button(app: AppTest, label: str):
    """Return the button of a label."""
    return next(one for one in app.button if one.label == label)


def press(app: AppTest, label: str) -> AppTest:
    """Press the button of a label, or of a key."""
    next(one for one in app.button if label in {one.label, one.key}).click().run()
    assert not app.exception, app.exception[0].value
    return app


def field(app: AppTest, kind: str, label: str):
    """Return the field of a kind (``text_input``, …) and a label."""
    return next(widget for widget in getattr(app, kind) if widget.label == label)


def toasts(app: AppTest) -> str:
    """Return what the page said in passing."""
    return " ".join(str(toast.value) for toast in app.toast)


def reader(root: Path) -> StoreClient:
    """Return a reader of the served home's store."""
    home = Home(root=root)
    return StoreClient.connect(serving_address(home), Secrets.load(home).reader_token, home.extensions)


def rows_of(root: Path, sql: str) -> list[dict]:
    """Return the rows of one SELECT."""
    with reader(root) as store:
        return store.select(sql).to_dict("records")


def rows_when(root: Path, sql: str, enough=bool, seconds: float = 60.0) -> list[dict]:
    """Return the rows of one SELECT once they are what is wanted: any, or what ``enough`` says."""
    deadline, pause = time.monotonic() + seconds, threading.Event()
    with reader(root) as store:
        while time.monotonic() < deadline:
            found = store.select(sql).to_dict("records")
            if enough(found):
                return found
            pause.wait(0.1)
    raise AssertionError(f"{sql}: {found}")


@contextmanager
def served_pages(home: Path, **environment: str):
    """Serve the pages of a home on a free loopback port; yield the address."""
    port = free_port()
    options = {
        "server.port": port,
        "server.address": "127.0.0.1",
        "server.headless": "true",
        "server.fileWatcherType": "none",
        "server.maxUploadSize": MOST_UPLOAD_MB,
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


def opened(browser, url: str, width: int = 390, height: int = 844):
    """Open an address in a window of its own, and wait until the page shows something."""
    page = browser.new_context(viewport={"width": width, "height": height}).new_page()
    page.set_default_timeout(SLOW)
    page.goto(url)
    settled(page)
    return page


def appears(wanted, milliseconds: float) -> bool:
    """Return whether something is seen on a page within a time."""
    from playwright.sync_api import TimeoutError as TooLate  # only browser tests have it

    try:
        wanted.wait_for(timeout=milliseconds)
    except TooLate:
        return False
    return True


def shows(page, url: str, text: str, visits: int = 4) -> None:
    """Visit an address until the page there shows a text; say what it showed if it never does."""
    for _ in range(visits):
        page.goto(url)
        if appears(page.get_by_text(text).first, SLOW / 2):
            settled(page)
            return
    raise AssertionError(f"{url} never showed {text!r} but:\n{page.inner_text('body')[:3000]}")


def press_until(page, key: str, wanted) -> None:
    """Press a key until what it opens is there: one that comes while the page is drawn anew is lost."""
    for _ in range(6):
        settled(page)
        page.keyboard.press(key)
        if appears(wanted, SLOW / 6):
            return
    raise AssertionError(f"{key} opened nothing")


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
