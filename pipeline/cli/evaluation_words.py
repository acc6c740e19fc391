"""Words of ``huiying evaluate``: records of figures come in, Chinese lines and a page go out."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from html import escape
from typing import Any

from models.gate import GateLine, GateReport
from models.reliability import reliability_svg

STYLE = (
    "body{font-family:sans-serif;max-width:70rem;margin:2rem auto;padding:0 1rem;color:#222}"
    "pre{white-space:pre-wrap;background:#f6f6f6;padding:.8rem}"
    "section{border-top:1px solid #ddd;margin-top:1.5rem}"
)


def result_lines(record: Mapping[str, Any]) -> Iterator[str]:
    """Say one head on one set."""
    missing = f"，另有 {record['unscored']} 行无字未评" if record["unscored"] else ""
    area = f"  AUC {_interval(record['auc'])}" if record["auc"] else ""
    yield (
        f"{record['head']} · {record['set']}（{record['rows']} 行{missing}）  macro-F1 "
        f"{_interval(record['macro_f1'])}  准确率 {record['accuracy']:.3f}{area}  ECE {record['ece']:.3f}"
    )
    yield f"    不判为“存疑”的占 {record['said']:.1%}，其中判对 {record['said_right']:.1%}"
    for label, row in record["classes"].items():
        yield (
            f"    {label:<17} 精确 {row['precision']:.3f}  召回 {row['recall']:.3f}  "
            f"F1 {row['f1']:.3f}  {row['rows']} 行"
        )
    for name, figure in record["baselines"].items():
        yield f"    基线 {name}：{_interval(figure)}"
    yield "    混淆（行为真，列为判）：" + " / ".join(" ".join(map(str, row)) for row in record["confusion"])
    yield "    校准（所说→所见）：" + "  ".join(
        f"{p['stated']:.2f}→{p['observed']:.2f}({p['rows']})" for p in record["reliability"]
    )


def transfer_lines(record: Mapping[str, Any]) -> Iterator[str]:
    """Say how training on other sets, or on earlier posts, did."""
    if record["kind"] == "leave-out":
        what = f"跨数据集：在其他集上训练，在 {record['set']} 的 {record['rows']} 行上测（去掉与训练重复的）"
    else:
        what = (
            f"跨时间：{record['set']} 按发布时间，{record['cut'][:10]} 之前训练，之后 {record['rows']} 行上测"
        )
    yield f"rumor · {what}（其中不实 {record['positive']} 行，训练 {record['trained_on']} 行）"
    for name, figure in record["methods"].items():
        yield f"    {name}：macro-F1 {figure['macro_f1']:.3f} [{figure['low']:.3f}, {figure['high']:.3f}]"
    if record["model"]:
        model = record["model"]
        figure = _interval(model["macro_f1"])
        yield f"    本模型（未用该集训练的权重）：macro-F1 {figure}  ECE {model['ece']:.3f}"


def ablation_lines(records: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    """Say what each mask takes away from the in-set figures."""
    yield "rumor · 去泄漏对照（字 n-gram 线性模型，集内训练与测试；数字主要反映谁在发，不代表能识别谣言）"
    for row in records:
        yield (
            f"    {row['set']:<8} {row['mask']}：macro-F1 {row['macro_f1']:.3f} "
            f"[{row['low']:.3f}, {row['high']:.3f}]  {row['rows']} 行"
        )


def gate_lines(report: GateReport) -> Iterator[str]:
    """Say which floors hold."""
    verdict = "通过" if report.passed else "未通过"
    yield f"质量门：{verdict}（{len(report.lines)} 项，语料指纹 {report.fingerprint[:12]}）"
    for line in report.lines:
        yield f"    {'　' if line.passed else '✗'} {_gate_line(line)}"
    for reason in report.skipped:
        yield f"    跳过 {reason}"


def page(records: Sequence[Mapping[str, Any]], version: str) -> str:
    """Return a page with all records and a reliability plot for every judged set; it needs no network."""
    body = "".join(_section(record) for record in records)
    return (
        f'<!doctype html><html lang="zh"><meta charset="utf-8"><title>模型评测 {escape(version)}</title>'
        f"<style>{STYLE}</style><h1>模型评测</h1><p>模型 {escape(version)}。区间为 95% 自助法区间；"
        "圆点面积表示行数，虚线为完全校准。分数只表示疑似，不是结论。</p>"
        f"{body}</html>\n"
    )


def lines_of(record: Mapping[str, Any]) -> Iterator[str]:
    """Say one record of any kind."""
    if record.get("kind") == "ablation":
        return ablation_lines([record])
    return transfer_lines(record) if "kind" in record else result_lines(record)


def _section(record: Mapping[str, Any]) -> str:
    words = escape("\n".join(lines_of(record)))
    plot = ""
    if "reliability" in record:
        title = escape(f"{record['head']} {record['set']}")
        plot = reliability_svg(record["reliability"], title, axes=("所说的概率", "实际的比例"))
    return f"<section><pre>{words}</pre>{plot}</section>"


def _gate_line(line: GateLine) -> str:
    sign = "≤" if line.ceiling else "≥"
    return f"{line.what}：{line.measured:.4f}（应 {sign} {line.bound:.4f}，{line.rows} 行）"


def _interval(figure: Mapping[str, float]) -> str:
    return f"{figure['value']:.3f} [{figure['low']:.3f}, {figure['high']:.3f}]"
