"""Chinese text models: texts come in, calibrated tags and sentence embeddings go out; nothing else of
ours is imported.

``Tagger`` is what everybody uses (onnxruntime, no torch). Everything about training needs the ``train``
extra.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from models.tagger import Tagger

__all__ = ["Tagger"]


def __getattr__(name: str) -> Any:
    """Import the tagger when it is first asked for: it brings onnxruntime and pandas."""
    if name == "Tagger":
        from models.tagger import Tagger

        return Tagger
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
