import csv
from pathlib import Path

import pytest

from pipeline.config import ConfigError, region_path
from pipeline.places import Region


@pytest.fixture(scope="module")
def qiannan():
    return Region.load(region_path("qiannan"))


def test_the_region_has_its_twelve_counties_on_tiles_of_their_own(qiannan):
    assert len(qiannan.counties) == 12
    assert len({county.tile for county in qiannan.counties}) == 12


@pytest.mark.parametrize(
    ("text", "counties"),
    [
        ("独山县城停水", ("独山县",)),
        ("獨山縣城停水", ("独山县",)),
        ("从都匀到瓮安的高速封了", ("都匀市", "瓮安县")),
        ("三都县城堵车", ("三都水族自治县",)),
        ("三都是水族自治县", ("三都水族自治县",)),
        ("长顺县停电,长顺叔说的", ("长顺县",)),
        ("往长顺方向堵车", ("长顺县",)),
        ("龙里大草原", ("龙里县",)),
        ("小七孔景区门票", ("荔波县",)),
        ("中国天眼附近着火", ("平塘县",)),
        ("黔南州人民医院排队", ("都匀市",)),
        ("草塘古镇", ("瓮安县",)),
        ("边阳镇赶场", ("罗甸县",)),
    ],
)
def test_a_county_is_found_by_its_names_and_places(qiannan, text, counties):
    assert qiannan.places_of(text) == counties


@pytest.mark.parametrize(
    "text",
    [
        "独山子区下雪了",
        "孤独山峰",
        "宁德三都澳的大黄鱼",
        "这三都不行",
        "刘长顺是我邻居",
        "成都长顺上街",
        "接龙里程表",
        "龙里程数不对",
        "优惠水价今天起执行",
        "手机太贵定金不退",
        "富贵定律",
        "幸福泉水",
        "现代化建设",
        "上天眼查一下",
        "停水各位注意",
        "沿山路走",
        "患者密切接触了三人",
        "糖都匀不开",
        "科三都是第一个考",
        "郑州人民医院",
        "路边阳台",
        "螺蛳壳里做道场",
        "造福泉塘西片区",
        "新浪天眼直播",
        "今天真热",
    ],
)
def test_a_name_that_means_something_else_is_not_a_county(qiannan, text):
    assert qiannan.places_of(text) == ()


def test_a_text_without_a_place_is_where_its_source_is(qiannan):
    assert qiannan.places_of("停水了", "都匀") == ("都匀市",)
    assert qiannan.places_of("瓮安停水了", "都匀") == ("瓮安县",)


GOOD = """prefecture = "云中市"
[[county]]
name = "河口县"
aliases = ["河口"]
tile = [0, 0]
[[context]]
alias = "河口"
not_if_followed_by = ["瑶族"]
"""


def write(tmp_path, text):
    path = tmp_path / "region.toml"
    path.write_text(text, "utf-8")
    return path


def test_another_prefecture_is_another_file(tmp_path):
    region = Region.load(write(tmp_path, GOOD))
    assert region.places_of("河口停水") == ("河口县",)
    assert region.places_of("河口瑶族自治县停水") == ()


@pytest.mark.parametrize(
    ("old", "new", "named"),
    [
        ('prefecture = "云中市"', "", "prefecture"),
        ('aliases = ["河口"]', 'alias = ["河口"]', "alias"),
        ('aliases = ["河口"]', 'aliases = "河口"', "aliases"),
        ("tile = [0, 0]", "tile = [0]", "tile"),
        ("[[context]]", '[[county]]\nname = "山阴县"\ntile = [0, 0]\n[[context]]', "share tile"),
        ("[[context]]", '[[county]]\nname = "山阴县"\naliases=["河口"]\ntile = [1, 0]\n[[context]]', "河口"),
        ('alias = "河口"\nnot', 'alias = "河头"\nnot', "河头"),
        ("[[context]]", "colour = 1\n[[context]]", "colour"),
        ("[[county]]", "[county", "TOML"),
    ],
)
def test_a_region_that_contradicts_itself_is_refused_by_name(tmp_path, old, new, named):
    with pytest.raises(ConfigError, match=named):
        Region.load(write(tmp_path, GOOD.replace(old, new, 1)))


def test_every_county_and_township_of_the_gazetteer_is_found(qiannan):
    path = Path(__file__).resolve().parents[2] / "shared/data/gazetteer/qiannan_places.csv"
    if not path.exists():
        pytest.skip("the shared gazetteer is not beside this checkout")
    with path.open(encoding="utf-8") as file:
        rows = [row for row in csv.DictReader(file) if row["level"] != "prefecture"]
    assert {row["name"]: qiannan.places_of(row["name"]) for row in rows} == {
        row["name"]: (row["county"],) for row in rows
    }
