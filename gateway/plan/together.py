"""Several jobs at once, with an end that doesn't depend on which of them is the fastest."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field

from gateway.errors import Refusal

Job = Callable[[], Awaitable[None]]


async def together(jobs: Sequence[Job], *, at_once: int, cut: bool) -> dict[int, Refusal]:
    """Run jobs in their order, at most `at_once` at a time; give those refused, by position.

    After a refusal no job behind it begins; those behind it that have begun are cancelled where
    they may be `cut`. Those before it go on to their end, so that the first refusal is the same
    as if the jobs had run one after another. An exception that is no refusal is raised: at once
    where jobs may be `cut`, else when those that have begun are done.
    """
    crew = _Crew(jobs, cut=cut)
    try:
        async with asyncio.TaskGroup() as group:
            for number in range(min(at_once, len(jobs))):
                crew.workers.append(group.create_task(crew.work(number)))
    except ExceptionGroup as bugs:
        crew.bug = bugs.exceptions[0]
    if crew.bug is not None:  # outside of the block, so that its own causes are kept
        raise crew.bug
    return crew.refused


@dataclass(slots=True)
class _Crew:
    jobs: Sequence[Job]
    cut: bool = field(kw_only=True)
    begun: int = 0
    doing: dict[int, int] = field(default_factory=dict)
    """The job that each worker is at."""
    workers: list[asyncio.Task[None]] = field(default_factory=list)
    refused: dict[int, Refusal] = field(default_factory=dict)
    bug: Exception | None = None

    async def work(self, worker: int) -> None:
        # What is left is behind all begun.
        while self.begun < len(self.jobs) and not self.refused and self.bug is None:
            job = self.doing[worker] = self.begun
            self.begun += 1
            try:
                await self.jobs[job]()
            except Refusal as refusal:
                self.refused[job] = refusal
                self._cut_behind(job)
            except Exception as bug:
                if self.cut:
                    raise
                self.bug = bug
            del self.doing[worker]

    def _cut_behind(self, refused: int) -> None:
        for worker, job in self.doing.items() if self.cut else ():
            if job > refused:
                self.workers[worker].cancel()
