"""The pages in a real browser: on a phone, on the wall, and news on an open page without a reload."""

from datetime import UTC, datetime, timedelta

import pytest
from pages_app import CHROMIUM, opened, rows_when

from dashboard import wording, wording_alerts, wording_today
from pipeline.alert_links import token_of
from pipeline.client import StoreClient
from pipeline.config import Home, Secrets
from pipeline.processes import serving_address

pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="Chromium is not installed")


@pytest.mark.parametrize("name", ["today", "situation", "alerts", "claim?claim=c-dirty", "ledger"])
def test_a_page_is_not_wider_than_a_phone_or_shows_an_exception(address, browser, name):
    page = opened(browser, f"{address}/{'' if name == 'today' else name}")
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    assert page.locator('[data-testid="stException"]').count() == 0
    page.context.close()


def test_key_figures_stand_two_beside_each_other_on_a_phone(address, browser):
    page = opened(browser, address)
    boxes = page.locator('[data-testid="stMetric"]')
    first, second = boxes.nth(0).bounding_box(), boxes.nth(1).bounding_box()
    assert first["y"] == second["y"]
    page.context.close()


def test_the_wall_fills_the_screen_and_its_figures_are_large(address, browser):
    page = opened(browser, f"{address}/wall", 1920, 1080)
    assert not page.locator('[data-testid="stSidebar"]').is_visible()
    size = page.locator('[data-testid="stMetricValue"]').first.evaluate("e => getComputedStyle(e).fontSize")
    assert float(size.removesuffix("px")) >= 64
    page.context.close()


@pytest.mark.parametrize("name", ["nowhere", "没有的页", "today_"])
def test_an_address_of_no_page_is_answered_in_words(address, browser, name):
    page = opened(browser, f"{address}/{name}", 1280, 900)
    page.get_by_text(wording.NOWHERE["title"]).wait_for()
    assert page.get_by_role("dialog").count() == 0  # Streamlit's own, in English
    page.get_by_test_id("stMain").get_by_role("link", name=wording.PAGES["today"]).click()
    page.get_by_role("heading", name=wording_today.TODAY["title"]).wait_for()
    page.context.close()


def test_the_landing_page_is_found_by_its_name_with_its_filters(address, browser):
    page = opened(browser, f"{address}/today?question=unanswered", 1280, 900)
    page.get_by_role("heading", name=wording_today.TODAY["title"]).wait_for()
    page.wait_for_url("**/?question=unanswered")
    chosen = page.get_by_role("combobox", name=wording.FILTERS["question"])
    assert chosen.input_value() == wording_today.QUESTIONS["unanswered"]
    page.context.close()


def test_script_tags_and_bidi_controls_of_a_post_are_text(address, browser):
    page = opened(browser, f"{address}/posts?span=168&words=script", 1280, 900)
    page.get_by_text("<script>alert(1)</script>").first.wait_for()
    assert page.evaluate("[...document.scripts].every(s => !s.textContent.includes('alert(1)'))")
    assert "\u202e" not in page.inner_text("body")
    page.context.close()


def test_what_is_recorded_elsewhere_comes_onto_the_open_page_without_a_reload(served, address, browser):
    home = Home(root=served)
    page = opened(browser, f"{address}/noise", 1280, 900)
    page.get_by_role("button", name="不是噪声").wait_for()
    with StoreClient.connect(
        serving_address(home), Secrets.load(home).writer_token, home.extensions
    ) as store:
        event = {"event_id": "e", "claim_id": "c-advert", "kind": "released", "actor": "王芳", "body": "{}"}
        store.append("claim_events", {**event, "recorded_at": "2026-05-01T00:00:00+00:00"})
    page.get_by_text("已放回").wait_for()  # how soon is the benchmark's to say
    page.context.close()


def answers_to(root, alert, enough):
    sql = f"select kind, actor from alert_events where alert_id = '{alert}' order by recorded_at"
    return rows_when(root, sql, enough)


def test_an_alert_is_taken_up_on_a_phone(served, address, browser):
    page = opened(browser, f"{address}/alerts?alert=al-c-water")
    take = page.get_by_role("button", name=wording_alerts.HANDLED["acknowledged"], exact=True)
    box = take.bounding_box()
    assert box["x"] >= 0
    assert box["x"] + box["width"] <= 390
    take.click()
    page.get_by_text("接手：").first.wait_for()
    assert [row["kind"] for row in answers_to(served, "al-c-water", bool)] == ["acknowledged"]
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    page.context.close()


def test_the_link_of_a_message_takes_an_alert_up_on_a_phone_once_for_a_double_tap(served, address, browser):
    key = Secrets.load(Home(root=served)).link_key
    token = token_of(key, "al-c-school", "王芳", datetime.now(UTC) + timedelta(hours=1))
    page = opened(browser, f"{address}/alerts?ack={token}")
    page.get_by_role("button", name=wording_alerts.LINK["button"], exact=True).dblclick()
    page.get_by_text(wording_alerts.LINK["done"]).first.wait_for()
    assert answers_to(served, "al-c-school", bool) == [{"kind": "acknowledged", "actor": "王芳（消息链接）"}]
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    page.context.close()


def test_a_table_offers_no_export_of_its_own_that_would_write_formulas(address, browser):
    page = opened(browser, f"{address}/ledger", 1280, 900)
    table = page.get_by_test_id("stDataFrame").first
    table.hover()
    page.get_by_role("button", name="Search").first.wait_for()  # the table's own buttons are there
    assert not page.get_by_role("button", name="Download as CSV").first.is_visible()
    page.context.close()
