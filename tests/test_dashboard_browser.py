"""The pages in a real browser: on a phone, on the wall, and news on an open page without a reload."""

import shutil

import pytest
from dashboard_home import served_home
from pages_app import served_pages, settled

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="Chromium is not installed")


@pytest.fixture(scope="module")
def pages(tmp_path_factory):
    with served_home(tmp_path_factory.mktemp("home")) as home, served_pages(home) as url:
        yield home, url


@pytest.fixture(scope="module")
def browser():
    playwright = pytest.importorskip("playwright.sync_api")
    with playwright.sync_playwright() as started:
        opened = started.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield opened
        opened.close()


def opened(browser, address, width=390, height=844):
    page = browser.new_context(viewport={"width": width, "height": height}).new_page()
    page.set_default_timeout(90_000)
    page.goto(address)
    settled(page)
    return page


@pytest.mark.parametrize("name", ["today", "situation"])
def test_a_page_is_not_wider_than_a_phone_or_shows_an_exception(pages, browser, name):
    page = opened(browser, f"{pages[1]}/{'' if name == 'today' else name}")
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    assert page.locator('[data-testid="stException"]').count() == 0
    page.context.close()


def test_key_figures_stand_two_beside_each_other_on_a_phone(pages, browser):
    page = opened(browser, pages[1])
    boxes = page.locator('[data-testid="stMetric"]')
    first, second = boxes.nth(0).bounding_box(), boxes.nth(1).bounding_box()
    assert first["y"] == second["y"]
    page.context.close()


def test_the_wall_fills_the_screen_and_its_figures_are_large(pages, browser):
    page = opened(browser, f"{pages[1]}/wall", 1920, 1080)
    assert not page.locator('[data-testid="stSidebar"]').is_visible()
    size = page.locator('[data-testid="stMetricValue"]').first.evaluate("e => getComputedStyle(e).fontSize")
    assert float(size.removesuffix("px")) >= 64
    page.context.close()


def test_script_tags_and_bidi_controls_of_a_post_are_text(pages, browser):
    page = opened(browser, f"{pages[1]}/posts?span=168&words=script", 1280, 900)
    page.get_by_text("<script>alert(1)</script>").first.wait_for()
    assert page.evaluate("[...document.scripts].every(s => !s.textContent.includes('alert(1)'))")
    assert "\u202e" not in page.inner_text("body")
    page.context.close()


def test_what_is_recorded_elsewhere_comes_onto_the_open_page_without_a_reload(pages, browser):
    from pipeline.client import StoreClient
    from pipeline.config import Home, Secrets
    from pipeline.processes import serving_address

    home = Home(root=pages[0])
    page = opened(browser, f"{pages[1]}/noise", 1280, 900)
    page.get_by_role("button", name="不是噪声").wait_for()
    with StoreClient.connect(
        serving_address(home), Secrets.load(home).writer_token, home.extensions
    ) as store:
        event = {"event_id": "e", "claim_id": "c-advert", "kind": "released", "actor": "王芳", "body": "{}"}
        store.append("claim_events", {**event, "recorded_at": "2026-05-01T00:00:00+00:00"})
    page.get_by_text("已放回").wait_for()  # how soon is the benchmark's to say
    page.context.close()
