/** Data as series: by the service where it reads files, else in the browser where they are plain. */

import { DataProblem, decode } from "./csv.js";
import { readPlain } from "./plain.js";
import { Refused } from "./refused.js";
import { understand } from "./series.js";

const OF_DATA = [413, 422]; // answers of POST /read that are about the file

/** What understand gives. source: {name, blob}; chosen: of the query of POST /read. Raises DataProblem, Refused. */
export async function readData(service, source, model, chosen, signal) {
  return understand(await answerOf(service, source, model, chosen, signal), model, chosen);
}

async function answerOf(service, source, model, chosen, signal) {
  if (service.reads === null) return readPlain(decode(await source.blob.arrayBuffer()), model, chosen);
  try {
    return await service.read(model, source, chosen, signal);
  } catch (problem) {
    if (!(problem instanceof Refused) || !OF_DATA.includes(problem.status)) throw problem;
    throw new DataProblem(problem.message, problem.content ?? {});
  }
}

/** Columns of data that could not be read: nothing is known of them but names, and what was chosen. */
export function unknownColumns(all, { time = null, series = null, target = [] }) {
  const filled = (names) => names?.filter((name) => name !== "") ?? null;
  return { all, numbers: all, taken: {}, time: filled(time), series: filled(series), targets: target, is_own: true };
}

/** Models whose step data have, as options. step: in words, or null. */
export function modelsOf(models, step) {
  return models.filter((one) => one.step.text === step).map(({ name }) => ({ name: "model", value: name }));
}

/** What was chosen, with a value of an option: of those that may have several, such as na, one more. */
export function withOption(chosen, { name, value }) {
  if (name === "na") return { ...chosen, na: [...new Set([...(chosen.na ?? []), value])] };
  return { ...chosen, [name]: ["time", "series", "target"].includes(name) ? [value] : value };
}
