"""An address comes in; one page of a server goes out, asked for as politely as a crawl would.

``huiying source new`` and ``check`` look at a page before there is a source: robots.txt is read first and
obeyed as RFC 9309 says (4xx allows, 5xx and silence forbid), redirects are followed only to the same kinds of
place, private addresses and large answers are refused. Spiders do it with Scrapy; this is for a single look.
"""

from __future__ import annotations

import http.client
import ipaddress
import ssl
import zlib
from dataclasses import dataclass, field
from datetime import UTC, datetime
from urllib.parse import quote, urljoin, urlsplit

from protego import Protego

from crawlers.saved import SavedPage

TIMEOUT = 20  # seconds
LARGEST = 8 * 2**20  # bytes, packed or not
LARGEST_ROBOTS = 500 * 2**10  # bytes; RFC 9309 section 2.5 asks for at least that much
MOST_REDIRECTS = 5
REDIRECTS = frozenset({301, 302, 303, 307, 308})
ROBOTS_NAME = "huiying"
SAFE = "/?&=%#:;,@!$'()*+[]~"


class LookError(Exception):
    """A page could not be had, or may not be asked for; the message is Chinese and names the address."""


@dataclass(slots=True)
class Looker:
    """Asks for single pages; one robots.txt is read for each site.

    ``contact`` goes into the user agent. ``allow_private`` lets tests and offices' own networks be asked.
    """

    contact: str
    allow_private: bool = False
    _robots: dict[str, Protego | None] = field(default_factory=dict)

    @property
    def agent(self) -> str:
        """The one honest user agent: a name, and whom to write to."""
        return f"{ROBOTS_NAME}/0.1 (+{self.contact})"

    def look(self, url: str) -> SavedPage:
        """Return the page at an address, after its redirects.

        Raises:
            LookError: robots.txt forbids it, it is no public web address, or the server did not answer well.
        """
        for _ in range(MOST_REDIRECTS + 1):
            self._require_permission(url)
            page = self._fetch(url, LARGEST)
            target = page.headers.get("location", "")
            if page.status not in REDIRECTS or not target:
                return page
            url = urljoin(url, target)
        raise LookError(f"{url}:重定向超过 {MOST_REDIRECTS} 次")

    def allows(self, url: str) -> bool:
        """Tell whether robots.txt lets us ask for an address.

        Raises:
            LookError: robots.txt could not be read, which forbids the whole site for now.
        """
        rules = self._rules_of(url)
        return rules is None or rules.can_fetch(url, ROBOTS_NAME)

    def crawl_delay(self, url: str) -> float | None:
        """Return how many seconds robots.txt asks for between two requests, if it does."""
        rules = self._rules_of(url)
        return rules.crawl_delay(ROBOTS_NAME) if rules is not None else None

    def _require_permission(self, url: str) -> None:
        if not self.allows(url):
            raise LookError(f"{url}:robots.txt 不允许采集,到此为止")

    def _rules_of(self, url: str) -> Protego | None:
        site = urljoin(url, "/")
        if site not in self._robots:
            self._robots[site] = self._read_robots(urljoin(url, "/robots.txt"))
        return self._robots[site]

    def _read_robots(self, url: str) -> Protego | None:
        for _ in range(MOST_REDIRECTS + 1):
            page = self._fetch(url, LARGEST_ROBOTS, cut=True)
            if page.status in REDIRECTS and page.headers.get("location"):
                url = urljoin(url, page.headers["location"])
            elif page.status >= http.client.INTERNAL_SERVER_ERROR:
                raise LookError(f"{url}:HTTP {page.status},读不到 robots.txt 就不采集(RFC 9309)")
            elif page.status >= http.client.BAD_REQUEST:
                return None
            else:
                return Protego.parse(page.body.decode("utf-8", "replace"))
        return None

    def _fetch(self, url: str, largest: int, cut: bool = False) -> SavedPage:
        parts = urlsplit(url)
        if parts.scheme not in {"http", "https"} or not parts.hostname:
            raise LookError(f"{url}:只支持 http 和 https 网址")
        kind = http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
        try:
            host = parts.hostname.encode("idna").decode("ascii")
            connection = kind(host, parts.port, timeout=TIMEOUT)
            return self._ask(connection, url, largest, cut)
        except (OSError, http.client.HTTPException, ssl.SSLError, ValueError, zlib.error) as error:
            raise LookError(f"{url}:没有取到页面({error.__class__.__name__}:{error})") from error

    def _ask(self, connection: http.client.HTTPConnection, url: str, largest: int, cut: bool) -> SavedPage:
        parts = urlsplit(url)
        target = quote(parts.path or "/", safe=SAFE) + (
            f"?{quote(parts.query, safe=SAFE)}" if parts.query else ""
        )
        headers = {"User-Agent": self.agent, "Accept-Encoding": "gzip", "Accept": "*/*"}
        try:
            connection.connect()
            self._refuse_private(connection, url)
            connection.request("GET", target, headers=headers)
            answer = connection.getresponse()
            body = answer.read(largest + 1)
            given = {name.lower(): value for name, value in answer.getheaders()}
        finally:
            connection.close()
        body = _unpacked(body, given.get("content-encoding", ""), largest)
        if len(body) > largest and not cut:
            raise LookError(f"{url}:页面超过 {largest >> 20} MB")
        return SavedPage(
            url=url, body=body[:largest], status=answer.status, headers=given, fetched_at=datetime.now(UTC)
        )

    def _refuse_private(self, connection: http.client.HTTPConnection, url: str) -> None:
        """Check the address that was really reached, so that no name service can lead us inside."""
        if self.allow_private or connection.sock is None:
            return
        address = connection.sock.getpeername()[0]
        if not ipaddress.ip_address(address).is_global:
            raise LookError(f"{url}:指向内网或本机地址 {address},拒绝访问")


def _unpacked(body: bytes, encoding: str, largest: int) -> bytes:
    """Unpack gzip, but never more than one byte over the limit, so that a packed bomb does no harm."""
    if "gzip" not in encoding.lower():
        return body
    return zlib.decompressobj(wbits=zlib.MAX_WBITS | 16).decompress(body, largest + 1)
