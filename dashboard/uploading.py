"""The part 标注文件 of 批量标注: a file is uploaded; its shares and its tagged copies are shown."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pandas as pd
import streamlit as st

from dashboard import actions, charts_models, data_models, formats, parts, tagging, wording, wording_batch
from models.bands import DOUBTFUL
from models.weights import WeightsError
from pipeline.classify import ClassifyError
from pipeline.columns import guess_columns
from pipeline.label_words import FIELD_WORDS, LABEL_WORDS
from pipeline.readers import Line, ReadError, Source
from pipeline.tagging import HEADS, Quality

WORDS = wording_batch.BATCH
KINDS = ["csv", "tsv", "txt", "xlsx", "xlsm", "jsonl", "ndjson", "parquet"]
QUALITIES: dict[Quality, str] = {
    "fast": wording_batch.QUALITIES["fast"],
    "balanced": wording_batch.QUALITIES["balanced"],
    "best": wording_batch.QUALITIES["best"],
}
RESULT = "labels-result"
CELL = 200  # characters of a cell in the preview
REJECTS_SHOWN = 50


def uploading() -> None:
    """Show the upload; once a file is tagged, what was found, until another file is chosen."""
    file = st.file_uploader(WORDS["drop"], type=KINDS, key="labels-file")
    st.caption(
        WORDS["hint"].format(
            rows=formats.number(tagging.MOST_ROWS),
            size=formats.size(tagging.MOST_BYTES),
            upload=formats.size(st.get_option("server.maxUploadSize") * 2**20),
        )
    )
    if file is None:
        st.session_state.pop(RESULT, None)
        parts.empty(WORDS["empty_title"], WORDS["empty"], ":material/upload_file:")
        return
    content = file.getvalue()
    try:
        source, lines = tagging.look(file.name, content)
    except ReadError as error:
        _unusable(str(error))
        return
    if tagging.too_big(source, len(content)):
        _too_big(source, file.name, len(content))
        return
    _facts(source, len(content))
    found = st.session_state.get(RESULT)
    tagged = found[1] if found is not None and found[0] == _mark(content) else None
    _preview(source, lines, expanded=tagged is None)
    _form(source, file.name, content)
    if tagged is not None:
        _result(tagged, Path(file.name).stem)


def _form(source: Source, name: str, content: bytes) -> None:
    names = [column for column in source.layout.names if column]
    guess = guess_columns(names).get("text")
    left, middle, right = st.columns([2, 2, 1], vertical_alignment="bottom")
    column = left.selectbox(
        WORDS["column"],
        names,
        index=names.index(guess) if guess in names else None,
        placeholder=WORDS["choose_column"],
        help=WORDS["column_help"],
        key="labels-column",
    )
    quality = middle.segmented_control(
        WORDS["quality"],
        list(QUALITIES),
        default="balanced",
        format_func=lambda key: QUALITIES[key],
        help=WORDS["quality_help"],
        key="labels-quality",
    )
    abstain = right.toggle(WORDS["abstain"], value=True, help=WORDS["abstain_help"], key="labels-abstain")
    if st.button(WORDS["start"], type="primary", icon=":material/play_arrow:", disabled=column is None):
        _tag(source, name, content, str(column), quality or "balanced", abstain)


def _tag(source: Source, name: str, content: bytes, column: str, quality: Quality, abstain: bool) -> None:
    bar = st.progress(0.0)
    done = 0

    def advance(rows: int) -> None:
        nonlocal done
        done += rows
        share = min(done / max(source.rows, 1), 1.0)
        words = WORDS["progress"].format(done=formats.number(done), rows=formats.number(source.rows))
        bar.progress(share, text=words if share < 1 else WORDS["writing"])

    try:
        tagged = tagging.tag_file(name, content, column, quality, abstain, advance)
    except (ReadError, ClassifyError, WeightsError) as error:
        st.error(f"**{WORDS['failed']}**\n\n{formats.escaped(str(error))}", icon=":material/error:")
        return
    finally:
        bar.empty()
    actions.uploaded(name, tagged.report.rows)
    st.session_state[RESULT] = (_mark(content), tagged)
    st.rerun()


def _unusable(reason: str) -> None:
    # The reader names the file as it lies on our disk; whoever uploaded it knows it by another name.
    told = reason.split(":", 1)[-1] if reason.startswith("/") else reason
    st.error(f"**{WORDS['bad_title']}**\n\n{formats.escaped(told)}", icon=":material/error:")
    st.caption(WORDS["bad_hint"])


def _too_big(source: Source, name: str, size: int) -> None:
    st.warning(
        WORDS["too_big"].format(
            rows=formats.number(source.rows),
            size=formats.size(size),
            most_rows=formats.number(tagging.MOST_ROWS),
            most_size=formats.size(tagging.MOST_BYTES),
        ),
        icon=":material/terminal:",
    )
    st.code(f'huiying classify "{name}" --output "{Path(name).stem}-tagged.csv"', language="bash")


def _facts(source: Source, size: int) -> None:
    encoding = WORDS["encoding"].format(name=source.encoding) if source.encoding else ""
    st.caption(
        formats.escaped(
            WORDS["facts"].format(
                rows=formats.number(source.rows),
                kind=source.kind,
                encoding=encoding,
                size=formats.size(size),
            )
        )
    )


def _preview(source: Source, lines: list[Line], *, expanded: bool) -> None:
    rows = [
        {name: formats.one_line(str(cell), CELL) for name, cell in line.row.items() if cell is not None}
        for line in lines
        if line.row is not None
    ]
    names = {name: name for name in source.layout.names if name}
    with st.expander(WORDS["preview"].format(n=len(rows)), expanded=expanded):
        parts.table(pd.DataFrame(rows, columns=list(names), dtype=object), names)


def _result(tagged: tagging.Tagged, stem: str) -> None:
    report = tagged.report
    rows, doubtful, unscored, unreadable, speed = st.columns(5)
    texts = WORDS["rows_help"].format(texts=formats.number(report.tagged_texts))
    parts.figure(rows, WORDS["rows"], formats.number(report.rows), hint=texts)
    share = f"{report.doubtful_rows / report.rows:.0%}" if report.rows else wording.NONE_YET
    below = f"{formats.number(report.doubtful_rows)}/{formats.number(report.rows)}"
    parts.figure(doubtful, WORDS["doubtful"], share, below, hint=WORDS["doubtful_help"])
    parts.figure(unscored, WORDS["unscored"], formats.number(report.unscored), hint=WORDS["unscored_help"])
    parts.figure(
        unreadable, WORDS["unreadable"], formats.number(report.unreadable), hint=WORDS["unreadable_help"]
    )
    rate = WORDS["speed_below"].format(n=formats.number(report.rows_per_second))
    parts.figure(speed, WORDS["speed"], f"{report.seconds:.1f} 秒", rate, hint=WORDS["speed_help"])
    _downloads(tagged, stem)
    _shares(tagged)
    if tagged.rejects:
        st.subheader(WORDS["rejects"], anchor=False)
        parts.table(pd.DataFrame(tagged.rejects[:REJECTS_SHOWN]), wording_batch.REJECT_COLUMNS)


def _downloads(tagged: tagging.Tagged, stem: str) -> None:
    with st.container(horizontal=True, vertical_alignment="center"):
        st.download_button(
            WORDS["download_csv"], tagged.csv, f"{stem}-tagged.csv", "text/csv", icon=":material/download:"
        )
        st.download_button(
            WORDS["download_xlsx"], tagged.xlsx, f"{stem}-tagged.xlsx", icon=":material/table_view:"
        )
        st.download_button(
            WORDS["download_manifest"],
            tagged.manifest,
            f"{stem}-tagged.manifest.json",
            "application/json",
            icon=":material/receipt_long:",
            type="tertiary",
        )
        st.caption(WORDS["neutral"])


def _shares(tagged: tagging.Tagged) -> None:
    st.subheader(WORDS["shares"], anchor=False)
    heads = ["need", *(head for head in HEADS if head != "need")]
    head = st.segmented_control(
        WORDS["head"], heads, default="need", format_func=lambda key: FIELD_WORDS[key], key="labels-head"
    )
    head = head or "need"
    found = tagged.report.classes[head]
    rows = [
        {
            "word": f"{_word(head, label)}({formats.number(row['rows'])})",
            "doubtful": label == DOUBTFUL,
            **row,
        }
        for label, row in found.items()
        if row["rows"]
    ]
    if rows:
        st.altair_chart(charts_models.share_bars(pd.DataFrame(rows)))
    st.caption(formats.escaped(WORDS["shares_caption"].format(model=tagged.report.model_version)))
    parts.guarded(lambda: _local(head))


def _local(head: str) -> None:
    rate = data_models.local_error(head)
    text = WORDS["local_none"] if rate is None else WORDS["local"].format(text=data_models.rate_text(rate))
    st.caption(formats.escaped(text))


def _word(head: str, label: str) -> str:
    return WORDS["doubtful_word"] if label == DOUBTFUL else LABEL_WORDS[head].get(label, wording.NONE_YET)


def _mark(content: bytes) -> str:
    return hashlib.blake2b(content, digest_size=12).hexdigest()
