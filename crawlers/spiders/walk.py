"""Lists that come newest first and in pages: how far a run walks, so that a crash makes it miss nothing.

A run walks on while pages bring news. If a walk did not come to its end (a crash, an error, a server that was
down), the next run walks until the list's end or the cap of pages, since what is new may lie behind what is
known.
"""

from __future__ import annotations

from crawlers.state import CrawlState

WALKING, COMPLETE = "walking", "complete"


class Walk:
    """One walk over one list; ``key`` names the list in the memory of its source."""

    def __init__(self, state: CrawlState, key: str) -> None:
        self.state = state
        self.key = f"walk:{key}"
        self.whole = state.validators(self.key)[0] != COMPLETE

    def goes_on(self, news: int, following: object) -> bool:
        """Say whether to ask for the next page, given how many news a page brought, and note an end."""
        if following and (news or self.whole):
            self.state.mark_page(self.key, WALKING, "")
            return True
        self.end()
        return False

    def end(self) -> None:
        """Note that the walk came to its end, or to the cap of pages, where it stops on purpose."""
        self.state.mark_page(self.key, COMPLETE, "")
