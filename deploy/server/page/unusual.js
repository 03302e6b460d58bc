/** The last values of a series that are unusual for what was forecast of them: marked in the chart, and said. */

import { intervals } from "./answer.js";
import { Refused } from "./refused.js";
import { showMarks } from "./show.js";

const RARE = 0.001; // p-value up to which a value is marked

const element = (id) => document.getElementById(id);

export class Unusual {
  #service;
  #chart;
  #shown = null; // {model, choice, writeTime, write}
  #judged = null; // {series, bundle, answer}: of the service, or what it said in place of one
  #asking = new AbortController();
  #isChosen = false; // whether a person said that there are to be marks, or none

  constructor(service, chart) {
    this.#service = service;
    this.#chart = chart;
    element("mark").addEventListener("change", () => {
      this.#isChosen = true;
      this.#look();
    });
  }

  /** Take another forecast: {model, choice, writeTime, write}. Without calibrated intervals marks are drawn where asked for. */
  take(shown) {
    this.#shown = shown;
    const { levels } = shown.model;
    const canJudge = this.#service.judges && levels[0] < 0.5 && levels.at(-1) > 0.5;
    element("choose-mark").hidden = !canJudge;
    if (!this.#isChosen) element("mark").checked = isCalibrated(shown.model);
    if (canJudge) this.#look();
  }

  /** Mark what is unusual, once it is known; of a series it is asked for once. */
  async #look() {
    this.#asking.abort();
    const { model, choice } = this.#shown;
    const { series } = choice;
    if (!element("mark").checked) return this.#show([], null);
    if (this.#judged?.series !== series || this.#judged.bundle !== model.bundle) {
      this.#show([], null);
      this.#asking = new AbortController();
      const answer = await this.#ask(model, series);
      if (answer === null) return;
      this.#judged = { series, bundle: model.bundle, answer };
    }
    const { answer } = this.#judged;
    const marks = marksOf(answer, choice);
    this.#show(marks.filter(({ p }) => p <= RARE), {
      count: marks.length,
      error: answer.error,
      rare: isCalibrated(model) ? RARE : null,
    });
  }

  /** What is judged of a series, {p_values, quantiles, error}; null where another one is asked for by now. */
  async #ask(model, series) {
    try {
      return await this.#service.judge(model, series, this.#asking.signal);
    } catch (problem) {
      if (problem.name === "AbortError") return null;
      if (!(problem instanceof Refused)) throw problem;
      return { p_values: [], quantiles: {}, error: problem.message };
    }
  }

  #show(marks, judged) {
    const { writeTime, write } = this.#shown;
    showMarks(marks, judged, writeTime, write);
    this.#chart.mark(marks);
  }
}

/** Whether the intervals of a model cover as many values as they say, of data like those of its fit. */
const isCalibrated = (model) => model.calibrated && !model.pretrained;

/** [{x, y, p, low, high, share}] of the values that were judged: low and high of the widest interval, if there is one. */
function marksOf({ p_values, quantiles }, { curve, target }) {
  const pick = (column) => (target === null || Array.isArray(column) ? column : column[target]);
  const levels = Object.entries(quantiles).map(([level, column]) => ({ level: Number(level), values: pick(column) }));
  const [widest] = intervals(levels.sort((one, other) => one.level - other.level));
  const judged = pick(p_values);
  const first = curve.x.length - judged.length;
  const marks = judged.map((p, step) => ({
    x: curve.x[first + step],
    y: curve.y[first + step],
    p,
    low: widest?.low[step],
    high: widest?.high[step],
    share: widest?.share,
  }));
  return marks.filter(({ p }) => p !== null);
}
