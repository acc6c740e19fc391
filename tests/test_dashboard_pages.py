import os
from pathlib import Path

import pytest
from dashboard_home import served_home
from streamlit import config
from streamlit.testing.v1 import AppTest

import dashboard
from dashboard import wording

APP = str(Path(dashboard.__file__).with_name("app.py"))
PAGES = sorted(file.stem for file in Path(APP).parent.joinpath("views").glob("*.py"))


@pytest.fixture(scope="module")
def served(tmp_path_factory):
    with served_home(tmp_path_factory.mktemp("home"), more_claims=12) as root:
        yield root


@pytest.fixture(autouse=True)
def on_loopback():
    before = config.get_option("server.address")
    config.set_option("server.address", "127.0.0.1")
    yield
    config.set_option("server.address", before)


@pytest.fixture
def app(served, monkeypatch):
    monkeypatch.setenv("HUIYING_HOME", str(served))
    return AppTest.from_file(APP, default_timeout=60)


def visit(app: AppTest, page: str, **params: str) -> AppTest:
    for name, value in params.items():
        app.query_params[name] = value
    app.run()
    if page != "today":
        app.switch_page(f"views/{page}.py").run()
    assert not app.exception, app.exception[0].value
    return app


def words(app: AppTest) -> str:
    kinds = ("title", "subheader", "markdown", "caption", "text", "error", "warning", "info", "success")
    return "\n".join(str(element.value) for kind in kinds for element in getattr(app, kind))


@pytest.mark.parametrize("page", PAGES)
def test_every_page_opens_with_its_title_and_without_an_error(app, page):
    visit(app, page)
    assert app.title[0].value.startswith(wording.PAGES[page])
    assert not app.error


@pytest.mark.parametrize("page", PAGES)
def test_every_page_says_what_to_do_when_nothing_runs(tmp_path, monkeypatch, page):
    monkeypatch.setenv("HUIYING_HOME", str(tmp_path))
    app = AppTest.from_file(APP, default_timeout=60)
    visit(app, page)
    assert wording.DOWN["title"] in words(app) or page == "system"
    assert not app.error
    assert os.environ["HUIYING_HOME"] == str(tmp_path)
