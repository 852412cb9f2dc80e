"""The tokenizer's decoder and preview decoder as ONNX graphs: ids -> pixels (docs/model-format.md)."""

import numpy as np
import torch.nn as nn
from onnx import TensorProto

from .autoencoder import Autoencoder, ResidualBlock
from .onnx_graph import MICROSOFT, Graph, value


class DecoderGraph:
    """Writes a stack of torch modules as nodes. `half` stores convolutions in float16; they are widened once, on loading."""

    def __init__(self, autoencoder: Autoencoder, half: bool):
        self.autoencoder = autoencoder
        self.half = half
        self.g = Graph()

    def _stored(self, array: np.ndarray) -> str:
        g, name = self.g, self.g.name("weight")
        if not self.half:
            g.constants[name] = array.astype(np.float32)
            return name
        g.constants[name] = array.astype(np.float16)
        return g.op("Cast", name, to=TensorProto.FLOAT)

    def _stack(self, modules, x: str, size: int) -> tuple[str, int]:
        for module in modules:
            x, size = self._module(module, x, size)
        return x, size

    def _module(self, module: nn.Module, x: str, size: int) -> tuple[str, int]:
        """`size` is the height and width in pixels, which group normalisation needs to know."""
        g = self.g
        if isinstance(module, nn.Conv2d):
            weight, bias = (parameter.detach().float().cpu().numpy() for parameter in (module.weight, module.bias))
            pads, kernel = list(module.padding) * 2, list(module.kernel_size)
            return g.op("Conv", x, self._stored(weight), self._stored(bias), kernel_shape=kernel, pads=pads), size
        if isinstance(module, nn.SiLU):
            return g.op("QuickGelu", x, domain=MICROSOFT, alpha=1.0), size
        if isinstance(module, nn.PixelShuffle):
            return g.op("DepthToSpace", x, blocksize=module.upscale_factor, mode="CRD"), size * module.upscale_factor
        if isinstance(module, nn.GroupNorm):
            return self._group_norm(module, x, size), size
        if isinstance(module, ResidualBlock):
            return g.op("Add", x, self._stack(module.body, x, size)[0]), size
        raise TypeError(f"the exporter doesn't know the module {type(module).__name__}: teach it in onnx_decoder.py")

    def _group_norm(self, module: nn.GroupNorm, x: str, size: int) -> str:
        g, groups = self.g, module.num_groups
        ones, zeros = g.constant(np.ones(groups), np.float32), g.constant(np.zeros(groups), np.float32)
        grouped = g.op("Reshape", x, g.constant([0, groups, -1]))
        normal = g.op("InstanceNormalization", grouped, ones, zeros, epsilon=module.eps)
        back = g.op("Reshape", normal, g.constant([0, module.num_channels, size, size]))
        weight, bias = (parameter.detach().float().cpu().numpy()[:, None, None] for parameter in (module.weight, module.bias))
        for name, array in (("scale", weight), ("shift", bias)):
            g.constants[f"{name}_of_{normal}"] = array
        return g.op("Add", g.op("Mul", back, f"scale_of_{normal}"), f"shift_of_{normal}")

    def _codes(self) -> str:
        """ids (B, R*C) -> (B, digits, R, C)"""
        g, grid = self.g, self.autoencoder.config.grid
        g.constants["codes"] = self.autoencoder.fsq.codes().float().numpy()
        codes = g.op("Transpose", g.op("Gather", "codes", "ids", axis=0), perm=[0, 2, 1])
        return g.op("Reshape", codes, g.constant([0, len(self.autoencoder.config.levels), grid, grid]))

    def _to_unit(self, x: str) -> str:
        g, half = self.g, self.g.constant(0.5, np.float32)
        return g.op("Clip", g.op("Add", g.op("Mul", x, half), half), g.constant(0, np.float32), g.constant(1, np.float32))

    def decoder(self):
        """Returns (graph, inputs, outputs)."""
        config = self.autoencoder.config
        x, _ = self._stack(self.autoencoder.decoder, self._codes(), config.grid)
        self.g.rename(self._to_unit(x), "pixels")
        return self._finished(config.picture_px)

    def preview(self):
        """Places not drawn yet (id -1) feed zeros, like the world outside the picture, and come out transparent."""
        g, config = self.g, self.autoencoder.config
        drawn = g.op("Cast", g.op("GreaterOrEqual", "ids", g.constant(0)), to=TensorProto.FLOAT)
        drawn = g.op("Reshape", drawn, g.constant([0, 1, config.grid, config.grid]))
        *layers, shuffle = self.autoencoder.preview_decoder
        x, size = self._stack(layers, g.op("Mul", self._codes(), drawn), config.grid)
        x, _ = self._module(shuffle, g.op("Mul", self._to_unit(x), drawn), size)
        g.rename(x, "pixels")
        return self._finished(config.preview_px)

    def _finished(self, size: int):
        grid = self.autoencoder.config.grid
        inputs = [value("ids", TensorProto.INT64, ["B", grid * grid])]
        return self.g, inputs, [value("pixels", TensorProto.FLOAT, ["B", 4, size, size])]
