"""An address of a forum or a list comes in; its shape, its thread, its page and the page after it go out.

Nothing here knows a software: a shape is the address with its numbers left out, so that all threads of a site
have one, and a page is what the usual names of paging say.
"""

from __future__ import annotations

import re
from urllib.parse import SplitResult, parse_qsl, unquote, urlencode, urlsplit, urlunsplit

# Names of paging in queries: some count pages from 1, others count what was shown before, from 0.
PAGE_NAMES = frozenset({"page", "pg", "paged", "pageno", "pagenum", "pageindex", "currentpage"})
OFFSET_NAMES = frozenset({"start", "offset", "st"})
# Parameters that change with the visitor or name a place within a page.
PASSING = frozenset(
    {"sid", "phpsessid", "s", "highlight", "hilit", "post", "goto", "action", "unread", "view"}
)
THREAD_NAMES = (
    "tid",
    "thread_id",
    "threadid",
    "topic_id",
    "topicid",
    "thread",
    "topic",
    "showtopic",
    "t",
    "id",
)
# topic=5.20 of SMF: a number and what was shown before; topic=5.msg91 leads to one post, on any page.
DOTTED = re.compile(r"^(\d+)\.(?:(\d+)|msg\d+|new)$")
PAGE_IN_PATH = re.compile(r"/(?:page[-/_]?|p)(\d{1,5})(?=/?$|\.)", re.IGNORECASE)
# A board's number before its thread's: /forum/5/12. In /t/slug/12/3 it is the page that comes last.
AFTER_BOARD = re.compile(
    r"/(?:forums?|boards?|bbs|f|b|c|category|categories|nodes?|groups?|sections?)/(\d+)/(\d+)(?=/|$)",
    re.IGNORECASE,
)
# Keys of databases that do not count: hexadecimal, UUID, base32 hashes; and short mixed ones.
HASH = re.compile(
    r"(?=[^/]*\d)(?:(?=[^/]*[a-f])[0-9a-f]{8,}|[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}|(?=[^/]*[A-Z])[A-Z2-7]{20,40})"
)
SHORT_KEY = re.compile(r"(?=[^/]*\d)(?=[^/]*[A-Z])(?=[^/]*[a-z])[A-Za-z0-9_]{6,24}")
WORD_AND_NUMBERS = re.compile(r"([a-z]{1,12})[-_]\d+(?:[-_]\d+)*(\.\w{1,5})?")
NAMED_IN_PATH = re.compile(r"(?:thread|topic|tid|read|discussion|question)[-_](\d+)", re.IGNORECASE)
NUMBER_BESIDE_SLUG = re.compile(r"^(\d+)(?=[-._])|[-._](\d+)(?:\.[a-z]{1,5})?$")
NUMBER_AT_END = re.compile(r"(\d+)(?:\.[a-z]{1,5})?$")


def shape_of(url: str) -> str:
    """Return an address without its numbers, slugs, page and fragment."""
    parts = urlsplit(first_page(url))
    segments = [_segment_shape(unquote(segment)) for segment in parts.path.split("/")]
    names = sorted(name for name, _ in parse_qsl(parts.query, keep_blank_values=True))
    return f"{parts.netloc}{'/'.join(segments).rstrip('/')}?{'&'.join(names)}"


def family_of(shape: str) -> str:
    """Return the shape of addresses that differ from this one in the last word; empty where it is none."""
    path, _, names = shape.partition("?")
    parent, _, last = path.rpartition("/")
    return "" if "/" not in parent or set(last) & {"#", "*"} else f"{parent}/*?{names}"


def has_shape(url: str, shape: str) -> bool:
    """Whether an address has a shape, or is one of a family of words."""
    own = shape_of(url)
    return own == shape or family_of(own) == shape


def thread_number(url: str) -> str:
    """Return what tells a thread of its site from another: a number or key, else the path where is none."""
    parts = urlsplit(first_page(url))
    query = {name.lower(): value.partition(".")[0] for name, value in parse_qsl(parts.query)}
    named = next((query[name] for name in THREAD_NAMES if query.get(name, "").isdigit()), "")
    path = unquote(parts.path)
    return named or _number_in(path) or (f"{path}?{parts.query}" if parts.query else path)


def _number_in(path: str) -> str:
    """Return the number or key of a thread in a path; empty where it has none."""
    segments = path.split("/")
    if named := NAMED_IN_PATH.search(path):
        return named.group(1)
    if key := next(filter(HASH.fullmatch, segments), ""):
        return key
    if board := AFTER_BOARD.search(path):
        return board.group(2)
    # A number that stands alone says more than one in a slug; in /t/slug/12/3 the first is the thread's.
    if alone := re.findall(r"/(\d+)(?:/\d+)*(?=/|$)", path):
        return str(alone[-1])
    if key := next(filter(SHORT_KEY.fullmatch, segments), ""):
        return key
    for form in (NUMBER_BESIDE_SLUG, NUMBER_AT_END):
        if match := next(filter(None, map(form.search, reversed(segments))), None):
            return str(next(filter(None, match.groups())))
    return ""


def is_numbered(url: str) -> bool:
    """Whether an address says its thread by a number or a key, and not by words."""
    number = thread_number(url)
    return number.isdigit() or _is_key(number)


def page_rank(url: str) -> int:
    """Return the place of a page among those of its list; 0 and 1 are the first."""
    parts = urlsplit(url)
    for name, value in parse_qsl(parts.query):
        if dotted := DOTTED.match(value):
            return int(dotted.group(2) or 0)
        if value.isdigit() and _is_paging(name, parts):
            return int(value) + (name.lower() in OFFSET_NAMES and value != "0")
    match = PAGE_IN_PATH.search(parts.path)
    return int(match.group(1)) if match else 0


def first_page(url: str) -> str:
    """Return an address without its page, its place in the page, and what belongs to the visitor."""
    parts = urlsplit(url)
    query = parse_qsl(parts.query.replace(";", "&"), True)
    kept = [(name, DOTTED.sub(r"\1.0", value)) for name, value in query
            if name.lower() not in PASSING and not _is_paging(name, parts)]  # fmt: skip
    path = PAGE_IN_PATH.sub("/", parts.path).replace("//", "/")
    return urlunsplit((parts.scheme, parts.netloc, path or "/", urlencode(kept), ""))


def cleaned(url: str) -> str:
    """Return an address without its place in the page and what belongs to the visitor."""
    parts = urlsplit(url)
    query = re.split("[&;]", parts.query)
    kept = [piece for piece in query if piece.partition("=")[0].lower() not in PASSING]
    return urlunsplit((parts.scheme, parts.netloc, parts.path or "/", "&".join(kept), ""))


def _is_paging(name: str, parts: SplitResult) -> bool:
    """Whether a parameter counts pages; ``p`` does where something else says which thread it is."""
    lower = name.lower()
    other = "&" in parts.query or re.search(r"\d", parts.path)
    return lower in PAGE_NAMES or lower in OFFSET_NAMES or (lower == "p" and bool(other))


def _segment_shape(segment: str) -> str:
    if re.fullmatch(r"\d+", segment) or _is_key(segment):
        return "#"
    if words := WORD_AND_NUMBERS.fullmatch(segment):
        return f"{words.group(1)}-#{words.group(2) or ''}"
    if re.match(r"\d+[-._]", segment):
        return "#-*"
    if re.search(r"\d+(?:\.\w{1,5})?$", segment):
        return re.sub(r"^(?:.*[-._])?\D*?\d+(\.\w{1,5})?$", r"*-#\1", segment)
    return segment


def _is_key(segment: str) -> bool:
    return bool(HASH.fullmatch(segment) or SHORT_KEY.fullmatch(segment))
