"""What Celery is told to do; thin, and safe to run twice."""

from __future__ import annotations

from finsam.celery import app
from finsam.jobs import work


@app.task(name="jobs.look_at", time_limit=1_260, soft_time_limit=1_200)  # type: ignore[untyped-decorator]
def look_at(job_id: int) -> None:
    """Carry out a job if it is due and nobody else has it."""
    work.run_job(job_id, beating=True)


@app.task(name="jobs.sweep")  # type: ignore[untyped-decorator]
def sweep() -> None:
    """Find promises that nobody took."""
    work.sweep()
