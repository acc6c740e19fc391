"""A shift in a browser: see, assign by keyboard, draft over a closed page, review x3, publish, close."""

import re
import threading
import time
from contextlib import contextmanager

import pytest
from pages_app import CHROMIUM, SLOW, appears, press_until, rows_when, served_pages, settled, shows

from dashboard import wording_ledger
from pipeline.ledger_events import DECLINE_REASONS

playwright_api = pytest.importorskip("playwright.sync_api")
pytestmark = [
    pytest.mark.browser,
    pytest.mark.timeout(900),  # six starts of the pages: a minute alone, many on a busy machine
    pytest.mark.skipif(CHROMIUM is None, reason="Chromium is not installed"),
]
EVENTS, FORMS = wording_ledger.EVENTS, wording_ledger.FORMS
CLAIM, TEXT = "c-water", "二水厂的水被污染了"
FIRST, SECOND = "我们小区停水三天了", "匀城路口红绿灯坏了半个月"
ANSWER = "经检测,二水厂出厂水各项指标合格。"
CARDS = "[...document.querySelectorAll('[class*=st-key-queue-]')].map(card => card.innerText)"
DUTY, REVIEWERS = "值班员甲", ("编辑丙", "二审丁", "三审戊")


@contextmanager
def desk(home, name):
    """Open the pages as one named local user, in a browser of their own."""
    with (
        served_pages(home, HUIYING_ACTOR=name) as url,
        playwright_api.sync_playwright() as started,
    ):
        browser = started.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        page = browser.new_page(viewport={"width": 1280, "height": 1800})
        page.set_default_timeout(SLOW)
        shows(page, url, FIRST)
        yield page, url
        browser.close()


def wait_for(root, sql, wanted):
    """Wait until a query's only column is what is wanted."""
    rows_when(root, sql, lambda rows: [next(iter(row.values())) for row in rows] == wanted)


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


def test_a_claim_is_seen_assigned_drafted_reviewed_published_and_closed(served):
    with desk(served, DUTY) as (duty, url):
        _assign_by_keyboard(duty)
        kinds(served, ["assigned"])
        _write(duty, url)
        wait_for_draft(served)
    # The page was closed, and its server stopped, in the middle of the draft.
    with desk(served, DUTY) as (duty, url):
        opened(duty, url, "drafted")
        duty.get_by_text("自动保存、尚未登记").wait_for()
        playwright_api.expect(duty.get_by_label(FORMS["draft"], exact=True)).to_have_value(ANSWER)
        duty.get_by_role("button", name=FORMS["save"], exact=True).dblclick()
        said(duty, "drafted")
        kinds(served, ["assigned", "drafted"])  # the same click twice is one version
        opened(duty, url, "submitted")
        save(duty, "submitted")
    for name in REVIEWERS:
        with desk(served, name) as (reviewer, url):
            opened(reviewer, url, "reviewed")
            save(reviewer, "reviewed")
    with desk(served, DUTY) as (duty, url):
        opened(duty, url, "published")
        duty.get_by_label(FORMS["url"], exact=True).fill("https://gov.example/water")
        save(duty, "published")
        opened(duty, url, "closed")
        save(duty, "closed")
        done = ["assigned", "drafted", "submitted", *["reviewed"] * 3, "published", "closed"]
        kinds(served, done)
        wait_for(served, f"select state from responses where claim_id = '{CLAIM}'", ["closed"])
        shows(duty, url, FIRST)
        # What a page shows may be some seconds old; it comes up to date by itself.
        playwright_api.expect(duty.get_by_text(TEXT)).to_have_count(0)
    actors = "select actor from ledger_events where kind = 'reviewed' order by recorded_at"
    wait_for(served, actors, list(REVIEWERS))


def _assign_by_keyboard(page):
    """j and k move through 今日待办, a opens the form of the open card."""
    walk_to(page, TEXT)
    walk_to(page, SECOND)
    walk_to(page, TEXT)
    department = page.get_by_role("combobox", name=re.compile(FORMS["department"]))
    press_until(page, "a", department)
    department.fill("水务局")
    department.press("Enter")
    save(page, "assigned")


def _write(page, url):
    opened(page, url, "drafted")
    box = page.get_by_label(FORMS["draft"], exact=True)
    box.fill(ANSWER)  # and never leave the box: what is typed is kept all the same


def wait_for_draft(root):
    pause = threading.Event()
    for _ in range(300):
        if any((root / "drafts").glob("*.json")):
            return
        pause.wait(0.1)
    raise AssertionError("nothing was kept of what was typed")


def walk_to(page, text):
    """Press j or k, whichever leads there, until the card of a text is the open one.

    A key that comes while the page is drawn anew may be lost: what is open is looked at after each. A claim
    that was just put aside lies open, without its buttons, until the list is drawn anew.
    """
    deadline, pause = time.monotonic() + SLOW / 1000, threading.Event()
    while time.monotonic() < deadline:
        settled(page)
        shown = page.evaluate(CARDS)
        places = {
            "open": [n for n, words in enumerate(shown) if EVENTS["assigned"] in words],
            "wanted": [n for n, words in enumerate(shown) if text in words],
        }
        if not all(places.values()):
            pause.wait(0.2)  # caught while it was drawn
            continue
        at, to = places["open"][0], places["wanted"][0]
        if at == to:
            return
        page.keyboard.press("j" if to > at else "k")
        next_one = page.locator(f".st-key-queue-{at + (1 if to > at else -1)}")
        appears(next_one.get_by_role("button", name=EVENTS["assigned"]), SLOW / 9)
    raise AssertionError(f"the card of {text} did not open; open and wanted: {places}")


def test_a_statement_is_found_and_an_answer_is_not_needed_by_keyboard(served):
    """s opens the form for a statement that is there already, n the one for no answer, with its reason."""
    with desk(served, DUTY) as (duty, _):
        walk_to(duty, FIRST)
        reason = duty.get_by_text(DECLINE_REASONS["no_need"])
        press_until(duty, "n", reason)
        reason.click()
        save(duty, "declined")
        walk_to(duty, SECOND)
        issuer = duty.get_by_label(FORMS["issuer"], exact=True)
        press_until(duty, "s", issuer)
        issuer.fill("都匀市交通运输局")
        duty.get_by_label(FORMS["url"], exact=True).fill("https://gov.example/lights")
        save(duty, "cited")
    found = "select kind from ledger_events where kind in ('cited', 'declined') order by recorded_at"
    wait_for(served, found, ["declined", "cited"])
