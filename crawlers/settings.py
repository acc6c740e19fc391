"""A source comes in; Scrapy's settings for one polite run of it go out."""

from __future__ import annotations

from typing import Any

from crawlers.source import SourceConfig

AGENT = "huiying/0.1"
LARGEST_PAGE = 8 * 2**20  # bytes, unpacked
# 429 and 503 are no reason to knock again: GuestMiddleware leaves.
WORTH_ANOTHER_TRY = [500, 502, 504, 408, 522, 524]


def settings_of(source: SourceConfig) -> dict[str, Any]:
    """Return the settings of one run: one connection a site, no cookies, honest name, limits on all sizes."""
    return {
        "USER_AGENT": f"{AGENT} (+{source.legal.contact})",
        "ROBOTSTXT_OBEY": True,
        "COOKIES_ENABLED": False,
        "TELNETCONSOLE_ENABLED": False,
        "CONCURRENT_REQUESTS": 1,
        "CONCURRENT_REQUESTS_PER_DOMAIN": 1,
        "DOWNLOAD_DELAY": source.polite.delay,
        "RANDOMIZE_DOWNLOAD_DELAY": not source.on_loopback,
        "AUTOTHROTTLE_ENABLED": not source.on_loopback,
        "AUTOTHROTTLE_START_DELAY": source.polite.delay,
        "DOWNLOAD_TIMEOUT": source.polite.timeout,
        "DOWNLOAD_MAXSIZE": LARGEST_PAGE,
        "DOWNLOAD_WARNSIZE": 0,
        "REDIRECT_MAX_TIMES": 5,
        "RETRY_TIMES": 2,
        "RETRY_HTTP_CODES": WORTH_ANOTHER_TRY,
        "HTTPERROR_ALLOW_ALL": True,
        "LOG_LEVEL": "INFO",
        # Scrapy reads and parses a callback's source for each answer (18 % of a run's time, profiled on
        # 300 pages of a fast site) to warn of what the type checker already refuses.
        "WARN_ON_GENERATOR_RETURN_VALUE": False,
        "HUIYING_LOOPBACK": source.on_loopback,
        "DOWNLOADER_MIDDLEWARES": {
            "scrapy.downloadermiddlewares.robotstxt.RobotsTxtMiddleware": None,
            "crawlers.middlewares.Rfc9309Middleware": 100,
            "crawlers.middlewares.GuestMiddleware": 760,  # beside the downloader: redirects pass here too
        },
    }
