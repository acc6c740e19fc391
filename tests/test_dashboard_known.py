import pytest
from dashboard_home import served_home
from pages_app import APP, visit, words
from streamlit import config
from streamlit.testing.v1 import AppTest


@pytest.fixture(scope="module")
def served(tmp_path_factory):
    with served_home(tmp_path_factory.mktemp("home")) as root:
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


def test_a_claim_shows_the_known_rumor_it_varies_and_what_its_score_rests_on(app):
    visit(app, "claim", claim="c-water")
    shown = words(app)
    assert "福泉自来水被污染喝了中毒" in shown
    assert "当时结论：不属实（福泉市水务局" in shown
    assert "疑似分的依据（待核实）" in shown
    assert "30 条回复中 12 条在求证" in shown
    assert "疑似 92%，其中只看文字 62%" in shown
    assert "62% → " in shown


def test_a_claim_of_which_nothing_is_known_shows_neither(app):
    visit(app, "claim", claim="c-road")
    shown = words(app)
    assert "当时结论" not in shown
    assert "疑似分的依据" not in shown
