"""A Spirit forum for ``benchmarks.crawl_forums``: work (JSON) comes in; its own database and pages go out.

``PYTHON forum_spirit.py FOLDER fill|truth|serve WHAT`` as ``forum_machina``; ``PYTHON`` has django-spirit
installed. The project is the one that Spirit's own ``spirit startproject`` writes, with SQLite.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from datetime import UTC, datetime
from html import escape
from pathlib import Path
from typing import Any

PROJECT = "town"
SETTINGS = """
from .base import *
SECRET_KEY = "a benchmark on loopback"
ST_SITE_URL = "http://127.0.0.1/"
DEBUG = True
ALLOWED_HOSTS = ["*"]
LANGUAGE_CODE = "zh-hans"
TIME_ZONE = "Asia/Shanghai"
DATABASES = {"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": BASE_DIR + "/forum.sqlite"}}
MEMORY = "django.core.cache.backends.locmem.LocMemCache"
CACHES = {name: {"BACKEND": MEMORY, "LOCATION": name} for name in CACHES}
HAYSTACK_CONNECTIONS = {"default": {"ENGINE": "haystack.backends.simple_backend.SimpleEngine"}}
HAYSTACK_SIGNAL_PROCESSOR = "haystack.signals.BaseSignalProcessor"
"""


def configure(folder: Path) -> None:
    """Set the project up, at its first use by writing it."""
    site = folder / PROJECT
    if not site.exists():
        programs = Path(sys.executable).parent
        paths = {**os.environ, "PATH": f"{programs}{os.pathsep}{os.environ['PATH']}"}
        command = [str(programs / "spirit"), "startproject", PROJECT]
        subprocess.run(command, cwd=folder, env=paths, check=True, capture_output=True)
        (site / PROJECT / "settings" / "bench.py").write_text(SETTINGS, "utf-8")
    sys.path.insert(0, str(site))
    os.environ["DJANGO_SETTINGS_MODULE"] = f"{PROJECT}.settings.bench"
    import django
    from django.core.management import call_command

    django.setup()
    call_command("migrate", verbosity=0)


def fill(work: dict[str, Any]) -> None:
    """Put boards, topics and replies in."""
    from django.contrib.auth import get_user_model
    from spirit.category.models import Category
    from spirit.topic.models import Topic

    names = {post["author"] for topic in work.get("topics", []) for post in (topic, *topic["replies"])}
    names |= {post["author"] for post in work.get("replies", [])}
    users = get_user_model().objects
    known = {
        name: users.get_or_create(username=name, defaults={"email": f"{name}@localhost"})[0] for name in names
    }
    boards = [Category.objects.create(title=name).pk for name in work.get("boards", [])]
    for topic in work.get("topics", []):
        made = Topic.objects.create(
            user=known[topic["author"]], category_id=boards[topic["board"]], title=topic["title"],
            date=_moment(topic),
        )  # fmt: skip
        for post in (topic, *topic["replies"]):
            say(made, known[post["author"]], post)
    for post in work.get("replies", []):
        say(Topic.objects.get(pk=post["tid"]), known[post["author"]], post)


def say(topic: Any, user: Any, post: dict[str, Any]) -> None:
    """Write one post with its time (ms)."""
    from spirit.comment.models import Comment
    from spirit.topic.models import Topic

    html = "".join(f"<p>{escape(line)}</p>" for line in post["text"].split("\n"))
    Comment.objects.create(
        topic=topic, user=user, comment=post["text"], comment_html=html, date=_moment(post)
    )
    comments = Comment.objects.filter(topic=topic).count()
    Topic.objects.filter(pk=topic.pk).update(last_active=_moment(post), comment_count=comments)


def truth() -> list[dict[str, Any]]:
    """Return all posts of the database."""
    from spirit.comment.models import Comment

    found, begun = [], set()
    for post in Comment.objects.select_related("topic").order_by("date", "pk"):
        found.append(
            {
                "tid": post.topic_id,
                "pid": post.pk,
                "opens": post.topic_id not in begun,
                "title": post.topic.title,
                "text": post.comment,
                "time": post.date.timestamp() * 1000,
            }
        )
        begun.add(post.topic_id)
    return found


def _moment(post: dict[str, Any]) -> datetime:
    return datetime.fromtimestamp(post["time"] / 1000, UTC)


def main() -> None:
    folder, verb, given = Path(sys.argv[1]), sys.argv[2], sys.argv[3]
    configure(folder)
    if verb == "fill":
        fill(json.loads(Path(given).read_text("utf-8")))
    elif verb == "truth":
        Path(given).write_text(json.dumps(truth(), ensure_ascii=False), "utf-8")
    else:
        from django.core.management import call_command

        call_command("runserver", f"127.0.0.1:{given}", use_reloader=False)


if __name__ == "__main__":
    main()
