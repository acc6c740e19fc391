"""A file's way through a real browser: chosen, tagged, downloaded; then a post judged with one key."""

import csv
import re
from pathlib import Path

import pytest
from pages_app import CHROMIUM, press_until, settled

from dashboard import wording_batch

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


@pytest.fixture
def page(browser):
    opened = browser.new_page(accept_downloads=True)
    opened.set_default_timeout(120_000)
    yield opened
    opened.close()


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


def test_a_key_gives_a_label_and_goes_on(address, page):
    page.goto(f"{address}/labels?part=correct")
    page.get_by_text(CORRECT["keys"]).wait_for()
    press_until(page, "2", page.get_by_text(re.compile(r"本次已标 [1-9]")))
    press_until(page, "k", page.get_by_text(CORRECT["yours"].format(label="求助")))


def test_a_file_of_two_gigabytes_is_refused_before_it_is_sent_and_the_limit_is_said(address, page, tmp_path):
    path = tmp_path / "大.csv"
    with path.open("wb") as file:
        file.truncate(2 * 2**30)  # sparse: no room is taken
    page.goto(f"{address}/labels")
    page.get_by_text("超过 500 MB 的不会上传").wait_for()
    page.locator("input[type=file]").set_input_files(str(path))
    page.get_by_test_id("stFileChip").wait_for()
    settled(page)
    said = "getComputedStyle(document.querySelector('[data-testid=stFileUploader]'), '::after').content"
    assert "没有上传" in page.evaluate(said)
    assert page.get_by_role("button", name=WORDS["start"]).count() == 0
