"""Labels as people write them come in; the models' names of them, and how to say them in Chinese, go out."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from models.labels import HEADS

FIELD_WORDS: Final[Mapping[str, str]] = {
    "need": "诉求",
    "sentiment": "情感",
    "emotion": "情绪",
    "rumor": "疑似不实",
    "checkworthy": "值得核查",
    "stance": "立场",
}
LABEL_WORDS: Final[Mapping[str, Mapping[str, str]]] = {
    "need": {
        "question": "疑问",
        "help": "求助",
        "problem": "反映问题",
        "suggestion": "建议",
        "misunderstanding": "误解误读",
        "unverified_claim": "未经证实的说法",
        "none": "无需回应",
    },
    "sentiment": {"negative": "负面", "neutral": "中性", "positive": "正面"},
    "emotion": {
        "happy": "高兴",
        "angry": "愤怒",
        "sad": "悲伤",
        "fear": "恐惧",
        "surprise": "惊讶",
        "neutral": "中性",
    },
    "rumor": {"no": "否", "yes": "是"},
    "checkworthy": {"no": "否", "yes": "是"},
    "stance": {"support": "支持", "deny": "否认", "query": "求证", "comment": "评论"},
}


def label_of(field: str, written: str) -> str | None:
    """Return the label that somebody wrote, in English or Chinese; None where it is no label of the field."""
    known = {word: label for label, word in LABEL_WORDS[field].items()}
    plain = written.strip()
    if plain.lower() in HEADS[field]:
        return plain.lower()
    return known.get(plain)


def choices(field: str) -> str:
    """Return a field's labels as a message lists them: 疑问(question)、…"""
    return "、".join(f"{word}({label})" for label, word in LABEL_WORDS[field].items())
