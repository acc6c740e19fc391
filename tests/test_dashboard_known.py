import pytest
from pages_app import page_of, words

pytestmark = pytest.mark.usefixtures("at_home")


def test_a_claim_shows_the_known_rumor_it_varies_and_what_its_score_rests_on():
    app = page_of("claim", claim="c-water")
    shown = words(app)
    assert "福泉自来水被污染喝了中毒" in shown
    assert "当时结论：不属实（福泉市水务局" in shown
    assert "疑似分的依据（待核实）" in shown
    assert "30 条回复中 12 条在求证" in shown
    assert "疑似 92%，其中只看文字 62%" in shown
    assert "62% → " in shown


def test_a_claim_of_which_nothing_is_known_shows_neither():
    app = page_of("claim", claim="c-road")
    shown = words(app)
    assert "当时结论" not in shown
    assert "疑似分的依据" not in shown
