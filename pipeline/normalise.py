"""Texts as people post them come in; a clean text to keep, and a folded one for matching only, go out."""

from __future__ import annotations

import html
import re
import unicodedata
from functools import cache, lru_cache

from opencc import OpenCC

LONGEST_TEXT = 200_000  # characters; a longer text is cut, and its own last words say so
LONGEST_INPUT = 5 * LONGEST_TEXT  # read before markup is taken out

ELEMENTS = (
    "a|abbr|address|article|aside|audio|b|blockquote|body|br|button|canvas|center|cite|code|dd|del|details|div|dl|"
    "dt|em|embed|fieldset|figcaption|figure|font|footer|form|h[1-6]|head|header|hr|html|i|iframe|img|input|ins|kbd|"
    "label|li|link|main|mark|marquee|meta|nav|noscript|object|ol|option|p|param|path|picture|pre|q|s|samp|script|"
    "section|select|small|source|span|strike|strong|style|sub|summary|sup|svg|table|tbody|td|textarea|tfoot|th|"
    "thead|time|title|tr|tt|u|ul|use|var|video|wbr|o:p"
)
TAG = re.compile(rf"</?(?:{ELEMENTS})(?:\s[^<>]*|/)?>", re.IGNORECASE)
BREAK = re.compile(r"<(?:br|hr|/p|/div|/li|/tr|/h[1-6]|/blockquote)\s*/?>", re.IGNORECASE)
# Elements whose content is not words of the post.
HIDDEN = (("<!--", "-->"), ("<script", "</script>"), ("<style", "</style>"))
# With their semicolon only: "?a=1&copy=2" is an address, not a copyright sign.
ENTITY = re.compile(r"&(?:#\d{1,7}|#[xX][0-9a-fA-F]{1,6}|[a-zA-Z][a-zA-Z0-9]{1,30});")
MARKUP = re.compile("[<&]")
# Soft hyphen, zero-width, bidirectional and other format characters. The joiner U+200D and the variation
# selectors stay, because emoji are made of them.
INVISIBLE = re.compile(
    r"[\u00ad\u061c\u180e\u200b\u200c\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb]"
)
CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]")
SURROGATE = re.compile(r"[\ud800-\udfff]")
BLANKS = re.compile(r"[^\S\n]+")
LINES = re.compile(r" ?\n[ \n]*")

LINK = re.compile(r"https?://[\x21-\x7e]+|<链接>|网页链接")
MENTION = re.compile(r"@[\w·-]{1,30}(?=[\s::@/,,])|(?<=.)@[\w·-]{1,15}$", re.DOTALL)
EMOTICON = re.compile(r"\[[^\[\]\s]{1,6}\]")
NOT_A_WORD = re.compile(r"[\W_]+")

# Where NFKC changes only the shape of a character, never what a number or a word means: full- and half-width
# forms, radicals, compatibility ideographs, ligatures, mathematical letters. Not ①, ², ½ or ㎡.
SAFE_RANGES = (
    (0x2E80, 0x2FD5),
    (0xF900, 0xFB06),
    (0xFF10, 0xFF19),
    (0xFF21, 0xFF3A),
    (0xFF41, 0xFF5A),
    (0xFF66, 0xFF9F),
    (0x1D400, 0x1D7FF),
    (0x2F800, 0x2FA1D),
)


def clean(text: str) -> str:
    """Return a text fit to keep: no markup, no invisible or control characters, shapes of letters folded.

    Chinese punctuation stays full-width, because it is correct; only letters, digits and compatibility
    characters are normalised (NFKC, Unicode annex 15). A lone surrogate becomes U+FFFD. A text longer
    than 200,000 characters is cut, and ends in a note that says how long it was.
    """
    length = len(text)
    if length < LONGEST_TEXT and text.isascii() and text.isprintable() and not MARKUP.search(text):
        return BLANKS.sub(" ", text).strip()
    text = SURROGATE.sub("\ufffd", text[:LONGEST_INPUT].replace("\r\n", "\n").replace("\r", "\n"))
    text = _without_markup(text)
    if not text.isascii():
        text = INVISIBLE.sub("", text).translate(_folds())
    text = LINES.sub("\n", BLANKS.sub(" ", CONTROL.sub("", text))).strip()
    if len(text) > LONGEST_TEXT or length > LONGEST_INPUT:
        return f"{text[:LONGEST_TEXT]}……〔原文共 {length} 字,已截断〕"
    return text


def simplify(text: str) -> str:
    """Return a text in simplified characters (OpenCC's ``t2s``), for matching only."""
    if _traditional().isdisjoint(text):
        return text
    converted: str = _converter().convert(text)
    return converted


@lru_cache(maxsize=64)  # a post's text is folded by several stages, one right after the other
def match_text(text: str) -> str:
    """Return a text folded for matching: simplified, lower case, NFKC, words only.

    Links, @mentions, [emoticons], punctuation, spaces and emoji are left out; a post of emoji alone
    gives an empty string.
    """
    text = EMOTICON.sub("", MENTION.sub("", LINK.sub("", text)))
    if not text.isascii():
        text = unicodedata.normalize("NFKC", simplify(text))
    return NOT_A_WORD.sub("", text.lower())


def _without_markup(text: str) -> str:
    if "&" in text:
        text = ENTITY.sub(_character, text)
    if "<" not in text:
        return text
    for opening, closing in HIDDEN:
        text = _cut_between(text, opening, closing)
    return TAG.sub("", BREAK.sub("\n", text))


def _character(entity: re.Match[str]) -> str:
    return SURROGATE.sub("\ufffd", html.unescape(entity.group()))


def _cut_between(text: str, opening: str, closing: str) -> str:
    """Cut every ``opening … closing``; one that is never closed stays, so that nothing of a post is lost."""
    lower = text.lower() if not text.islower() else text
    if opening not in lower or len(lower) != len(text):
        return text
    parts, done = [], 0
    while (start := lower.find(opening, done)) != -1:
        end = lower.find(closing, start)
        if end == -1:
            break
        parts.append(text[done:start])
        done = end + len(closing)
    return "".join((*parts, text[done:]))


@cache
def _folds() -> dict[int, str]:
    """Return the characters that ``clean`` folds; 20 ms, once a process."""
    folds = {0x3000: " ", 0xA0: " "}
    for first, last in SAFE_RANGES:
        for code in range(first, last + 1):
            folded = unicodedata.normalize("NFKC", chr(code))
            if folded != chr(code):
                folds[code] = folded
    return folds


@cache
def _converter() -> OpenCC:
    return OpenCC("t2s")


@cache
def _traditional() -> frozenset[str]:
    """Return the characters that OpenCC would change, so that a simplified text need not be converted."""
    every = "".join(map(chr, (*range(0x3400, 0x4DC0), *range(0x4E00, 0xA000))))
    converted = "\n".join(every)
    pairs = zip(every, _converter().convert(converted).split("\n"), strict=True)
    return frozenset(old for old, new in pairs if old != new)
