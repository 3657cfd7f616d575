"""Run the benchmarks whose name holds one of the words given, all of them without a word."""

import inspect
import sys
import tempfile
from collections.abc import Callable, Iterable, Iterator
from importlib import import_module
from pathlib import Path
from pkgutil import iter_modules

from tests.bench.measure import Figure

Benchmark = Callable[[Path], Iterable[Figure]]


def found(words: list[str]) -> Iterator[tuple[str, Benchmark]]:
    for module in iter_modules([str(Path(__file__).parent)]):
        if module.name.startswith("_"):
            continue
        for name, function in vars(import_module(f"tests.bench.{module.name}")).items():
            if name.startswith("bench_"):
                full = f"{module.name}.{name.removeprefix('bench_')}"
                if not words or any(word in full for word in words):
                    yield full, function


def line(figure: Figure) -> str:
    ratio = f"{figure.ratio:6.2f} x {figure.yardstick}" if figure.ratio is not None else ""
    against = ratio or figure.yardstick
    bar = f"  (at most {figure.bar:g}{'' if figure.within else ': MISSED'})" if figure.bar else ""
    return f"  {figure.what:<44} {figure.value:10.2f} {figure.unit:<7} {against}{bar}"


def main() -> int:
    failed = 0
    for name, function in found(sys.argv[1:]):
        print(f"{name}: {(inspect.getdoc(function) or '').splitlines()[0]}", flush=True)
        try:
            with tempfile.TemporaryDirectory(prefix="digest-bench-") as folder:
                for figure in function(Path(folder)):
                    print(line(figure), flush=True)
        except Exception as error:
            failed += 1
            said = getattr(error, "stderr", None) or b""
            print(f"  could not be run: {error!r} {said.decode(errors='replace')[-400:]}")
    return 1 if failed else 0


sys.exit(main())
