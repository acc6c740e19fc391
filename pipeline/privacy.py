"""Personal data in texts and names: a text or a name comes in, a masked text or a keyed hash goes out.

Masking happens once, on the way in; the store never sees what was masked. The rules follow the forms
that Chinese posts use: mobile and landline numbers, resident identity numbers (GB 11643-1999 and the
older 15 digits), bank cards (Luhn, ISO/IEC 7812-1), number plates (GA 36-2018), e-mail addresses, and
QQ or WeChat accounts after such words. Digits may be full-width, circled or Chinese numerals, with
spaces, dots or dashes between them.
"""

from __future__ import annotations

import hashlib
import hmac
import re
from collections.abc import Callable

Put = Callable[[re.Match[str]], str]

PHONE = "<电话>"
IDENTITY = "<身份证号>"
CARD = "<卡号>"
PLATE = "<车牌>"
EMAIL = "<邮箱>"
ACCOUNT = "<账号>"

SHORTEST_KEY = 16  # bytes
SHORTEST = 6  # characters; nothing personal is shorter than a@b.cn

# Separators that people put inside numbers.
GAP = r"[ \t\-—–_.·*]{0,2}"
# A long number before one of these is money or a statistic, not a telephone.
UNIT = r"(?!\s{0,2}(?:元|块|万|亿|人|例|吨|%|公里|平方|立方|千瓦|度|件|个|条|次|票|株|亩))"
MONTH_DAY = r"(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])"
PROVINCE = r"(?:1[1-5]|2[1-3]|3[1-7]|4[1-6]|5[0-4]|6[1-5]|71|8[1-3])"
NUMERALS = "〇零一二三四五六七八九幺"

EMAIL_PATTERN = re.compile(
    r"(?<![A-Za-z0-9._%+-])[A-Za-z0-9._%+-]{1,64}(?:@|#at#|\[at\])[A-Za-z0-9-]{1,63}(?:\.[A-Za-z0-9-]{1,63}){1,4}",
    re.IGNORECASE,
)
IDENTITY_PATTERN = re.compile(
    rf"(?<!\d){PROVINCE}\d{{4}}{GAP}(?:18|19|20)\d{{2}}{GAP}{MONTH_DAY}{GAP}\d{{3}}[\dXx](?![\dA-Za-z])"
)
OLD_IDENTITY_PATTERN = re.compile(rf"(?<!\d){PROVINCE}\d{{4}}\d{{2}}{MONTH_DAY}\d{{3}}(?!\d)")
MOBILE_PATTERN = re.compile(
    rf"(?<!\d)(?<!\d\.)(?:(?:\+|00)?86{GAP})?1[3-9]\d{GAP}\d{{4}}{GAP}\d{{4}}(?!\d|\.\d){UNIT}"
)
SPACED_MOBILE_PATTERN = re.compile(rf"(?<!\d)1[ \-]?[3-9](?:[ \-]?\d){{9}}(?!\d|\.\d){UNIT}")
SPOKEN_MOBILE_PATTERN = re.compile(rf"[一幺][三四五六七八九][ ]?(?:[{NUMERALS}][ ]?){{8}}[{NUMERALS}]")
LANDLINE_PATTERN = re.compile(rf"(?<!\d)[((]?0(?:10|2\d|[3-9]\d{{2}})[))]?{GAP}[2-9]\d{{6,7}}(?!\d){UNIT}")
CALLED_PATTERN = re.compile(
    r"((?:电话|手机|座机|联系方式|联系人|致电|拨打|来电)[号码是为:: ]{0,4})[2-9]\d{6,7}(?!\d)"
)
CARD_PATTERN = re.compile(r"(?<!\d)[3-69](?:\d{12,18}|\d{3}(?:[ \-]\d{4}){2,3}(?:[ \-]\d{1,4})?)(?!\d)")
PLATE_PATTERN = re.compile(
    r"[京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼][ ]?[A-HJ-NP-Za-hj-np-z][·•.\- ]?"
    r"(?:[DFdf][A-HJ-NP-Za-hj-np-z0-9]\d{4}|\d{5}[DFdf]"
    r"|(?=[A-Za-z]{0,4}\d)[A-HJ-NP-Za-hj-np-z0-9]{4}[A-HJ-NP-Za-hj-np-z0-9挂学警港澳])(?![A-Za-z0-9])"
)
ACCOUNT_PATTERN = re.compile(
    r"((?:微信|薇信|威信|徽信|[加+➕]?(?<![A-Za-z])(?:vx|wx|weixin|wechat)|扣扣|企鹅|(?<![A-Za-z])qq)"
    r"(?:号码|群号|号|群)?[\s::是为同]{0,3})([A-Za-z][A-Za-z0-9_\-]{5,19}|[1-9]\d{4,10})(?![A-Za-z0-9_])",
    re.IGNORECASE,
)


def _digit_shapes() -> dict[int, str]:
    """Return one ASCII digit for each full-width, circled, superscript or mathematical digit."""
    shapes = {0xFF10 + value: str(value) for value in range(10)}
    shapes |= {0x2460 + value - 1: str(value) for value in range(1, 10)} | {0x24EA: "0"}
    shapes |= {0x2776 + value - 1: str(value) for value in range(1, 10)}
    shapes |= {0x1D7CE + offset: str(offset % 10) for offset in range(50)}
    letters = {0xFF21 + n: chr(65 + n) for n in range(26)} | {0xFF41 + n: chr(97 + n) for n in range(26)}
    return shapes | letters | {0xFF0D: "-", 0xFF20: "@", 0xFF0E: ".", 0x3000: " ", 0xA0: " "}


SHAPES = _digit_shapes()


def mask(text: str) -> str:
    """Replace personal numbers and addresses in a text by what kind they were, such as ``<电话>``.

    Short public numbers (110, 12345, 400 numbers), years, prices and case counts stay. What is not
    masked is returned exactly as it came.
    """
    if len(text) < SHORTEST:
        return text
    shadow = _plain_digits(text)
    for gate, pattern, put in RULES:
        if gate.search(shadow):
            masked = _replace(pattern, put, shadow, text)
            if masked is not text:
                text, shadow = masked, _plain_digits(masked)
    return text


def hash_author(name: str, key: bytes) -> str:
    """Return the keyed hash of an author's name: 32 hex digits of HMAC-SHA256 (RFC 2104).

    Used only to count distinct voices; without the key, which is kept outside the database, it says
    nothing.

    Raises:
        ValueError: the key is shorter than 16 bytes.
    """
    if len(key) < SHORTEST_KEY:
        raise ValueError(f"the author key must have at least {SHORTEST_KEY} bytes, got {len(key)}")
    return hmac.new(key, name.strip().encode("utf-8", "replace"), hashlib.sha256).hexdigest()[:32]


def _plain_digits(text: str) -> str:
    return text if text.isascii() else text.translate(SHAPES)


def _replace(pattern: re.Pattern[str], put: Put, shadow: str, text: str) -> str:
    """Match on ``shadow``, the text with its digits made plain, one character for one; cut in the text."""
    parts: list[str] = []
    done = 0
    for match in pattern.finditer(shadow):
        new = put(match)
        if new != match.group():
            parts += (text[done : match.start()], new)
            done = match.end()
    return "".join((*parts, text[done:])) if parts else text


def _always(word: str) -> Put:
    return lambda match: word


def _after_its_word(word: str) -> Put:
    return lambda match: match.group(1) + word


def _card(match: re.Match[str]) -> str:
    digits = re.sub(r"\D", "", match.group())
    return CARD if 13 <= len(digits) <= 19 and passes_luhn(digits) else match.group()


def passes_luhn(digits: str) -> bool:
    """Tell whether a digit string ends in its Luhn check digit (ISO/IEC 7812-1 annex B)."""
    total = 0
    for place, digit in enumerate(reversed(digits)):
        value = int(digit) * (2 if place % 2 else 1)
        total += value - 9 if value > 9 else value
    return total % 10 == 0


# What a rule needs somewhere in a text before it is worth trying: most posts have none of it, and are
# passed in 15 µs instead of 170.
AT = re.compile(r"@|#at#|\[at\]", re.IGNORECASE)
NUMBER = re.compile(r"\d{3}|\d[ \-]\d")
SPOKEN = re.compile("[一幺][三四五六七八九]")
LETTER = re.compile(r"[A-Za-z][ ·•.\-]?[A-Za-z0-9]")
NAME = re.compile(r"[A-Za-z0-9_\-]{5}")

# Longer numbers first, so that no part of one is taken for a shorter kind.
RULES: tuple[tuple[re.Pattern[str], re.Pattern[str], Put], ...] = (
    (AT, EMAIL_PATTERN, _always(EMAIL)),
    (NUMBER, IDENTITY_PATTERN, _always(IDENTITY)),
    (NUMBER, CARD_PATTERN, _card),
    (NUMBER, MOBILE_PATTERN, _always(PHONE)),
    (NUMBER, SPACED_MOBILE_PATTERN, _always(PHONE)),
    (SPOKEN, SPOKEN_MOBILE_PATTERN, _always(PHONE)),
    (NUMBER, LANDLINE_PATTERN, _always(PHONE)),
    (NUMBER, CALLED_PATTERN, _after_its_word(PHONE)),
    (NUMBER, OLD_IDENTITY_PATTERN, _always(IDENTITY)),
    (LETTER, PLATE_PATTERN, _always(PLATE)),
    (NAME, ACCOUNT_PATTERN, _after_its_word(ACCOUNT)),
)
