/** How far rows lie apart, and whether that is the step of the model. */

import { DataProblem } from "./csv.js";
import { span } from "./words.js";

// Distances that tell how far values lie apart, as the service counts them (deploy/request).
const FEWEST = 3,
  MOST = 12;
const REGULAR = 0.8; // of the distances that are alike
const UNITS = [
  ["week", 6048e5],
  ["day", 864e5],
  ["hour", 36e5],
  ["minute", 6e4],
  ["second", 1e3],
]; // milliseconds

/**
 * Refuse a series that has a value every few steps of the model and none between: most of its context would be missing.
 *
 * points: those of placeRows up to the last value; observed: those with a value. Raises DataProblem.
 */
export function checkPace(title, points, observed, model) {
  const usual = model.expects_gaps ? null : stepsBetween(observed, model.context_length);
  if (usual === null) return;
  const isExact = distances(observed.map(({ step }) => step)).every((one) => one === usual);
  const rows = points.length > observed.length ? "rows with a value" : "rows";
  throw new DataProblem(
    `“${title}”: ${rows} come ${isExact ? "" : "about "}every ${span(usual, model.step)}, and this model's steps are ` +
      `${model.step.text}. Most of what it looks back at would be missing. Bring the data to its steps, or choose a model ` +
      "that was fitted on the step of the data.",
  );
}

/** The steps from value to value, where they are so often alike that no values are missing; or null. */
function stepsBetween(observed, context) {
  const steps = observed.map(({ step }) => step);
  const [first, last] = [steps[0], steps.at(-1)];
  const size = Math.min(context, last - first + 1);
  const count = steps.filter((step) => step > last - size).length;
  if (2 * count > size + 1) return null;
  const found = distances(steps.slice(-Math.max(count, MOST + 1)));
  if (found.length < FEWEST) return null;
  const usual = middle(found);
  const alike = found.filter((one) => one > 1 && 2 * one >= usual && one <= 2 * usual);
  return alike.length >= REGULAR * found.length ? usual : null;
}

/** The distance of most points by time, in words: "1 hour"; null where there is none. points: of a calendar. */
export function paceOfTimes(points) {
  const found = distances(points.map(({ time }) => time.local));
  const usual = middle(found);
  if (found.filter((one) => one === usual).length < REGULAR * found.length) return null;
  const [unit, length] = UNITS.find(([, one]) => usual > 0 && usual % one === 0) ?? [];
  return unit === undefined ? null : span(usual / length, { count: 1, unit });
}

const distances = (places) => places.slice(1).map((one, before) => one - places[before]);
const middle = (values) => values.toSorted((one, other) => one - other)[Math.floor(values.length / 2)];
