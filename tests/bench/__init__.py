"""Figures and ratios, never a timed test: ``python -m tests.bench [WORD...]``.

A benchmark is a function ``bench_*`` in a file of this folder; it yields ``Figure`` values. Its
first docstring line says what is measured against which yardstick.
"""
