"""What the models read: a post's text comes in, the same text with markup folded goes out, for training
and use alike.

Headlines in 【】, #topics#, links and account phrases tell who wrote a post rather than what it says; in
the public rumor sets they give the label away (see the data sheet), so no head ever sees them.
"""

from __future__ import annotations

import re
import unicodedata

from models.disguise import undisguised

LINK = re.compile(r"https?://\S+|<链接>|网页链接")
MENTION = re.compile(r"(?:回复)?@[\w·-]{1,30}[::]?|<用户>")
PLACEHOLDER = re.compile(r"<[^<>\s]{1,4}>")
MARKUP = re.compile(r"[【】#[\]\u200b-\u200f\ufeff]")
SOURCE_TAIL = re.compile(
    r"\((?:分享自|来自|via|转自)[^()]{0,30}\)|(?:某用户的微博视频|微博视频|秒拍视频|展开全文)"
)
SPACE = re.compile(r"\s+")
# Spaces and symbols put between Han characters to slip past filters: 停 水 三 天, 核*酸.
SPLIT_HAN = re.compile(r"(?<=[\u4e00-\u9fff])[\s*·._\-~^|/]{1,3}(?=[\u4e00-\u9fff])")
FORWARD = re.compile(r"//\s*@[^::\s]{1,30}\s*[::]")


def for_model(text: str) -> str:
    """Fold a text to what the models were trained on."""
    text = unicodedata.normalize("NFKC", text)
    newest, quoted = split_forward(text)
    text = f"{newest} {quoted}" if quoted else newest
    text = PLACEHOLDER.sub(" ", MENTION.sub(" ", LINK.sub(" ", SOURCE_TAIL.sub(" ", text))))
    text = SPACE.sub(" ", MARKUP.sub(" ", text)).strip()
    return undisguised(_join_split_han(text))


def split_forward(text: str) -> tuple[str, str]:
    """Split a forwarding chain into the newest comment and the oldest quoted text.

    A bare forward (nothing, or 转发微博, before the first ``//@``) speaks with the quoted text.
    """
    parts = [part.strip() for part in FORWARD.split(text)]
    if len(parts) == 1:
        return text, ""
    newest, quoted = parts[0], parts[-1]
    return ("", quoted) if newest in {"", "转发微博", "转发", "repost"} else (newest, quoted)


def _join_split_han(text: str) -> str:
    """Undo spacing between single characters; ordinary spaces between words stay."""
    if len(SPLIT_HAN.findall(text)) * 4 < len(text):
        return text
    return SPLIT_HAN.sub("", text)
