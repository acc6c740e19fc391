"""Questions of the page 数据源 beyond the sources themselves; their answers as tables go out."""

from __future__ import annotations

import pandas as pd

from dashboard.connection import ask
from dashboard.data import TABLE_ROWS, ago

NOTICE_HOURS = 7 * 24


def notices() -> pd.DataFrame:
    """Return the notices of collection of the last seven days, those that are not over first."""
    return ask("notice_list", since=ago(NOTICE_HOURS), most=TABLE_ROWS)
