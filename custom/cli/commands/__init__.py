"""The verbs: for each of them its arguments, and the command lines that it stands for."""

from custom.cli.commands.data import CHECK, PLAN, PREPARE
from custom.cli.commands.runs import COMPARE, EVALUATE, EXPLAIN, EXPORT, PREDICT, REPORT
from custom.cli.commands.training import DEMO, TRAIN
from custom.cli.commands.verb import Verb

VERBS = {
    "prepare": PREPARE,
    "check": CHECK,
    "plan": PLAN,
    "train": TRAIN,
    "demo": DEMO,
    "evaluate": EVALUATE,
    "explain": EXPLAIN,
    "predict": PREDICT,
    "report": REPORT,
    "compare": COMPARE,
    "export": EXPORT,
}

__all__ = ["VERBS", "Verb"]
