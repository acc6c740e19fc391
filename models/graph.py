"""The shipped form of the network: a trained student and sample texts come in; an int8 ONNX graph goes out.

Weights have one scale an output column, activations one fixed scale a tensor, measured on sample texts.
Fixed, so that a text's tags do not depend on the texts beside it (with one scale a batch, as in dynamic
quantisation, logits moved by up to 0.85); 8 bits on both sides, so that the processor's integer dot products
(VNNI) do the work. Operators: onnx, and onnxruntime's com.microsoft (QAttention, MatMulIntegerToFloat, Gelu;
its SkipLayerNormalization took nine times as long as adding and normalising). Evening out channels first
(SmoothQuant, Xiao et al. 2023) made it worse.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import onnx
import torch
from onnx import TensorProto, helper, numpy_helper
from torch import Tensor, nn

from models.labels import HEADS
from models.network import Student
from models.samples import read_inputs

Floats = npt.NDArray[np.float32]

OPSET = 18
MICROSOFT = "com.microsoft"
# Share of values beyond the 8-bit range on either side, which are clipped: 1e-4 moved the logits by
# 0.30 in the mean, 1e-5 by 0.09.
TAIL = 1e-5
SMALLEST = 1e-8


Ranges = Mapping[str, tuple[float, float]]


def to_int8(student: Student, samples: Sequence[tuple[Tensor, Tensor]], max_tokens: int, path: Path) -> None:
    """Write the graph; ``samples`` are batches of (ids, mask) that show how large activations get.

    Inputs ``input_ids`` and ``attention_mask`` (n, tokens) of int64; outputs ``logits`` (n, 24) and
    ``embeddings`` (n, 384) of unit length.
    """
    ranges = measure_ranges(student, samples)
    graph = _Graph({name: value.detach().float().numpy() for name, value in student.state_dict().items()})
    config = student.encoder.config
    hidden = graph.embed(max_tokens, config.layer_norm_eps)
    lengths = graph.lengths()
    for layer in range(config.num_hidden_layers):
        hidden = graph.layer(
            f"encoder.encoder.layer.{layer}", hidden, lengths, ranges,
            config.hidden_size // config.num_attention_heads, config.layer_norm_eps,
        )  # fmt: skip
    graph.heads(hidden)
    graph.save(path)


def measure_ranges(student: Student, samples: Sequence[tuple[Tensor, Tensor]]) -> Ranges:
    """Return for every linear layer of the encoder between which values its input lies, tails cut off."""
    seen: dict[str, list[Tensor]] = {}
    modules = {
        name: module
        for name, module in student.named_modules()
        if isinstance(module, nn.Linear) and name.startswith("encoder.")
    }
    read_inputs(
        student, modules, samples, lambda name, values: seen.setdefault(name, []).append(values.flatten())
    )
    return {name: _range(torch.cat(parts).numpy()) for name, parts in seen.items()}


def _range(values: Floats) -> tuple[float, float]:
    ordered = np.sort(values)
    cut = int(len(ordered) * TAIL)
    return min(0.0, float(ordered[cut])), max(0.0, float(ordered[-1 - cut]))


class _Graph:
    """Builds the graph node by node; every method returns the name of what it computes."""

    def __init__(self, state: dict[str, Floats]) -> None:
        self.state = state
        self.nodes: list[onnx.NodeProto] = []
        self.constants: list[onnx.TensorProto] = []

    def embed(self, max_tokens: int, epsilon: float) -> str:
        """Sum word, position and type embeddings; words in 8 bits with one scale a word."""
        prefix = "encoder.embeddings"
        words = self.state[f"{prefix}.word_embeddings.weight"]
        scales = np.maximum(np.abs(words).max(axis=1, keepdims=True), SMALLEST) / 127
        table = self.constant("words", np.rint(words / scales).astype(np.int8))
        rows = self.node("Gather", [table, "input_ids"])
        word = self.node("Cast", [rows], to=TensorProto.FLOAT)
        scale = self.node("Gather", [self.constant("word_scales", scales.astype(np.float32)), "input_ids"])
        places = self.state[f"{prefix}.position_embeddings.weight"][:max_tokens]
        places = places + self.state[f"{prefix}.token_type_embeddings.weight"][0]
        size = self.node("Shape", ["input_ids"], start=1, end=2)
        zero = self.constant("zero", np.zeros(1, np.int64))
        place = self.node("Slice", [self.constant("places", places), zero, size, zero])
        total = self.node("Add", [self.node("Mul", [word, scale]), place])
        return self.node(
            "LayerNormalization",
            [total, self.weight(f"{prefix}.LayerNorm.weight"), self.weight(f"{prefix}.LayerNorm.bias")],
            epsilon=epsilon, axis=-1,
        )  # fmt: skip

    def lengths(self) -> str:
        """Return how many tokens each text has: padding comes last."""
        counted = self.node("ReduceSum", ["attention_mask", self.constant("last", np.array([1]))], keepdims=0)
        return self.node("Cast", [counted], to=TensorProto.INT32)

    def layer(
        self,
        prefix: str,
        hidden: str,
        lengths: str,
        ranges: Ranges,
        head_width: int,
        epsilon: float,
    ) -> str:
        """Attention and feed-forward, each added to its input and normalised."""
        attended = self.attention(f"{prefix}.attention.self", hidden, lengths, ranges, head_width)
        name = f"{prefix}.attention.output"
        mixed = self.linear(f"{name}.dense", attended, ranges)
        hidden = self.normalise(name, mixed, hidden, epsilon)
        name = f"{prefix}.intermediate.dense"
        wide = self.node("Gelu", [self.linear(name, hidden, ranges)], domain=MICROSOFT)
        name = f"{prefix}.output"
        return self.normalise(name, self.linear(f"{name}.dense", wide, ranges), hidden, epsilon)

    def attention(self, prefix: str, hidden: str, lengths: str, ranges: Ranges, head_width: int) -> str:
        """Query, key and value in one product, then attention over each text's own tokens."""
        parts = [f"{prefix}.{name}" for name in ("query", "key", "value")]
        weights = np.concatenate([self.state[f"{part}.weight"].T for part in parts], axis=1)
        bias = self.constant(f"{prefix}.bias", np.concatenate([self.state[f"{part}.bias"] for part in parts]))
        small, scale, zero = self.quantise(parts[0], hidden, ranges[parts[0]])
        whole, scales = self.quantised(prefix, weights)
        inputs = [small, whole, bias, scale, scales, lengths, zero, self.zero8()]
        heads = weights.shape[1] // len(parts) // head_width
        return self.node("QAttention", inputs, domain=MICROSOFT, num_heads=heads)

    def linear(self, name: str, value: str, ranges: Ranges) -> str:
        """Multiply by a layer's weights, and add its bias."""
        small, scale, zero = self.quantise(name, value, ranges[name])
        whole, scales = self.quantised(name, self.state[f"{name}.weight"].T)
        inputs = [small, whole, scale, scales, zero, "", self.weight(f"{name}.bias")]
        return self.node("MatMulIntegerToFloat", inputs, domain=MICROSOFT)

    def normalise(self, name: str, value: str, beside: str, epsilon: float) -> str:
        """Add a layer's input to what it gave, and normalise."""
        parts = (self.weight(f"{name}.LayerNorm.{part}") for part in ("weight", "bias"))
        return self.node(
            "LayerNormalization", [self.node("Add", [value, beside]), *parts], epsilon=epsilon, axis=-1
        )

    def heads(self, hidden: str) -> None:
        """Pool, and compute the two outputs."""
        mask = self.node("Cast", ["attention_mask"], to=TensorProto.FLOAT)
        mask = self.node("Unsqueeze", [mask, self.constant("third", np.array([2]))])
        tokens = self.constant("tokens", np.array([1]))
        total = self.node("ReduceSum", [self.node("Mul", [hidden, mask]), tokens], keepdims=0)
        mean = self.node("Div", [total, self.node("ReduceSum", [mask, tokens], keepdims=0)])
        first = self.node("Gather", [hidden, self.constant("first", np.array(0))], axis=1)
        both = self.node("Concat", [mean, first], axis=1)
        weights = np.concatenate([self.state[f"heads.{head}.weight"] for head in HEADS])
        bias = np.concatenate([self.state[f"heads.{head}.bias"] for head in HEADS])
        inputs = [both, self.constant("heads.weight", weights), self.constant("heads.bias", bias)]
        self.node("Gemm", inputs, output="logits", transB=1)
        inputs = [mean, self.weight("project.weight"), self.weight("project.bias")]
        self.node("LpNormalization", [self.node("Gemm", inputs, transB=1)], output="embeddings", axis=1, p=2)

    def quantise(self, name: str, value: str, limits: tuple[float, float]) -> tuple[str, str, str]:
        """Turn a tensor into unsigned 8 bits; return it, its scale and its zero point."""
        low, high = limits
        step = max(high - low, SMALLEST) / 255
        scale = self.constant(f"{name}.step", np.array(step, np.float32))
        zero = self.constant(f"{name}.zero", np.array(round(-low / step), np.uint8))
        return self.node("QuantizeLinear", [value, scale, zero]), scale, zero

    def quantised(self, name: str, weights: Floats) -> tuple[str, str]:
        """Turn weights (in, out) into signed 8 bits; return them and their scales (out,)."""
        scales = np.maximum(np.abs(weights).max(axis=0), SMALLEST) / 127
        whole = self.constant(f"{name}.int8", np.rint(weights / scales).astype(np.int8))
        return whole, self.constant(f"{name}.scales", scales.astype(np.float32))

    def zero8(self) -> str:
        """Return the zero point of all weights."""
        return self.constant("zero8", np.array(0, np.int8))

    def weight(self, name: str) -> str:
        """Return a parameter as it is."""
        return self.constant(name, self.state[name])

    def constant(self, name: str, value: npt.NDArray[Any]) -> str:
        """Add a constant, once."""
        if not any(known.name == name for known in self.constants):
            self.constants.append(numpy_helper.from_array(value.copy(order="C"), name))
        return name

    def node(self, kind: str, inputs: Sequence[str], output: str = "", **options: Any) -> str:
        """Add a node with one output."""
        name = output or f"{kind}_{len(self.nodes)}"
        self.nodes.append(helper.make_node(kind, list(inputs), [name], name, **options))
        return name

    def save(self, path: Path) -> None:
        """Write the graph as an ONNX file."""
        graph = helper.make_graph(self.nodes, "student", list(_inputs()), list(_outputs()), self.constants)
        opsets = [helper.make_opsetid("", OPSET), helper.make_opsetid(MICROSOFT, 1)]
        onnx.save(helper.make_model(graph, opset_imports=opsets, ir_version=9), path)


def _inputs() -> Iterator[onnx.ValueInfoProto]:
    for name in ("input_ids", "attention_mask"):
        yield helper.make_tensor_value_info(name, TensorProto.INT64, ["texts", "tokens"])


def _outputs() -> Iterator[onnx.ValueInfoProto]:
    width = sum(len(labels) for labels in HEADS.values())
    yield helper.make_tensor_value_info("logits", TensorProto.FLOAT, ["texts", width])
    yield helper.make_tensor_value_info("embeddings", TensorProto.FLOAT, ["texts", 384])
