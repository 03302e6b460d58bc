/** The service that the page comes from: its models, forecasts, and the token that it may ask for. */

const BYTES = 24; // of a number as JSON, at most

/** An answer that is none: the text is the service's own. */
export class Refused extends Error {
  constructor(status, message) {
    super(message);
    this.status = status;
  }
}

export class Service {
  #token = null; // in memory alone
  #limits = null;

  set token(text) {
    this.#token = text;
  }

  /** What the models are; the first is the default. Raises Refused, 401 where a token is missing. */
  async models() {
    const { models, limits } = await this.#ask("models");
    this.#limits = limits;
    return models;
  }

  /** A forecast of each item, in their order, by as many requests as the limits make of it. */
  async forecast(model, items, horizon, signal) {
    const forecasts = [];
    const size = this.#batch(model, items, horizon);
    for (let start = 0; start < items.length; start += size) {
      const body = JSON.stringify({ model: model.name, series: items.slice(start, start + size), horizon });
      const answer = await this.#ask("forecast", { method: "POST", body, signal });
      forecasts.push(...answer.forecasts);
    }
    return forecasts;
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

  async #ask(path, options = {}) {
    const headers = this.#token === null ? {} : { Authorization: `Bearer ${this.#token}` };
    let response;
    try {
      response = await fetch(path, { ...options, headers });
    } catch (error) {
      if (error.name === "AbortError") throw error;
      throw new Refused(0, "The service does not answer. Is it still running?");
    }
    const content = await response.json().catch(() => ({ error: `The service answered ${response.status}.` }));
    if (!response.ok) throw new Refused(response.status, content.error);
    return content;
  }
}

function lengthOf(values) {
  return Array.isArray(values) ? values.length : Math.max(...Object.values(values).map((one) => one.length));
}
