"""What a post does with its claim: denials that never say 谣言, questions, opinions."""

from __future__ import annotations

import pytest

from pipeline.records import Stance
from pipeline.stance import stance_of


@pytest.mark.parametrize(
    "text",
    [
        "没有的事", "都匀不封城,别听风就是雨", "我就住罗甸城头,水龙头好好的", "根本没停,瞎说",
        "官方辟谣:没有此事",
        "惠水供电局说电价没有调整", "三都端节照常举行", "哪有什么死人",
        "铁路部门回应:麻尾站正常办理客运", "盐多得很,关什么关",
    ],
)  # fmt: skip
def test_a_denial_needs_no_debunking_word(text: str) -> None:
    assert stance_of(text, None, None) is Stance.DENY


@pytest.mark.parametrize(
    "text", ["罗甸停水是真的假的?", "求辟谣", "是不是要封城哦", "有没有官方说法", "盘江桥跳河的救起来没有?"]
)
def test_asking_is_no_denial(text: str) -> None:
    assert stance_of(text, None, None) is Stance.QUERY


@pytest.mark.parametrize(
    "text", ["罗甸停水三天", "不是谣言,我家真停水了", "水已经恢复正常了", "打了无数电话都没人管"]
)
def test_telling_is_no_denial(text: str) -> None:
    assert stance_of(text, None, None) is Stance.SUPPORT


def test_an_official_word_never_supports() -> None:
    assert stance_of("罗甸县水务局发布检修公告", None, None, official=True) is Stance.COMMENT


def test_the_model_decides_replies_and_only_replies() -> None:
    assert stance_of("我昨天才从那里过", "deny", 0.9, reply=True) is Stance.DENY
    assert stance_of("我昨天才从那里过", "deny", 0.9) is Stance.SUPPORT
    assert stance_of("我昨天才从那里过", "deny", 0.3, reply=True) is Stance.SUPPORT
