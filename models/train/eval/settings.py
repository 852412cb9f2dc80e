"""Which guidance, top-k and temperature score best: `python -m eval.settings --model DIR`, one JSON object a line.

On the prompts of seen combinations only, so that the held-out score stays a test. One seed a prompt, drawn through onnxruntime.
"""

import argparse
import json
from itertools import product
from pathlib import Path

from easel_train.onnx_engine import OnnxEngine

from .judge import Judge
from .precisions import score
from .prompts import FILE as PROMPTS


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--model", type=Path, required=True)
    parser.add_argument("--guidance", type=float, nargs="+", default=[1.6, 2.5])
    parser.add_argument("--top-k", type=int, nargs="+", default=[1, 4, 8])
    parser.add_argument("--temperature", type=float, nargs="+", default=[0.6])
    args = parser.parse_args()
    engine, judge = OnnxEngine(args.model), Judge()
    prompts = [p for p in json.loads(PROMPTS.read_text(encoding="utf-8")) if p["split"] == "seen"]
    for guidance, top_k, temperature in product(args.guidance, args.top_k, args.temperature):
        options = {"guidance_scale": guidance, "top_k": top_k, "temperature": temperature}
        result = score(engine, prompts, judge, **options)["seen"]
        tasks = {task: round(cell["value"], 3) for task, cell in result["tasks"].items()}
        print(json.dumps(options | {"overall": round(result["overall"]["value"], 4)} | tasks), flush=True)


if __name__ == "__main__":
    main()
