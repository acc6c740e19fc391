import os

import pytest
from dashboard_home import served_home
from pages_app import APP, PAGES, visit, words
from streamlit.testing.v1 import AppTest

from dashboard import people, wording
from pipeline.roles import Role, User

pytestmark = pytest.mark.usefixtures("on_loopback")
LIBO = frozenset({"荔波县"})


@pytest.fixture(scope="module")
def served(tmp_path_factory):
    with served_home(tmp_path_factory.mktemp("home"), more_claims=12) as root:
        yield root


@pytest.fixture
def app(served, monkeypatch):
    monkeypatch.setenv("HUIYING_HOME", str(served))
    return AppTest.from_file(APP, default_timeout=60)


@pytest.mark.parametrize("page", PAGES)
def test_every_page_opens_with_its_title_and_without_an_error(app, page):
    visit(app, page)
    assert app.title[0].value.startswith(wording.PAGES[page])
    assert not app.error


@pytest.mark.parametrize("page", PAGES)
def test_every_figure_says_on_hover_what_it_counts(app, page):
    visit(app, page)
    assert [figure.label for figure in app.metric if not figure.proto.help] == []


# What they show first needs no store: the machine itself, a file to tag, a form to fill in.
WORKS_ALONE = {"system", "labels", "reports"}


@pytest.mark.parametrize("page", PAGES)
def test_every_page_says_what_to_do_when_nothing_runs(tmp_path, monkeypatch, page):
    monkeypatch.setenv("HUIYING_HOME", str(tmp_path))
    app = AppTest.from_file(APP, default_timeout=60)
    visit(app, page)
    assert wording.DOWN["title"] in words(app) or page in WORKS_ALONE
    assert not app.error
    assert os.environ["HUIYING_HOME"] == str(tmp_path)


@pytest.mark.parametrize("role", list(Role))
@pytest.mark.parametrize("page", PAGES)
def test_every_page_opens_for_every_role_and_keeps_another_county_out(app, monkeypatch, page, role):
    user = User(name="荔波", roles=frozenset({role}), counties=LIBO)
    monkeypatch.setattr(people, "current", lambda: user)
    visit(app, page)
    shown = words(app)
    assert not app.error
    for foreign in ("二水厂", "红绿灯", "体育馆"):
        assert foreign not in shown
