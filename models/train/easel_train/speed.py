"""Times the row graphs of exported models: `python -m easel_train.speed --model DIR [DIR ...]`, one JSON object a line.

`ms` is the tokens of one picture (prefill and all rows, one thread) when so many are drawn at a time; the variants take turns, so
that a busy machine hits all of them alike.
"""

import argparse
import json
import statistics
import time
from pathlib import Path

from .onnx_engine import OnnxEngine


def once(engine: OnnxEngine, slots: int) -> tuple[float, float]:
    """(milliseconds inside the row graph, milliseconds of all) to draw `slots` pictures together."""
    requests = [engine.request("a red apple", seed=seed) for seed in range(slots)]
    inside, run = 0.0, engine.row.run

    class Timed:
        get_outputs = engine.row.get_outputs

        @staticmethod
        def run(names, inputs):
            nonlocal inside
            start = time.perf_counter()
            result = run(names, inputs)
            inside += time.perf_counter() - start
            return result

    session, engine.row = engine.row, Timed
    start = time.perf_counter()
    engine.draw(requests)
    engine.row = session
    return inside * 1000, (time.perf_counter() - start) * 1000


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--model", type=Path, nargs="+", required=True)
    parser.add_argument("--slots", type=int, nargs="+", default=[1, 4])
    parser.add_argument("--repeats", type=int, default=7)
    args = parser.parse_args()
    engines = [OnnxEngine(folder) for folder in args.model]
    times: dict[tuple[int, int], list[tuple[float, float]]] = {}
    for repeat in range(args.repeats + 1):
        for index, engine in enumerate(engines):
            for slots in args.slots:
                measured = once(engine, slots)
                if repeat:  # the first warms up
                    times.setdefault((index, slots), []).append(measured)
    for (index, slots), measured in times.items():
        row, whole = zip(*measured, strict=True)
        line = {
            "model": engines[index].manifest["name"],
            "precision": engines[index].manifest["precision"],
            "slots": slots,
            "rowGraphMs": round(min(row), 1),
            "medianMs": round(statistics.median(row), 1),
            "wholeMs": round(min(whole), 1),
            "msPerPicture": round(min(row) / slots, 1),
        }
        print(json.dumps(line))


if __name__ == "__main__":
    main()
