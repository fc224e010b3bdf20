"""The bench of coherence with real processes, for moments: figures come out of it."""

from __future__ import annotations

import random
from pathlib import Path

from bench.coherence import appearing, changing
from bench.coherence.stage import FRONT, stage
from bench.coherence.under_load import measure_under_load
from bench.processors import here


def test_new_pod_and_changes_under_load(tmp_path: Path) -> None:
    objects = [*appearing.OBJECTS, *changing.objects()]
    with stage(tmp_path, objects, cache=FRONT, cpus=here().workers) as on_stage:
        assert appearing.measure_held(on_stage, seconds=0.5) == 1
        pods = appearing.measure_appearing(on_stage, trials=2, chance=random.Random(1))
        assert len(pods.delays_s) == 2
        assert pods.at(1.0) != float("inf")
        assert pods.negatives_after == 0
        load = measure_under_load(on_stage, seconds=2.0, changes_s=20.0, kept_up=0.5)
    assert load.judged.answers > 100
    assert load.judged.foreign == 0
    assert load.told.acknowledged >= load.changes / 2 > 5
    assert load.heard.failed == 0
