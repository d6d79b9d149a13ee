"""The parts of a report, each a function of what an evaluation wrote."""
