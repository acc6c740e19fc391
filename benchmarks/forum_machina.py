"""A django-machina forum for ``benchmarks.crawl_forums``: work (JSON) comes in; its pages and truth go out.

    PYTHON forum_machina.py FOLDER fill WORK    # boards, topics and replies are put in
    PYTHON forum_machina.py FOLDER truth FILE   # what the forum's own database holds
    PYTHON forum_machina.py FOLDER serve PORT   # on loopback

``PYTHON`` has django-machina installed. Texts are plain lines, so that what is put in is what a reader sees.
"""

from __future__ import annotations

import json
import sys
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import django
from django.conf import settings
from django.core.management import call_command
from machina import MACHINA_MAIN_STATIC_DIR, MACHINA_MAIN_TEMPLATE_DIR

PARTS = (
    "forum", "forum_conversation", "forum_conversation.forum_attachments", "forum_conversation.forum_polls",
    "forum_feeds", "forum_moderation", "forum_search", "forum_tracking", "forum_member", "forum_permission",
)  # fmt: skip
CONTEXT = (
    "django.template.context_processors.request", "django.contrib.auth.context_processors.auth",
    "django.contrib.messages.context_processors.messages", "machina.core.context_processors.metadata",
)  # fmt: skip
DJANGO = ("auth", "contenttypes", "sessions", "messages", "staticfiles")
MIDDLEWARE = (
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "machina.apps.forum_permission.middleware.ForumPermissionMiddleware",
)


def configure(folder: Path) -> None:
    """Set Django up; this module is the address table too."""
    settings.configure(
        DEBUG=True,
        SECRET_KEY="a benchmark on loopback",
        ALLOWED_HOSTS=["*"],
        ROOT_URLCONF="forum_machina",
        LANGUAGE_CODE="zh-hans",
        USE_TZ=True,
        TIME_ZONE="Asia/Shanghai",
        STATIC_URL="/static/",
        STATICFILES_DIRS=[MACHINA_MAIN_STATIC_DIR],
        DEFAULT_AUTO_FIELD="django.db.models.AutoField",
        DATABASES={"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": folder / "forum.sqlite"}},
        CACHES={
            name: {"BACKEND": "django.core.cache.backends.dummy.DummyCache"}
            for name in ("default", "machina_attachments")
        },
        INSTALLED_APPS=[f"django.contrib.{name}" for name in DJANGO]
        + ["mptt", "haystack", "widget_tweaks", "machina"]
        + [f"machina.apps.{name}" for name in PARTS],
        MIDDLEWARE=list(MIDDLEWARE),
        TEMPLATES=[
            {
                "BACKEND": "django.template.backends.django.DjangoTemplates",
                "DIRS": [MACHINA_MAIN_TEMPLATE_DIR],
                "APP_DIRS": True,
                "OPTIONS": {"context_processors": list(CONTEXT)},
            }
        ],
        HAYSTACK_CONNECTIONS={"default": {"ENGINE": "haystack.backends.simple_backend.SimpleEngine"}},
    )
    django.setup()
    call_command("migrate", verbosity=0)


def fill(models: SimpleNamespace, work: dict[str, Any]) -> None:
    """Put boards, topics and replies in."""
    for name in work.get("boards", []):
        models.Forum.objects.create(name=name, slug=name, type=models.Forum.FORUM_POST)
    if work.get("boards"):
        for code in ("can_see_forum", "can_read_forum"):
            permission = models.ForumPermission.objects.get(codename=code)
            models.UserForumPermission.objects.create(
                anonymous_user=True, permission=permission, has_perm=True
            )
    boards = list(models.Forum.objects.order_by("pk"))
    for topic in work.get("topics", []):
        made = models.Topic.objects.create(
            forum=boards[topic["board"]], subject=topic["title"], approved=True,
            type=models.Topic.TOPIC_POST, status=models.Topic.TOPIC_UNLOCKED,
        )  # fmt: skip
        for post in (topic, *topic["replies"]):
            say(models, made, post)
    for post in work.get("replies", []):
        say(models, models.Topic.objects.get(pk=post["tid"]), post)


def say(models: SimpleNamespace, topic: Any, post: dict[str, Any]) -> None:
    """Write one post with its time (ms)."""
    moment = datetime.fromtimestamp(post["time"] / 1000, UTC)
    made = models.Post.objects.create(
        topic=topic, subject=topic.subject, content=post["text"], username=post["author"], approved=True
    )
    models.Post.objects.filter(pk=made.pk).update(created=moment, updated=moment)
    models.Topic.objects.filter(pk=topic.pk).update(last_post_on=moment, updated=moment)


def truth(models: SimpleNamespace) -> list[dict[str, Any]]:
    """Return all posts of the database."""
    first = {topic.pk: topic.first_post_id for topic in models.Topic.objects.all()}
    return [
        {
            "tid": post.topic_id,
            "pid": post.pk,
            "opens": first[post.topic_id] == post.pk,
            "title": post.topic.subject,
            "text": str(post.content.raw),
            "time": post.created.timestamp() * 1000,
        }
        for post in models.Post.objects.select_related("topic").order_by("pk")
    ]


def main() -> None:
    folder, verb, given = Path(sys.argv[1]), sys.argv[2], sys.argv[3]
    configure(folder)
    from machina.apps.forum.models import Forum
    from machina.apps.forum_conversation.models import Post, Topic
    from machina.apps.forum_permission.models import ForumPermission, UserForumPermission

    models = SimpleNamespace(
        Forum=Forum,
        Post=Post,
        Topic=Topic,
        ForumPermission=ForumPermission,
        UserForumPermission=UserForumPermission,
    )
    if verb == "fill":
        fill(models, json.loads(Path(given).read_text("utf-8")))
    elif verb == "truth":
        Path(given).write_text(json.dumps(truth(models), ensure_ascii=False), "utf-8")
    else:
        call_command("runserver", f"127.0.0.1:{given}", use_reloader=False)


def __getattr__(name: str) -> Any:
    """Return the address table, which Django asks this module for once it is set up."""
    if name != "urlpatterns":
        raise AttributeError(name)
    from django.urls import include, path

    return [path("", include("machina.urls"))]


if __name__ == "__main__":
    sys.modules["forum_machina"] = sys.modules["__main__"]
    main()
