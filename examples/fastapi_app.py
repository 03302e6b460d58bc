"""A model inside a web application: one Predictor for all requests, computing in FastAPI's thread pool.

BUNDLE=run/bundle uvicorn --app-dir examples fastapi_app:app
"""

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Annotated

import numpy as np
from anyio.to_thread import current_default_thread_limiter
from fastapi import Depends, FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import BaseModel, ConfigDict, Field

from deploy import DeadlineError, InputError, Predictor

MOST_SERIES = 1024  # of a request
TIMEOUT = 10.0  # seconds that a forecast may take
THREADS = os.cpu_count() or 1  # a run keeps one core busy; more threads would only take turns


class Strict(BaseModel):
    """A misspelt field is an error, and so is a text or true in the place of a number."""

    model_config = ConfigDict(extra="forbid", strict=True)


class Series(Strict):
    """Values, the oldest first; null where nothing was observed."""

    values: list[float | None] = Field(min_length=1, max_length=100_000)


class Asked(Strict):
    """Series that end at the same time, or whose times are not known."""

    series: list[Series] = Field(min_length=1, max_length=MOST_SERIES)
    horizon: int | None = Field(default=None, ge=1)
    last_timestamp: str | None = None


class Answer(BaseModel):
    """Of each series, in the order of the request: the median and all quantiles by level."""

    median: list[list[float]]
    quantiles: list[dict[str, list[float]]]


@asynccontextmanager
async def lifespan(app: FastAPI) -> AsyncIterator[None]:
    """Load before the first request; a bundle that is damaged ends the start."""
    current_default_thread_limiter().total_tokens = THREADS
    app.state.predictor = Predictor.load(
        os.environ.get("BUNDLE", "run/bundle"), verify=True, max_batch=MOST_SERIES
    )
    yield


app = FastAPI(lifespan=lifespan)


def predictor_of(request: Request) -> Predictor:
    """The one of the application; it keeps no state between calls, so threads share it."""
    predictor: Predictor = request.app.state.predictor
    return predictor


@app.post("/forecast")
def forecast(asked: Asked, predictor: Annotated[Predictor, Depends(predictor_of)]) -> Answer:
    """No `async`: FastAPI then calls it on a thread, and the event loop stays free."""
    # Of null, numpy's float64 makes NaN, which is how a Predictor knows missing values.
    histories = [np.array(series.values, dtype=np.float64) for series in asked.series]
    found = predictor.forecast(histories, asked.horizon, last_timestamp=asked.last_timestamp, timeout=TIMEOUT)
    levels = [f"{level:g}" for level in found.quantile_levels]
    by_level = np.moveaxis(found.quantiles, -1, 1)  # (batch, quantile, horizon)
    return Answer(
        median=found.median.tolist(),
        quantiles=[dict(zip(levels, rows.tolist(), strict=True)) for rows in by_level],
    )


@app.exception_handler(InputError)
def refuse(_request: Request, error: InputError) -> JSONResponse:
    """What no forecast comes of; the message says where, what was found and what was expected."""
    return JSONResponse({"detail": str(error)}, status_code=422)


@app.exception_handler(RequestValidationError)
def reject(_request: Request, error: RequestValidationError) -> JSONResponse:
    """What is not of the form. FastAPI's own answer repeats the values, and fails where one is NaN."""
    found = [f"{'.'.join(map(str, each['loc']))}: {each['msg']}" for each in error.errors()]
    return JSONResponse({"detail": "; ".join(found)[:2000]}, status_code=422)


@app.exception_handler(DeadlineError)
def give_up(_request: Request, error: DeadlineError) -> JSONResponse:
    """The caller may come again, with less."""
    return JSONResponse({"detail": str(error)}, status_code=504)
