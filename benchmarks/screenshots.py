"""Pictures of every page of a running dashboard, for a desk and a phone, light and dark.

    python -m benchmarks.screenshots http://127.0.0.1:8501 --output docs/screenshots

A page that shows an error ends the run with its name: a picture of an error is no picture for a README.
"""

from __future__ import annotations

import argparse
import shutil
import sys
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright

SIZES = {"desk": (1440, 900), "phone": (390, 844)}
LANDING = "today"
VIEWS = Path(__file__).parent.parent / "dashboard" / "views"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("url")
    parser.add_argument("--output", type=Path, required=True)
    parser.add_argument("--pages", nargs="+", default=sorted(file.stem for file in VIEWS.glob("[a-z]*.py")))
    parser.add_argument("--sizes", nargs="+", default=list(SIZES), choices=list(SIZES))
    parser.add_argument("--schemes", nargs="+", default=["light", "dark"])
    parser.add_argument("--claim", default="", help="a claim to open on the page of one claim")
    given = parser.parse_args()
    given.output.mkdir(parents=True, exist_ok=True)
    with sync_playwright() as playwright:
        chromium = shutil.which("chromium") or shutil.which("chromium-browser")
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        wrong = [
            f"{page} {size} {scheme}"
            for size in given.sizes
            for scheme in given.schemes
            for page in given.pages
            if not picture(browser, given, page, size, scheme)
        ]
        browser.close()
    sys.exit(f"errors on: {', '.join(wrong)}" if wrong else 0)


def picture(browser: Browser, given: argparse.Namespace, name: str, size: str, scheme: str) -> bool:
    width, height = SIZES[size]
    context = browser.new_context(
        viewport={"width": width, "height": height},
        color_scheme=scheme,
        locale="zh-CN",
        is_mobile=size == "phone",
    )
    page = context.new_page()
    claim = f"?claim={given.claim}" if name == "claim" and given.claim else ""
    page.goto(f"{given.url}/{'' if name == LANDING else name}{claim}")
    settle(page)
    if size == "phone" and name != "wall":
        page.keyboard.press("Escape")
    page.screenshot(path=given.output / f"{name}-{size}-{scheme}.png")
    fine = page.locator('[data-testid="stException"]').count() == 0
    context.close()
    return fine


def settle(page: Page) -> None:
    page.locator('[data-testid="stApp"][data-test-script-state="notRunning"]').wait_for(timeout=120_000)
    shown = page.locator('[data-testid="stMain"] [data-testid="stVerticalBlock"] > *')
    shown.filter(visible=True).first.wait_for()
    page.wait_for_timeout(1500)  # charts are drawn after the page says that it is ready


if __name__ == "__main__":
    main()
