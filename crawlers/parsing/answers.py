"""What a letter box says of an official answer comes in; the answer as a message of its own goes out."""

from __future__ import annotations

from crawlers.parsing.found import Found


def official_answer(
    message: Found,
    text: str,
    published: str | float | None,
    *,
    department: str = "",
    status: str = "",
    grade: str = "",
) -> Found:
    """Return the answer to a message; its title says who answered, how it stands and how it was liked."""
    said = [part for part in (department, status) if part]
    if grade:
        said.append(f"满意度 {grade}")
    return Found(
        id=f"{message.id}-answer",
        url=message.url,
        title="答复:" + " · ".join(said) if said else "答复",
        text=text,
        published=published,
        author=department,
        parent=message.id,
        official=True,
    )
