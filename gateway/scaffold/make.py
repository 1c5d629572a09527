"""From one operation and one contract to files: mapping, schemas, gateway.yaml, tests."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import msgspec

from gateway.config.load import Configuration, load
from gateway.lossless import Json, dumps
from gateway.plan.build import build
from gateway.scaffold.cases import received, tests_text
from gateway.scaffold.deployment import Deployment
from gateway.scaffold.extract import without_large_examples
from gateway.scaffold.guess import Guess, Subject, guess
from gateway.scaffold.ideas import words
from gateway.scaffold.mapping import mapping_text
from gateway.scaffold.rehearsal import Rehearsal
from gateway.scaffold.tree import Block
from gateway.testing.run import Runner


@dataclass(frozen=True, slots=True)
class File:
    """A file to be written."""

    path: Path
    text: str

    @property
    def differs(self) -> bool:
        """Whether something else is there already."""
        return self.path.exists() and self.path.read_bytes() != self.text.encode()


@dataclass(frozen=True, slots=True)
class Scaffold:
    """What is written for a subject; `vendor` is its block, None where gateway.yaml has it."""

    deployment: Deployment
    subject: Subject
    guess: Guess
    vendor: Block | None

    @classmethod
    def of(cls, deployment: Deployment, subject: Subject, vendor: Block | None) -> Scaffold:
        return cls(deployment, subject, guess(subject), vendor)

    @property
    def mapping(self) -> Path:
        return self.deployment.mapping_path(self.subject.vendor, self.subject.contract)

    @property
    def tests(self) -> Path:
        return self.mapping.with_suffix(".test.yaml")

    def files(self) -> list[File]:
        """Give all but the tests and gateway.yaml."""
        return [
            *(
                File(
                    self.deployment.schemas / self._schema_name(about),
                    _json(without_large_examples(schema)),
                )
                for about, schema in self.guess.schemas.items()
            ),
            File(self.mapping, self._mapping_text()),
        ]

    def gateway(self) -> File:
        """Give gateway.yaml as it will be."""
        vendor = self.subject.vendor
        return File(self.deployment.path, self.deployment.text(vendor, self.vendor, self.mapping))

    def rehearsed(self) -> File | Configuration:
        """Run what has been written, and give its tests; the configuration if it has errors."""
        configuration = load(self.deployment.path, None)
        plans = build(configuration)
        if plans is None or configuration.gateway is None:
            return configuration
        rehearsal = Rehearsal(
            plans.by_contract[self.subject.contract.name],
            plans,
            Runner(configuration, configuration.gateway),
            received(self.guess, self._mapping_text()),
        )
        modeline = self.deployment.modeline(self.tests, "test.json")
        return File(self.tests, tests_text(self.guess, rehearsal, modeline))

    def _mapping_text(self) -> str:
        names = {about: self._schema_name(about) for about in self.guess.schemas}
        modeline = self.deployment.modeline(self.mapping, "mapping.json")
        return mapping_text(self.guess, names, modeline)

    def _schema_name(self, about: str) -> str:
        stem = "-".join(words(self.subject.operation.id)) or "operation"
        return f"{self.subject.vendor}/{stem}-{about}.json"


def _json(value: Json) -> str:
    return msgspec.json.format(dumps(value), indent=2).decode() + "\n"
