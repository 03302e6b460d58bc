/** What was decided without a person, or could not be used: sentences for the person who looks at the forecast. */

import { count, counted, listed, span } from "./words.js";

const SCARCE = 0.5; // of the values that a model looks back at

/**
 * [{text, isWarning, options}] of all series, warnings first. found: of understand; longest: of longestHorizon.
 *
 * A warning may make the forecast another one than was meant; options: [{name, value}] that read the data otherwise.
 */
export function notesOf(found, model, longest) {
  const kinds = [ofTarget, ofCategories, ofFuture, ofCovariates];
  const own = kinds.flatMap((kind) => kind(found, model, longest));
  const read = found.notes.map((said) => ({ ...said, isWarning: true }));
  return [...own, ...read].toSorted((one, other) => other.isWarning - one.isWarning);
}

/** [{text, isWarning}] of the series that is drawn. all: of these there are so many. */
export function notesOfDrawn({ request, after }, model, all) {
  const columns = model.joint ? Object.values(request.values) : [request.values];
  const [size, looked] = [columns[0].length, model.context_length];
  const known = Math.min(...columns.map((values) => values.slice(-looked).filter((value) => value !== null).length));
  const there = Math.min(size, looked);
  const notes = [];
  if (known < SCARCE * looked && (known < SCARCE * there || size < looked)) {
    const past = `Of the last ${span(looked, model.step)} that the model looks back at`;
    notes.push(warning(`${past}, ${known === 1 ? "1 has" : `${count(known)} have`} a value.`));
  } else if (known < there)
    notes.push(note(`${counted(there - known, "value")} of the last ${span(there, model.step)} missing.`));
  if (after > 0 && model.known.length === 0)
    notes.push(note(`The forecast starts after the last value: ${counted(after, "row")} below it without one.`));
  if (all > 1) notes.push(note(`1 of ${count(all)} series is drawn: choose another above. The download has all.`));
  return notes;
}

const note = (text) => ({ text, isWarning: false, options: [] });
const warning = (text) => ({ text, isWarning: true, options: [] });

function ofTarget({ columns }, model) {
  const isAlike = (name) => model.targets.some((own) => own.toLowerCase() === name.toLowerCase());
  if (columns.is_own || model.pretrained || columns.targets.every((name) => model.targets.includes(name))) return [];
  const text = `The model was made for ${listed(model.targets)}; what is forecast here is ${listed(columns.targets)}.`;
  return [columns.targets.every(isAlike) ? note(text) : warning(text)];
}

/** Categories that no series of the training had. */
function ofCategories({ series }, model) {
  return model.static.flatMap(({ name, categories }) => {
    if (categories === null) return [];
    const found = new Set(series.map(({ request }) => request.static?.[name]).filter((text) => text !== undefined));
    const unknown = [...found].filter((text) => !categories.includes(text));
    if (unknown.length === 0) return [];
    const text = `The model has not seen ${listed(unknown)} of “${name}” in training, and forecasts as for any. `;
    return [warning(`${text}It knows ${listed(categories)}.`)];
  });
}

/** Known covariates that end before the furthest that the model can forecast. */
function ofFuture({ series }, model, longest) {
  const lengths = ({ request }) => Object.values(request.future_known ?? {}).map((values) => values.length);
  const shortest = series.find((one) => lengths(one).includes(longest));
  if (longest >= model.max_horizon || shortest === undefined) return [];
  const most = `The horizon ends after ${span(longest, model.step)}, not ${span(model.max_horizon, model.step)}`;
  return [note(`${most}: so far ${listed(model.known)} ${model.known.length > 1 ? "are" : "is"} known ahead for “${shortest.title}”.`)];
}

/** Columns that are called otherwise than those of the model. */
function ofCovariates({ columns }) {
  const other = Object.entries(columns.taken).filter(([own, there]) => own !== there);
  if (other.length === 0) return [];
  return [note(`${listed(other.map(([, there]) => there))} is taken for ${listed(other.map(([own]) => own))}.`)];
}
