/** Made-up data that a model can forecast: its columns on its step, with seasons, a trend and noise. */

import { shift } from "./steps.js";
import { writeTime } from "./times.js";

export const EXAMPLE = "An example"; // what it is called

const NAMES = ["amber", "birch", "cedar"];
const SEASONS = 6,
  LONGEST = 600; // of history
const START = Date.UTC(2024, 0, 1),
  COUNT = 1;

/** The text of a CSV file that is as plain as may be; the same for the same model. */
export function exampleOf(model) {
  const known = model.known.length > 0 ? model.max_horizon : 0;
  const length = Math.max(24, Math.min(LONGEST, Math.max(model.context_length, SEASONS * model.season)));
  const names = [...model.targets, ...model.known, ...model.past, ...model.static.map((column) => column.name)];
  const series = distinct("series", names);
  const lines = [[distinct("time", names), series, ...names]];
  const times = timesOf(model, length + known);
  NAMES.forEach((name, number) => {
    const noise = generator(number + 1);
    const static_ = model.static.map(({ categories }) =>
      categories ? categories[number % categories.length] : number + 1,
    );
    times.forEach((time, step) => {
      const isHistory = step < length;
      const targets = model.targets.map((_, place) =>
        isHistory ? value(model, step / length, step, number + place, noise) : "",
      );
      const ahead = model.known.map(() => (noise() > 0.8 ? 1 : 0));
      const past = model.past.map(() => (isHistory ? (10 + noise()).toFixed(2) : ""));
      lines.push([time, name, ...targets, ...ahead, ...past, ...static_]);
    });
  });
  return lines.map((cells) => `${cells.map(quote).join(",")}\n`).join("");
}

/** A trend times a season times noise: above 0, whatever the model asks. */
function value(model, progress, step, number, noise) {
  const angle = (2 * Math.PI * step) / Math.max(2, model.season) + number;
  const season = 1 + 0.22 * Math.sin(angle) + 0.06 * Math.cos(2 * angle);
  return (80 * (1 + 0.5 * number) * (1 + 0.4 * progress) * season * (1 + 0.05 * (noise() - 0.5))).toFixed(2);
}

function timesOf(model, length) {
  let time = model.has_calendar ? shift(model.step, START, 0) : COUNT;
  const times = [];
  for (let step = 0; step < length; step++) {
    times.push(model.has_calendar ? writeTime(time, Boolean(model.timezone)) : String(time));
    time = shift(model.step, time, 1);
  }
  return times.every((one) => one.endsWith("T00:00:00")) ? times.map((one) => one.slice(0, 10)) : times;
}

/** Numbers in [0, 1) that are the same each time (Park and Miller, 1988). */
function generator(seed) {
  let state = 48271 * seed;
  return () => (state = (state * 48271) % 2147483647) / 2147483647;
}

function distinct(name, names) {
  return names.includes(name) ? distinct(`${name}_`, names) : name;
}

function quote(cell) {
  const text = String(cell);
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
