"""A shift in a browser: see, assign by keyboard, draft over a closed page, review x3, publish, close."""

import re
import shutil
import threading
from contextlib import contextmanager

import pytest
from dashboard_home import served_home
from pages_app import served_pages, settled

from dashboard import wording_ledger
from pipeline.client import StoreClient
from pipeline.config import Home, Secrets
from pipeline.processes import serving_address

playwright_api = pytest.importorskip("playwright.sync_api")
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
pytestmark = [
    pytest.mark.browser,
    pytest.mark.timeout(900),  # six starts of the pages: a minute alone, many on a busy machine
    pytest.mark.skipif(CHROMIUM is None, reason="Chromium is not installed"),
]
EVENTS, FORMS = wording_ledger.EVENTS, wording_ledger.FORMS
CLAIM, TEXT = "c-water", "二水厂的水被污染了"
ANSWER = "经检测,二水厂出厂水各项指标合格。"
SLOW = 90_000  # ms: a page on a machine that does other things too
DUTY, REVIEWERS = "值班员甲", ("编辑丙", "二审丁", "三审戊")


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    with served_home(tmp_path_factory.mktemp("office")) as root:
        yield root


@contextmanager
def desk(home, name):
    """Open the pages as one named local user, in a browser of their own."""
    with (
        served_pages(home, HUIYING_HOME=str(home), HUIYING_ACTOR=name) as url,
        playwright_api.sync_playwright() as started,
    ):
        browser = started.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        page = browser.new_page(viewport={"width": 1280, "height": 1800})
        page.set_default_timeout(SLOW)
        page.goto(url)
        page.get_by_text("我们小区停水三天了").first.wait_for()
        yield page, url
        browser.close()


def client(root):
    home = Home(root=root)
    return StoreClient.connect(serving_address(home), Secrets.load(home).reader_token, home.extensions)


def wait_for(root, sql, wanted):
    """Wait until a query's first column is what is wanted."""
    pause = threading.Event()
    with client(root) as store:
        for _ in range(300):
            found = list(store.select(sql).iloc[:, 0])
            if found == wanted:
                return
            pause.wait(0.1)
    raise AssertionError(f"{sql}: {found}, not {wanted}")


def kinds(root, wanted):
    wait_for(root, f"select kind from ledger_events where claim_id = '{CLAIM}' order by recorded_at", wanted)


def opened(page, url, kind):
    """Open the claim's page and the form of one kind of event."""
    page.goto(f"{url}/claim?claim={CLAIM}")
    settled(page)
    page.get_by_test_id("stButtonGroup").get_by_text(EVENTS[kind], exact=True).first.click()
    settled(page)


def save(page, kind):
    """Record what was filled in, and wait until the page says that it is recorded."""
    page.get_by_role("button", name=FORMS["save"], exact=True).click()
    said(page, kind)


def said(page, kind):
    page.get_by_text(FORMS["recorded"].format(what=EVENTS[kind])).first.wait_for()


def test_a_claim_is_seen_assigned_drafted_reviewed_published_and_closed(home):
    with desk(home, DUTY) as (duty, url):
        _assign_by_keyboard(duty)
        kinds(home, ["assigned"])
        _write(duty, url)
        wait_for_draft(home)
    # The page was closed, and its server stopped, in the middle of the draft.
    with desk(home, DUTY) as (duty, url):
        opened(duty, url, "drafted")
        duty.get_by_text("自动保存、尚未登记").wait_for()
        assert duty.get_by_label(FORMS["draft"], exact=True).input_value() == ANSWER
        duty.get_by_role("button", name=FORMS["save"], exact=True).dblclick()
        said(duty, "drafted")
        kinds(home, ["assigned", "drafted"])  # the same click twice is one version
        opened(duty, url, "submitted")
        save(duty, "submitted")
    for name in REVIEWERS:
        with desk(home, name) as (reviewer, url):
            opened(reviewer, url, "reviewed")
            save(reviewer, "reviewed")
    with desk(home, DUTY) as (duty, url):
        opened(duty, url, "published")
        duty.get_by_label(FORMS["url"], exact=True).fill("https://gov.example/water")
        save(duty, "published")
        opened(duty, url, "closed")
        save(duty, "closed")
        done = ["assigned", "drafted", "submitted", *["reviewed"] * 3, "published", "closed"]
        kinds(home, done)
        wait_for(home, f"select state from responses where claim_id = '{CLAIM}'", ["closed"])
        duty.goto(url)
        duty.get_by_text("我们小区停水三天了").first.wait_for()
        assert duty.get_by_text(TEXT).count() == 0
    actors = "select actor from ledger_events where kind = 'reviewed' order by recorded_at"
    wait_for(home, actors, list(REVIEWERS))


def _assign_by_keyboard(page):
    """j and k move through 今日待办, a opens the form of the open card."""
    page.get_by_text(TEXT).first.wait_for()
    _select_by_keyboard(page)
    department = page.get_by_role("combobox", name=re.compile(FORMS["department"]))
    settled(page)
    press_until(page, "a", department)
    department.fill("水务局")
    department.press("Enter")
    save(page, "assigned")


def _write(page, url):
    opened(page, url, "drafted")
    box = page.get_by_label(FORMS["draft"], exact=True)
    box.fill(ANSWER)
    box.blur()


def press_until(page, key, wanted):
    """Press a key until what it opens is there: a key that comes while the page is drawn anew is lost."""
    for _ in range(2):
        page.keyboard.press(key)
        try:
            wanted.wait_for(timeout=SLOW / 2)
        except playwright_api.TimeoutError:
            continue
        return
    raise AssertionError(f"{key} opened nothing")


def wait_for_draft(root):
    pause = threading.Event()
    for _ in range(300):
        if any((root / "drafts").glob("*.json")):
            return
        pause.wait(0.1)
    raise AssertionError("nothing was kept of what was typed")


def _select_by_keyboard(page):
    """Press j from the first card to the third, waiting each time until the next one is open."""
    opened_card = page.locator("[class*=st-key-queue-]").filter(
        has=page.get_by_role("button", name=EVENTS["assigned"])
    )
    opened_card.filter(has_text="我们小区停水三天了").first.wait_for()
    for text in ("匀城路口红绿灯坏了半个月", TEXT):
        page.keyboard.press("j")
        opened_card.filter(has_text=text).first.wait_for()
        settled(page)
