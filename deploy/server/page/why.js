/** What a forecast rests on, and what-ifs: a value of a coming step, or of what is known of it, is dragged. */

import { forecastOf } from "./answer.js";
import { Refused } from "./refused.js";
import { showOptions, showWhatIf } from "./show.js";
import { percent } from "./words.js";

const PATIENCE = 150; // milliseconds that a slider rests before it counts
const PATHS = 200; // futures whose median is that of a what-if
const STEPS = 100; // of a slider
const OWN = ""; // the series itself, among what can be dragged

const element = (id) => document.getElementById(id);

export class Why {
  #service;
  #chart;
  #shown = null; // {model, choice, forecast, write, texts}
  #asking = new AbortController();
  #timer = 0;

  constructor(service, chart) {
    this.#service = service;
    this.#chart = chart;
    element("explain").addEventListener("click", () => this.#explain());
    for (const id of ["what", "when"]) element(id).addEventListener("change", () => this.#reset());
    for (const id of ["how-much", "how-much-number"])
      element(id).addEventListener("input", ({ target }) => this.#move(Number(target.value)));
    element("free").addEventListener("click", () => this.#reset());
  }

  /** Take another forecast: {model, choice, write, texts}, texts the times of its steps. */
  take(shown) {
    this.#asking.abort();
    this.#shown = { ...shown, forecast: forecastOf(shown.choice) };
    for (const id of ["rests-on", "made-of"]) element(id).textContent = "";
    element("shares").replaceChildren();
    element("explain").hidden = !this.#service.explains;
    const { model } = shown;
    const own = model.paths ? [[OWN, shown.choice.target ?? model.targets[0]]] : [];
    const things = [...own, ...model.known.map((name) => [name, name])];
    element("what-if").hidden = things.length === 0;
    showOptions(element("what"), things, things[0]?.[0]);
    showOptions(element("when"), shown.texts.map((text, step) => [step, text]), 0);
    if (things.length > 0) this.#reset();
  }

  /** The median of a what-if next to that of the forecast; null: none. */
  #draw(whatIf) {
    showWhatIf(whatIf !== null);
    this.#chart.compare(whatIf);
  }

  async #explain() {
    const found = await this.#ask({ explain: true });
    if (found === null) return;
    const { target } = this.#shown.choice;
    const pick = (said) => (target === null ? said : said[target]);
    const { rests_on, sentence, made_of } = found.explanation;
    element("explain").hidden = true;
    element("rests-on").textContent = pick(sentence);
    element("made-of").textContent = pick(made_of);
    element("shares").replaceChildren(
      ...Object.entries(pick(rests_on)).map(([name, share]) => {
        const item = document.createElement("li");
        const bar = document.createElement("meter");
        Object.assign(bar, { value: share, ariaLabel: name });
        item.append(bar, ` ${percent(share)} ${name}`);
        return item;
      }),
    );
  }

  /** The value that is dragged, as it is now, and how far it may go. */
  #reset() {
    clearTimeout(this.#timer);
    this.#asking.abort();
    const { choice, forecast, write } = this.#shown;
    const name = element("what").value;
    const step = Number(element("when").value);
    const { request } = choice.series;
    const known = name === OWN ? null : request.future_known[name];
    const now = known === null ? forecast.median[step] : known[step];
    const around = known === null ? forecast.levels.flatMap(({ values }) => values) : [...(request.known[name] ?? []), ...known];
    const there = [...around, now].filter(Number.isFinite);
    const [low, high] = [Math.min(...there), Math.max(...there)];
    const span = high - low || Math.abs(now) || 1;
    const { positive, lower } = this.#shown.model;
    const least = known === null && (positive || lower !== null) ? Math.max(lower ?? 0, low - span, positive ? low / 2 : -Infinity) : low - span;
    const slider = element("how-much");
    Object.assign(slider, { min: least, max: high + span, step: (high + span - least) / STEPS });
    slider.setAttribute("aria-valuetext", write(now));
    for (const id of ["how-much", "how-much-number"]) element(id).value = Number(now.toPrecision(6));
    element("free").hidden = true;
    element("what-follows").textContent = "";
    this.#draw(null);
  }

  #move(value) {
    if (!Number.isFinite(value)) return;
    for (const id of ["how-much", "how-much-number"]) if (Number(element(id).value) !== value) element(id).value = value;
    element("how-much").setAttribute("aria-valuetext", this.#shown.write(value));
    element("free").hidden = false;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#follow(value), PATIENCE);
  }

  async #follow(value) {
    const { choice, forecast, model, write, texts } = this.#shown;
    const name = element("what").value;
    const step = Number(element("when").value);
    const found = await this.#ask(name === OWN ? { fixed: [step, value], paths: PATHS } : { known: [name, step, value] });
    if (found === null) return;
    const pick = (column) => (choice.target === null ? column : column[choice.target]);
    const moved = name === OWN ? medianOf(found.paths.map(pick)) : pick(found.median);
    const furthest = moved.reduce((most, _, at) => (at !== step && change(at) > change(most) ? at : most), step === 0 ? 1 : 0);
    function change(at) {
      return Math.abs((moved[at] ?? NaN) - forecast.median[at]) || 0;
    }
    const what = name === OWN ? choice.target ?? model.targets[0] : name;
    const others = moved.length > 1 ? ` ${texts[furthest]} moves most: ${write(moved[furthest])} instead of ${write(forecast.median[furthest])}.` : "";
    element("what-follows").textContent = `If ${what} is ${write(value)} at ${texts[step]}.${others}`;
    this.#draw(moved);
  }

  /** The forecast of the series that is shown, otherwise asked for; null where it is not there any more. */
  async #ask(asked) {
    this.#asking.abort();
    this.#asking = new AbortController();
    const { model, choice, forecast } = this.#shown;
    try {
      return await this.#service.otherwise(model, choice, forecast.x.length, asked, this.#asking.signal);
    } catch (problem) {
      if (problem.name === "AbortError") return null;
      if (!(problem instanceof Refused)) throw problem;
      element("what-follows").textContent = problem.message;
      return null;
    }
  }
}

/** The middle of paths, step by step. */
function medianOf(paths) {
  return paths[0].map((_, step) => {
    const values = paths.map((path) => path[step]).sort((one, other) => one - other);
    return (values[(values.length - 1) >> 1] + values[values.length >> 1]) / 2;
  });
}
