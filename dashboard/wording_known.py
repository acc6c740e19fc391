"""The words of a claim's early score and of known rumors, in Chinese."""

from __future__ import annotations

from collections.abc import Mapping

KNOWN: Mapping[str, str] = {
    "score": "疑似分的依据（待核实）",
    "score_line": "疑似 {score:.0%}，其中只看文字 {text:.0%}",
    "history": "变化：{steps}",
    "recurrence": "以前核查过相同的说法",
    "variant": "与以前核查过的说法相近，但{difference}",
    "verdict": "当时结论：{verdict}（{issuer}{date}）",
    "open_earlier": "查看当时的说法",
    "note": "系统按用词比对提示，是否同一说法请人工判断。",
}
