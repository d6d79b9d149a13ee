import os
import signal
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).parents[2]
PROGRAM = """
import os, sys, time
from concurrent.futures import ProcessPoolExecutor
from custom.files.workers import follow_parent
def task(_):
    print(os.getpid(), flush=True)
    time.sleep(600)
with ProcessPoolExecutor(2, initializer=follow_parent, initargs=(os.getpid(),)) as pool:
    list(pool.map(task, range(2)))
"""


def test_workers_of_a_killed_process_end(tmp_path):
    process = subprocess.Popen(
        [sys.executable, "-c", PROGRAM], env={**os.environ, "PYTHONPATH": str(ROOT)}, stdout=subprocess.PIPE, text=True
    )
    workers = {int(process.stdout.readline()) for _ in range(2)}
    assert len(workers) == 2
    for worker in workers:
        os.kill(worker, signal.SIGINT)  # Ctrl-C reaches all of a terminal's processes
    time.sleep(0.1)
    assert process.poll() is None
    process.kill()
    # The pipe ends only when nobody can write to it any more.
    assert process.communicate(timeout=60)[0] == ""
