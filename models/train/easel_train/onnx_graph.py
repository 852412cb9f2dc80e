"""Small helpers to write ONNX graphs by hand, and the weight file that several graphs share."""

from pathlib import Path

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

OPSET = 21
IR_VERSION = 10
MICROSOFT = "com.microsoft"  # onnxruntime's own operators
ALIGNMENT = 64
INLINE_BYTES = 64  # smaller constants stay inside the graph file


class Graph:
    """A list of nodes under construction. A loop body or branch has its own one and may read any name of the graph around it."""

    def __init__(self, prefix: str = ""):
        self.nodes: list[onnx.NodeProto] = []
        self.constants: dict[str, np.ndarray] = {}
        self.used_weights: set[str] = set()
        self._prefix = prefix
        self._count = 0

    def name(self, hint: str) -> str:
        self._count += 1
        return f"{self._prefix}{hint}_{self._count}"

    def op(self, kind: str, *inputs: str, domain: str = "", **attributes) -> str:
        """Adds a node with one output and returns its name."""
        return self.op_many(kind, 1, *inputs, domain=domain, **attributes)[0]

    def op_many(self, kind: str, outputs: int, *inputs: str, domain: str = "", **attributes) -> list[str]:
        names = [self.name(kind) for _ in range(outputs)]
        self.nodes.append(helper.make_node(kind, inputs, names, name=names[0], domain=domain, **attributes))
        return names

    def rename(self, value: str, name: str) -> None:
        """Gives a value the name that the world outside knows."""
        self.nodes.append(helper.make_node("Identity", [value], [name], name=f"{self._prefix}out_{name}"))

    def constant(self, value, dtype=np.int64) -> str:
        array = np.asarray(value, dtype)
        name = f"{self._prefix}const_{array.dtype}_{'x'.join(map(str, array.shape))}_{'_'.join(map(str, array.flatten()[:16].tolist()))}"
        if array.size > 16:
            name = self.name("const")
        self.constants[name] = array
        return name

    def weight(self, name: str) -> str:
        """Refers to an array of the shared weight file."""
        self.used_weights.add(name)
        return name


class WeightFile:
    """Arrays written once to one file and referred to by any number of graphs (ONNX external data)."""

    def __init__(self):
        self.arrays: dict[str, np.ndarray] = {}

    def add(self, name: str, array: np.ndarray) -> None:
        self.arrays[name] = np.ascontiguousarray(array)

    def write(self, path: Path) -> dict[str, TensorProto]:
        """Writes the file; returns what graphs beside it name instead of the bytes."""
        tensors = {}
        with open(path, "wb") as file:
            for name, array in self.arrays.items():
                if array.nbytes <= INLINE_BYTES:
                    tensors[name] = numpy_helper.from_array(array, name)
                    continue
                file.write(b"\0" * (-file.tell() % ALIGNMENT))
                tensor = TensorProto(
                    name=name, data_type=helper.np_dtype_to_tensor_dtype(array.dtype), dims=array.shape
                )
                tensor.data_location = TensorProto.EXTERNAL
                for key, value in (("location", path.name), ("offset", file.tell()), ("length", array.nbytes)):
                    tensor.external_data.add(key=key, value=str(value))
                file.write(array.tobytes())
                tensors[name] = tensor
        return tensors


def value(name: str, dtype: int, shape: list | None) -> onnx.ValueInfoProto:
    return helper.make_tensor_value_info(name, dtype, shape)


def save_model(path: Path, graph: Graph, bodies: list[Graph], inputs, outputs, tensors: dict[str, TensorProto]) -> None:
    """Writes one graph file. `bodies` are loop bodies and branches whose constants and weights live in the outer graph."""
    constants, used = {}, set()
    for part in (graph, *bodies):
        constants |= part.constants
        used |= part.used_weights
    initialisers = [numpy_helper.from_array(array, name) for name, array in constants.items()]
    initialisers += [tensors[name] for name in sorted(used)]
    proto = helper.make_graph(graph.nodes, path.stem, inputs, outputs, initialisers)
    opsets = [helper.make_opsetid("", OPSET), helper.make_opsetid(MICROSOFT, 1)]
    model = helper.make_model(proto, opset_imports=opsets, ir_version=IR_VERSION, producer_name="easel")
    path.write_bytes(model.SerializeToString(deterministic=True))
