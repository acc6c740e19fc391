"""A home's settings come in; the changed ones go out once their file was written anew, without a restart."""

from __future__ import annotations

import logging
from collections.abc import Callable

from pipeline.config import ConfigError, Home, Settings

log = logging.getLogger(__name__)


class Watched:
    """Settings that are read again when their file changes; a faulty file leaves the known ones in force."""

    def __init__(self, home: Home, settings: Settings) -> None:
        self.home = home
        self.current = settings
        self._version = self._read_version()

    def apply(self, use: Callable[[Settings], None]) -> bool:
        """Give the new settings to ``use`` if the file changed since the last look; return whether they hold.

        ``use`` raises ``ConfigError`` before it changes anything.
        """
        version = self._read_version()
        if version == self._version:
            return False
        self._version = version
        try:
            settings = Settings.load(self.home)
            use(settings)
        except ConfigError as error:
            log.error("the changed settings cannot be used, the earlier ones stay: %s", error)
            return False
        self.current = settings
        return True

    def _read_version(self) -> int:
        file = self.home.config_file
        return file.stat().st_mtime_ns if file.exists() else 0
