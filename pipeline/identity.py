"""Who is who among posts: a source and its id, or a text and its minute, come in; a stable id goes out.

Ids are derived from content, so that the same post read twice, from the spool or from a file, is one row.
"""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime

LENGTH = 24  # hex digits: 96 bits, so that a collision among a billion posts is one in 10^11


def post_id(source: str, external_id: str | None, folded_text: str, published_at: datetime) -> str:
    """Return a post's id.

    A source's own id wins; without one the id is of the source, the folded text and the minute of
    publication.
    """
    if external_id:
        return digest("id", source, external_id)
    minute = published_at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M")
    return digest("text", source, folded_text, minute)


def text_hash(folded_text: str, text: str) -> str:
    """Return what two posts with the same words share; a text with nothing to fold hashes as it is."""
    return digest("words", folded_text or text)


def digest(*parts: str) -> str:
    """Return a hash of several strings that no other list of strings shares by accident."""
    joined = "\x1f".join(parts).encode("utf-8", "replace")
    return hashlib.blake2b(joined, digest_size=LENGTH // 2).hexdigest()
