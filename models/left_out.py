"""Training without a data set: examples, or a data folder, and its name come in; the other sets' examples, or
weights that never saw it, go out.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from models.contrast import SUFFIX
from models.corpus import Example

CONFIG = Path(__file__).parent / "configs" / "rumor_transfer.toml"


def without(examples: Sequence[Example], name: str) -> list[Example]:
    """Return the examples of other sets; an empty name leaves nothing out.

    Rows of the set that other sets repeat are not tested then (``models.transfer.leave_out_rows``).

    Raises:
        ValueError: there is no such set.
    """
    if not name:
        return list(examples)
    rest = [example for example in examples if example.set.removesuffix(SUFFIX) != name]
    if len(rest) == len(examples):
        raise ValueError(f"no set {name!r}; there are {', '.join(sorted({e.set for e in examples}))}")
    return rest


def trained_without(name: str, data: Path, work: Path, config: Path = CONFIG) -> Path:
    """Train for rumor without a set, from the base on, and return the folder of the weights.

    Half an hour on two cores; a training that was stopped goes on, one that is done is not repeated. It
    needs the ``train`` extra.

    Raises:
        ValueError: there is no such set.
    """
    folder = work / "weights"
    if folder.exists():
        return folder
    from models.quantise import export
    from models.train import run

    run(config, work, data, leave_out=name)
    draft = work / "weights.part"
    export(work, data, draft)
    return draft.rename(folder)
