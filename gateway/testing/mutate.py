"""Does a case notice? Each expression is changed a little, and the mapping's cases are run."""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import zip_longest

from gateway.config.kinds import BAD, Context
from gateway.config.mapping_spec import MAPPING_FILE, MappingSpec
from gateway.config.problems import Place, Problems
from gateway.testing.beside import neighbours
from gateway.testing.changes import Change, changes_of, changes_of_literal
from gateway.testing.files import Suite
from gateway.testing.run import Runner
from gateway.testing.spots import Spot, spots_of, with_scalar


@dataclass(frozen=True, slots=True)
class Mutant:
    """A mapping with one change in one of its expressions."""

    suite: Suite
    spec: MappingSpec
    spot: Spot
    change: Change

    def place(self, runner: Runner) -> Place:
        """Give where the change is in its file."""
        sources = runner.configuration.sources
        return self.spot.place(self.change.start, self.change.end, sources)


def mutants_of(suite: Suite, runner: Runner) -> list[Mutant]:
    """Give all mutants, those of different expressions in turn: time may not be enough for all."""
    configuration = runner.configuration
    specs = configuration.mappings
    spec = next(each for each in specs if each.mapping.text == suite.plan.mapping)
    beside = neighbours(suite.cases, configuration.schemas)
    by_spot = [
        [
            Mutant(suite, spec, spot, change)
            for change in (
                changes_of_literal(spot.text) if spot.literal else changes_of(spot.text, beside)
            )
        ]
        for spot in spots_of(spec)
    ]
    return [mutant for turn in zip_longest(*by_spot) for mutant in turn if mutant is not None]


def is_noticed(mutant: Mutant, runner: Runner) -> bool:
    """Say whether the change is refused when the file is loaded, or makes a case fail."""
    changed = _changed(mutant, runner)
    if changed is None:
        return True
    own = replace(runner.configuration, mappings=(changed,))
    trial, contract = Runner(own, runner.spec), mutant.suite.plan.contract.name
    return any(trial.run(case, contract) for case in mutant.suite.cases)


def _changed(mutant: Mutant, runner: Runner) -> MappingSpec | None:
    """Read the changed file; None where that is refused."""
    spot = mutant.spot
    node = with_scalar(mutant.spec.node, spot.scalar, spot.holding(mutant.change.became))
    problems = Problems()
    changed = MAPPING_FILE.read(node, Context(problems, {}, runner.configuration.folder))
    return None if changed is BAD or problems.fatal else changed
