"""The tokenizer's decoder and preview decoder as ONNX graphs: ids -> pixels (docs/model-format.md)."""

import numpy as np
import torch.nn as nn
from onnx import TensorProto

from .autoencoder import Autoencoder, ChannelNorm, ResidualBlock
from .onnx_graph import MICROSOFT, Graph, value

CHANNEL_NORM_EPSILON = 1e-6


class DecoderGraph:
    """Writes a stack of torch modules as nodes. `half` stores convolutions in int8 with a scale for each output channel, and what
    is small in float16; both are widened once, on loading."""

    def __init__(self, autoencoder: Autoencoder, half: bool):
        self.autoencoder = autoencoder
        self.half = half
        self.g = Graph()

    def _stored(self, array: np.ndarray) -> str:
        g, name = self.g, self.g.name("weight")
        if not self.half:
            g.constants[name] = array.astype(np.float32)
            return name
        if array.ndim < 4:
            g.constants[name] = array.astype(np.float16)
            return g.op("Cast", name, to=TensorProto.FLOAT)
        scale = (np.abs(array).max((1, 2, 3), keepdims=True) / 127 + 1e-12).astype(np.float32)
        g.constants[name] = np.rint(array / scale).astype(np.int8)
        g.constants[f"{name}_scale"] = scale
        return g.op("Mul", g.op("Cast", name, to=TensorProto.FLOAT), f"{name}_scale")

    def _stack(self, modules: nn.Sequential, x: str) -> str:
        for module in modules:
            x = self._module(module, x)
        return x

    def _module(self, module: nn.Module, x: str) -> str:
        g = self.g
        if isinstance(module, nn.Conv2d):
            weight, bias = (parameter.detach().float().cpu().numpy() for parameter in (module.weight, module.bias))
            pads, kernel = list(module.padding) * 2, list(module.kernel_size)
            return g.op("Conv", x, self._stored(weight), self._stored(bias), kernel_shape=kernel, pads=pads)
        if isinstance(module, nn.SiLU):
            return g.op("QuickGelu", x, domain=MICROSOFT, alpha=1.0)
        if isinstance(module, nn.PixelShuffle):
            return g.op("DepthToSpace", x, blocksize=module.upscale_factor, mode="CRD")
        if isinstance(module, ChannelNorm):
            return self._channel_norm(module, x)
        if isinstance(module, ResidualBlock):
            return g.op("Add", x, self._stack(module.body, x))
        raise TypeError(f"the exporter doesn't know the module {type(module).__name__}: teach it in onnx_decoder.py")

    def _channel_norm(self, module: ChannelNorm, x: str) -> str:
        g = self.g
        square = g.op("ReduceMean", g.op("Mul", x, x), g.constant([1]), keepdims=1)
        size = g.op("Sqrt", g.op("Add", square, g.constant(CHANNEL_NORM_EPSILON, np.float32)))
        gain = g.name("gain")
        g.constants[gain] = module.weight.detach().float().cpu().numpy()[:, None, None]
        return g.op("Mul", g.op("Div", x, size), gain)

    def _codes(self) -> str:
        """ids (B, R*C) -> (B, digits, R, C)"""
        g, grid = self.g, self.autoencoder.config.grid
        g.constants["codes"] = self.autoencoder.fsq.codes().float().numpy()
        codes = g.op("Transpose", g.op("Gather", "codes", "ids", axis=0), perm=[0, 2, 1])
        return g.op("Reshape", codes, g.constant([0, len(self.autoencoder.config.levels), grid, grid]))

    def _to_unit(self, x: str) -> str:
        g, half = self.g, self.g.constant(0.5, np.float32)
        return g.op(
            "Clip", g.op("Add", g.op("Mul", x, half), half), g.constant(0, np.float32), g.constant(1, np.float32)
        )

    def decoder(self):
        """Returns (graph, inputs, outputs)."""
        config = self.autoencoder.config
        x = self._stack(self.autoencoder.decoder, self._codes())
        self.g.rename(self._to_unit(x), "pixels")
        return self._finished(config.picture_px)

    def preview(self):
        """Places not drawn yet (id -1) feed zeros, like the world outside the picture, and come out transparent."""
        g, config = self.g, self.autoencoder.config
        drawn = g.op("Cast", g.op("GreaterOrEqual", "ids", g.constant(0)), to=TensorProto.FLOAT)
        drawn = g.op("Reshape", drawn, g.constant([0, 1, config.grid, config.grid]))
        *layers, shuffle = self.autoencoder.preview_decoder
        x = self._stack(layers, g.op("Mul", self._codes(), drawn))
        x = self._module(shuffle, g.op("Mul", self._to_unit(x), drawn))
        g.rename(x, "pixels")
        return self._finished(config.preview_px)

    def _finished(self, size: int):
        grid = self.autoencoder.config.grid
        inputs = [value("ids", TensorProto.INT64, ["B", grid * grid])]
        return self.g, inputs, [value("pixels", TensorProto.FLOAT, ["B", 4, size, size])]
