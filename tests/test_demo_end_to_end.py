"""``huiying demo`` as a newcomer runs it: the planted rumor is found in the queue through a real browser."""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import sys
import threading

import pytest

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
PLANTED = ("水厂", "投毒", "停水三天")
START = "from pipeline.cli import main; main()"
READY = re.compile(r"http://127\.0\.0\.1:\d+")


@pytest.fixture
def demo(tmp_path):
    process = subprocess.Popen(
        [sys.executable, "-c", START, "demo", "--port", "0", "--speed", "6"],
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
        env={**os.environ, "HUIYING_HOME": str(tmp_path / "demo"), "PYTHONUNBUFFERED": "1"},
    )  # fmt: skip
    found: list[str] = []
    ready = threading.Event()

    def read():
        for line in process.stdout:
            match = READY.search(line)
            if match:
                found.append(match.group())
                ready.set()
        ready.set()

    threading.Thread(target=read, daemon=True).start()
    try:
        assert ready.wait(150), "the demo did not say that it is ready"
        assert found, "the demo ended before it was ready"
        yield found[0]
    finally:
        process.send_signal(signal.SIGINT)
        assert process.wait(60) == 0


@pytest.mark.browser
@pytest.mark.timeout(600)
@pytest.mark.skipif(CHROMIUM is None, reason="Chromium is not installed")
def test_a_planted_rumor_reaches_the_queue_and_every_page_opens(demo):
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        page = browser.new_page(viewport={"width": 1440, "height": 1000})
        page.goto(demo)
        page.wait_for_function(
            "words => words.some(word => document.body.innerText.includes(word))",
            arg=list(PLANTED),
            timeout=300_000,
        )
        links = page.locator("[data-testid=stSidebarNavLink]")
        for place in range(links.count()):
            links.nth(place).click()
            page.wait_for_selector("h1", timeout=60_000)
            page.wait_for_function(
                "() => !document.querySelector('[data-testid=stSkeleton]')", timeout=60_000
            )
            assert page.locator("[data-testid=stException]").count() == 0, links.nth(place).inner_text()
        browser.close()
