"""A file's way through a real browser: chosen, tagged, downloaded; then a post judged with one key."""

import csv
import re
import shutil
from pathlib import Path

import pytest
from dashboard_home import served_home
from pages_app import served_pages, settled

from dashboard import wording_batch

sync_api = pytest.importorskip("playwright.sync_api")
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(CHROMIUM is None, reason="Chromium is not installed"),
]
WORDS, CORRECT = wording_batch.BATCH, wording_batch.CORRECT
TEXTS = [
    "停水三天了没人管,求助",
    "请问明天社保大厅上班吗?",
    "=1+1 这是公式吗",
    "<script>document.title='x'</script> 路灯坏了",
]


@pytest.fixture(scope="module")
def address(tmp_path_factory):
    with served_home(tmp_path_factory.mktemp("home")) as home, served_pages(home) as url:
        yield url


@pytest.fixture
def page():
    with sync_api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        opened = browser.new_page(accept_downloads=True)
        opened.set_default_timeout(120_000)
        yield opened
        browser.close()


def test_a_gbk_file_is_uploaded_tagged_and_downloaded(address, page, tmp_path):
    path = tmp_path / "帖文.csv"
    with path.open("w", encoding="gb18030", newline="") as file:
        csv.writer(file).writerows([("编号", "正文"), *enumerate(TEXTS)])
    page.goto(f"{address}/labels")
    page.locator("input[type=file]").set_input_files(str(path))
    page.get_by_role("button", name=WORDS["start"]).click()
    page.get_by_text(WORDS["shares"], exact=True).wait_for()
    settled(page)
    assert page.title() != "x"
    with page.expect_download() as waiting:
        page.get_by_role("button", name=WORDS["download_csv"]).click()
    with Path(waiting.value.path()).open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [row["正文"] for row in rows] == [*TEXTS[:2], f"'{TEXTS[2]}", TEXTS[3]]
    assert rows[1]["need"] == "question"


def press(page, key, wanted):
    """Press a key until it has had its effect: a page listens a moment after it shows its buttons."""
    for _ in range(10):
        settled(page)
        page.keyboard.press(key)
        try:
            wanted.wait_for(timeout=10_000)
        except sync_api.TimeoutError:
            continue
        return
    wanted.wait_for()


def test_a_key_gives_a_label_and_goes_on(address, page):
    page.goto(f"{address}/labels?part=correct")
    page.get_by_text(CORRECT["keys"]).wait_for()
    press(page, "2", page.get_by_text(re.compile(r"本次已标 [1-9]")))
    press(page, "k", page.get_by_text(CORRECT["yours"].format(label="求助")))
