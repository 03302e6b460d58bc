/** The service that the page comes from: its models, forecasts, and the token that it may ask for. */

import { Refused } from "./refused.js";
import { requestOf } from "./series.js";

const BYTES = 24; // of a number as JSON, at most
const LARGEST_HERE = 64 * 2 ** 20; // bytes of a file that is read in the browser

const PATIENCE = 120_000; // milliseconds for an answer
const HINTS = {
  413: " The data are too large for it.",
  429: " It has too much to do.",
  503: " It has too much to do.",
};

export class Service {
  #token = null; // in memory alone
  #limits = null;
  bundle = null; // of the model that answered last
  explains = true;
  judges = true;
  reads = null; // {endings, options}: files that the service reads; null where it reads none

  set token(text) {
    this.#token = text;
  }

  /** What the models are; the first is the default. Raises Refused, 401 where a token is missing. */
  async models() {
    const { models, limits, reads = null } = await this.#ask("models");
    Object.assign(this, { reads });
    this.#limits = limits;
    return models;
  }

  /** Bytes that a file may have. */
  get largestFile() {
    return this.reads === null ? LARGEST_HERE : this.#limits.file;
  }

  /** What the service understands of a file. chosen: texts, or lists of them, by name. Raises Refused. */
  async read(model, { name, blob }, chosen, signal) {
    const query = new URLSearchParams({ model: model.name, name });
    for (const [option, value] of Object.entries(chosen))
      for (const one of [value].flat()) query.append(option, one);
    return this.#ask(`read?${query}`, { method: "POST", body: blob, signal });
  }

  /** A forecast of each series of understand, in their order, by as many requests as the limits make of it. */
  async forecast(model, all, horizon, signal) {
    const items = all.map((series) => requestOf(series, model, horizon));
    const forecasts = [];
    const size = this.#batch(model, items, horizon);
    for (let start = 0; start < items.length; start += size) {
      const body = JSON.stringify({ model: model.name, series: items.slice(start, start + size), horizon });
      const asked = this.#ask("forecast", { method: "POST", body, signal });
      const answer = await asked.catch((problem) => Promise.reject(withTitle(problem, all, start)));
      forecasts.push(...answer.forecasts);
      this.bundle = answer.bundle;
    }
    return forecasts;
  }

  /** The forecast of one series under other circumstances: {explain}, {known: [name, step, value]}, {fixed: [step, value], paths}. */
  async otherwise(model, { series, target }, horizon, { known, fixed, ...asked }, signal) {
    const item = requestOf(series, model, horizon);
    if (known) {
      const [name, step, value] = known;
      item.future_known[name] = item.future_known[name].map((one, at) => (at === step ? value : one));
    }
    if (fixed) {
      const hold = (one) => Array.from({ length: fixed[0] + 1 }, (_, at) => (one && at === fixed[0] ? fixed[1] : null));
      item.fixed = target === null ? hold(true) : Object.fromEntries(model.targets.map((name) => [name, hold(name === target)]));
    }
    const body = JSON.stringify({ model: model.name, series: [item], horizon, ...asked });
    const { forecasts } = await this.#ask("forecast", { method: "POST", body, signal });
    return forecasts[0];
  }

  /** The last values of a series, judged: as many as the model looks ahead. Raises Refused. */
  async judge(model, series, signal) {
    const item = requestOf(series, model, 1, model.horizon);
    const body = JSON.stringify({ model: model.name, series: [item], horizon: 1, anomalies: model.horizon });
    const { forecasts } = await this.#ask("forecast", { method: "POST", body, signal });
    return forecasts[0].anomalies;
  }

  #batch(model, items, horizon) {
    const { series, points, body } = this.#limits;
    const columns = model.targets.length + model.known.length + model.past.length;
    const longest = items.reduce((most, item) => Math.max(most, lengthOf(item.values)), 1);
    const given = columns * (longest + horizon);
    const forecast = horizon * model.levels.length * model.targets.length;
    const most = Math.min(series, points / given, points / forecast, body / (BYTES * given));
    return Math.max(1, Math.floor(most));
  }

  async #ask(path, { signal, ...options } = {}) {
    const headers = this.#token === null ? {} : { Authorization: `Bearer ${this.#token}` };
    const patience = new AbortController();
    const timer = setTimeout(() => patience.abort(), PATIENCE);
    try {
      const either = AbortSignal.any([patience.signal, ...(signal ? [signal] : [])]);
      const response = await fetch(path, { ...options, headers, signal: either });
      return await contentOf(response);
    } catch (error) {
      if (error instanceof Refused || signal?.aborted) throw error;
      if (patience.signal.aborted) throw new Refused(0, `The service has not answered for ${PATIENCE / 1000} seconds.`);
      throw new Refused(0, "The service does not answer. Is it still running?");
    } finally {
      clearTimeout(timer);
    }
  }
}

/** The JSON of an answer. Raises Refused for all but a success, with the error in it if there is one. */
async function contentOf(response) {
  const { status } = response;
  const text = await response.text();
  let content = null;
  try {
    content = JSON.parse(text);
  } catch {
    // not of the service, but of what stands before it
  }
  if (response.ok && content !== null) return content;
  const said = typeof content?.error === "string" && content.error !== "" ? content.error : null;
  throw new Refused(status, said ?? `The service answered ${status}.${HINTS[status] ?? ""}`, content);
}

/** A series is a number in a request, and has a title here. */
function withTitle(problem, all, start) {
  if (!(problem instanceof Refused)) return problem;
  const title = (_, bare, bracketed) => `“${all[start + Number(bare ?? bracketed)]?.title ?? ""}”`;
  return new Refused(
    problem.status,
    problem.message.replace(/\bseries(?: (\d+)\b|\[(\d+)\])/, title),
  );
}

function lengthOf(values) {
  return Array.isArray(values) ? values.length : Math.max(...Object.values(values).map((one) => one.length));
}
