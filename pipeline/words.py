"""The Chinese words for needs and stances that pages and reports share; nothing in, constants out."""

from __future__ import annotations

from pipeline.label_words import LABEL_WORDS

# In the order in which an office reads them: who is in need first.
ORDER = ("help", "unverified_claim", "misunderstanding", "question", "problem", "suggestion", "none")
NEEDS = {need: LABEL_WORDS["need"][need] for need in ORDER} | {"": "未标注"}
RELATIONS = {"support": "相信或转述", "query": "求证", "deny": "否认或辟谣", "comment": "其他评论"}
