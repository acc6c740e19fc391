import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.privacy import CARD, EMAIL, IDENTITY, PHONE, PLATE, hash_author, mask, passes_luhn

FULL_WIDTH = "".join(chr(0xFF10 + int(digit)) for digit in "13800138000")


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("打13800138000找我", f"打{PHONE}找我"),
        ("138 0013 8000", PHONE),
        ("138-0013-8000", PHONE),
        ("1 3 8 0 0 1 3 8 0 0 0", PHONE),
        ("+86 13800138000", PHONE),
        (FULL_WIDTH, PHONE),
        ("一三八零零一三八零零零", PHONE),
        ("0854-8222222", PHONE),
        ("(0854)8222222", PHONE),
        ("电话:8222222", f"电话:{PHONE}"),
        ("522701199001011234", IDENTITY),
        ("52270119900101123x。", f"{IDENTITY}。"),
        ("522701 19900101 1234", IDENTITY),
        ("522701900101123", IDENTITY),
        ("4111 1111 1111 1111", CARD),
        ("卡号6222021234567890128", f"卡号{CARD}"),
        ("贵J12345撞了人", f"{PLATE}撞了人"),
        ("贵J·D12345", PLATE),
        ("贵j 1234a", PLATE),
        ("写信到 a.b@example.com", f"写信到 {EMAIL}"),
        ("微信:abc_123456", "微信:<账号>"),
        ("加QQ群123456789", "加QQ群<账号>"),
        ("vx hello2020", "vx <账号>"),
    ],
)
def test_personal_numbers_are_masked_in_every_usual_form(text, masked):
    assert mask(text) == masked


@pytest.mark.parametrize(
    "text",
    [
        "打12345或者110、119、120",
        "客服400-123-4567",
        "2025年1月2日15:30",
        "2025-01-02 03:04:05",
        "20250102030405678",
        "投资13800000000元",
        "每斤13.80元,共1399.00元",
        "新增13912345678.5亿",
        "今天确诊12例,累计1234567例",
        "微信支付12元",
        "G7521次列车",
        "贵州GDP 2.2万亿",
        "海拔1380米,面积26197平方公里",
    ],
)
def test_public_numbers_prices_years_and_counts_stay(text):
    assert mask(text) == text


def test_full_width_digits_that_are_not_personal_come_back_as_they_were():
    text = chr(0xFF11) + chr(0xFF12) + "号楼停水,电话13800138000"
    assert mask(text) == chr(0xFF11) + chr(0xFF12) + f"号楼停水,电话{PHONE}"


@given(st.text(max_size=300))
def test_masking_twice_is_masking_once(text):
    once = mask(text)
    assert mask(once) == once


@given(st.from_regex(r"1[3-9][0-9]{9}", fullmatch=True), st.sampled_from(["", " ", "-", "."]))
def test_no_mobile_number_survives(number, gap):
    written = gap.join((number[:3], number[3:7], number[7:]))
    assert number not in mask(f"联系我,{written}!").replace(gap, "")


@pytest.mark.parametrize("piece", ["a", "1", "13 ", "微信", "a@", "贵J", "一三", "0854-"])
def test_a_long_monotonous_text_is_read_to_its_end(piece):
    # A pattern that tries every start against every end would take hours here.
    mask(piece * 50_000)


def test_the_luhn_check_finds_a_changed_digit():
    assert passes_luhn("4111111111111111")
    assert not passes_luhn("4111111111111112")


def test_an_author_is_the_same_voice_under_one_key_and_nobody_under_another():
    key = b"k" * 32
    assert hash_author("张三 ", key) == hash_author("张三", key)
    assert hash_author("张三", key) != hash_author("张三", b"x" * 32)
    assert len(hash_author("张三", key)) == 32
    with pytest.raises(ValueError, match="16 bytes"):
        hash_author("张三", b"short")
