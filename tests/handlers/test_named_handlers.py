from ignite.engine import Engine
from monai.bundle import ConfigParser

from custom.handlers import NamedHandlers


class Noting:
    def __init__(self, name, seen):
        self.name, self.seen = name, seen

    def attach(self, engine):
        engine.add_event_handler("STARTED", lambda _: self.seen.append(self.name))


def test_in_order_and_without_those_that_are_disabled():
    seen = []
    handlers = NamedHandlers({"b": Noting("b", seen), "off": None, "a": Noting("a", seen)})
    engine = Engine(lambda engine, batch: None)
    handlers.attach(engine)
    engine.run([0], max_epochs=1)
    assert seen == ["b", "a"]


def test_a_config_switches_one_off_and_adds_another_by_name():
    target = "tests.handlers.test_named_handlers.Noting"
    config = {
        "seen": [],
        "named": {name: {"_target_": target, "name": name, "seen": "@seen"} for name in ("first", "second")},
        "handlers": {"_target_": "custom.handlers.NamedHandlers", "handlers": "@named"},
    }
    parser = ConfigParser(config)
    parser.update({"named#first#_disabled_": True, "named#third": {**config["named"]["first"], "name": "third"}})
    assert list(parser.get_parsed_content("handlers").handlers) == ["second", "third"]
