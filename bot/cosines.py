"""Cosines of a vector with very many others, on int8: what is read from memory decides how long that takes."""

from collections.abc import Callable
from typing import Final

import numpy as np
import onnxruntime as ort
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

Floats = NDArray[np.float32]
Cosines = Callable[[Floats], Floats]

_LEVELS: Final = 63  # seven bits: processors without VNNI would overflow on eight
_OPSET: Final = 17
_IR_VERSION: Final = 9
_SMALLEST: Final = 1e-12


class RoundedRows:
    """Unit vectors, rounded to 127 levels each; their cosines are right to about 0.001.

    A numpy product in float32 waits for four times the memory; numpy has no product on int8, onnxruntime has.
    """

    def __init__(self, rows: Floats) -> None:
        """Round the rows.

        Args:
            rows: Shape ``(n, dim)``; not kept.
        """
        self._rows: Final = len(rows)
        scales = np.maximum(np.abs(rows).max(axis=1, keepdims=True), _SMALLEST) / _LEVELS
        rounded = np.round(rows / scales).astype(np.int8)
        options = ort.SessionOptions()
        options.intra_op_num_threads = (
            1  # a small product: a second thread costs more than it saves
        )
        graph = _product(np.ascontiguousarray(rounded.T), scales[:, 0].astype(np.float32))
        self._session: Final = ort.InferenceSession(
            graph, options, providers=["CPUExecutionProvider"]
        )

    def cosines(self, vectors: Floats) -> Floats:
        """Return the cosines with every row, shape ``(len(vectors), n)``; vectors have length 1.

        Each vector is rounded by itself, so that it does not matter which others it comes with.
        """
        found = np.empty((len(vectors), self._rows), dtype=np.float32)
        for row, vector in zip(found, vectors, strict=True):
            row[:] = self._session.run(None, {"vector": vector[None]})[0][0]
        return found


class ChangedRows:
    """Rows of which a few are others than before; only those are rounded anew."""

    def __init__(self, before: Cosines, more: Floats, order: NDArray[np.int32]) -> None:
        """Put rows together.

        Args:
            before: Cosines with the rows that were there.
            more: New rows, shape ``(m, dim)``; not kept.
            order: Where each row comes from: a place among those before or, counted on from their end, among the new.
        """
        self._parts: Final = (before, RoundedRows(more).cosines) if len(more) else (before,)
        self._order: Final = order

    def cosines(self, vectors: Floats) -> Floats:
        """Return the cosines with every row, shape ``(len(vectors), len(order))``; vectors have length 1."""
        found: Floats = np.concatenate([part(vectors) for part in self._parts], axis=1)
        return found.take(self._order, axis=1)


def _product(columns: NDArray[np.int8], scales: Floats) -> bytes:
    """Write the product as a model: round the vector, multiply, undo both scales."""
    dim, rows = columns.shape
    nodes = (
        helper.make_node("DynamicQuantizeLinear", ["vector"], ["rounded", "scale", "zero"]),
        helper.make_node("MatMulInteger", ["rounded", "columns", "zero"], ["sums"]),
        helper.make_node("Cast", ["sums"], ["products"], to=TensorProto.FLOAT),
        helper.make_node("Mul", ["scales", "scale"], ["factors"]),
        helper.make_node("Mul", ["products", "factors"], ["cosines"]),
    )
    graph = helper.make_graph(
        nodes,
        "cosines",
        [helper.make_tensor_value_info("vector", TensorProto.FLOAT, [1, dim])],
        [helper.make_tensor_value_info("cosines", TensorProto.FLOAT, [1, rows])],
        [numpy_helper.from_array(columns, "columns"), numpy_helper.from_array(scales, "scales")],
    )
    model = helper.make_model(
        graph, opset_imports=[helper.make_opsetid("", _OPSET)], ir_version=_IR_VERSION
    )
    content: bytes = model.SerializeToString()
    return content
