"""The models in use: a home comes in; a tagger that takes up a new version while it runs goes out."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pandas as pd

from models import Tagger
from models.weights import WeightsError
from pipeline.config import Home
from pipeline.model_versions import VersionError, active_name, folder_of

log = logging.getLogger(__name__)


class FollowingTagger:
    """Tags with the version in use; every row says which that was.

    A version that is put in use while this runs is loaded before the next batch. One that cannot be loaded is
    named in the log, and the present one stays.

    Raises:
        WeightsError: on making one, the version in use cannot be loaded.
        VersionError: on making one, there is no such version.
    """

    def __init__(self, home: Home, load: Callable[[Path], Tagger] = Tagger.load) -> None:
        self._home, self._load = home, load
        self._name = active_name(home)
        self._tagger = load(folder_of(home, self._name))

    @property
    def version(self) -> str:
        """Which weights are in use now."""
        return self._current().version

    def tag(self, texts: Sequence[str]) -> pd.DataFrame:
        """Return one row of tags a text, in order; see ``models.Tagger``."""
        return self._current().tag(texts)

    def analyse(self, texts: Sequence[str]) -> tuple[pd.DataFrame, npt.NDArray[np.float32]]:
        """Return tags and embeddings of texts; see ``models.Tagger``."""
        return self._current().analyse(texts)

    def _current(self) -> Tagger:
        name = active_name(self._home)
        if name == self._name:
            return self._tagger
        self._name = name  # also where it fails: the reason is said once, not at every batch
        try:
            self._tagger = self._load(folder_of(self._home, name))
            log.info("model version %s in use", self._tagger.version)
        except (WeightsError, VersionError) as error:
            log.error("model version %s cannot be used, %s stays: %s", name, self._tagger.version, error)
        return self._tagger
