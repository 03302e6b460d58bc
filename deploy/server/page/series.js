/** What POST /read answers, as what is drawn, forecast and said. */

import { DataProblem } from "./csv.js";
import { xOf } from "./times.js";
import { listed } from "./words.js";

const ACROSS = ["rows", "grid"]; // layouts whose target is no column of the file

/**
 * {series, columns, notes, values, isTimed, step, question}. answer: of POST /read, or of readPlain.
 *
 * Each of series is {key, target, title, curves, request, last, after, coming}. title: with the column that is forecast;
 * curves: by target {x, y}, x in seconds or counts; request: an item of POST /forecast; last: the x of the last value;
 * coming: by column of the file the next times as it writes them, or null. question: {field, text} where a person has to
 * say what is what, or null. step: that of the times, in words, where it may be another one than the model's.
 */
export function understand(answer, model, chosen) {
  const { columns } = answer;
  const isAcross = ACROSS.includes(answer.understood.layout);
  const series = answer.series.map((one) => {
    const x = answer.times[one.times].map(xOf);
    const channels = model.joint ? model.targets.map((name) => one.request.values[name]) : [one.request.values];
    const target = model.joint ? null : (one.target ?? columns.targets[0]);
    const keys = Object.values(one.key);
    return {
      ...one,
      title: [...keys, isAcross && keys.length > 0 ? null : target].filter((part) => part !== null).join(" · "),
      curves: channels.map((y) => ({ x, y })),
      last: x.at(-1),
      coming: answer.coming[one.coming] ?? null,
    };
  });
  const values = series.reduce((sum, { curves }) => sum + curves[0].x.length, 0);
  const isTimed = series.length > 0 && series[0].request.last_timestamp !== undefined;
  const question = questionOf(columns, model, chosen);
  return { series, columns, notes: answer.notes, values, isTimed, step: answer.step ?? null, question };
}

function questionOf(columns, model, chosen) {
  if (columns.is_own || model.joint || chosen.target !== undefined || columns.targets.length === 1) return null;
  const names = columns.targets.length > 0 ? columns.targets : columns.numbers;
  const lacking = `The model was made for ${listed(model.targets)}, and no column is called so`;
  const why = model.pretrained ? "" : `${lacking}: `;
  return { field: "target", text: `Which column is to be forecast? ${why}${why ? "there" : "There"} are ${listed(names)}.` };
}

/** The item of a request for a horizon: of the history no more than the model looks at, and `more` steps before. */
export function requestOf({ request }, model, horizon, more = 0) {
  const recent = (values) => values.slice(-model.context_length - more);
  const over = (columns, act) => Object.fromEntries(Object.entries(columns).map(([name, values]) => [name, act(values)]));
  const { id: _, ...item } = request;
  item.values = model.joint ? over(item.values, recent) : recent(item.values);
  for (const kind of ["known", "past"]) if (item[kind]) item[kind] = over(item[kind], recent);
  if (item.future_known) item.future_known = over(item.future_known, (values) => values.slice(0, horizon));
  return item;
}

/** Steps that all series can be forecast, as far as their known covariates go. Raises DataProblem: not one. */
export function longestHorizon(all, model) {
  let longest = model.max_horizon;
  for (const { title, request, coming } of all) {
    for (const [name, values] of Object.entries(request.future_known ?? {})) {
      if (values.length === 0) throw endsEarly(name, title);
      longest = Math.min(longest, values.length);
    }
    for (const texts of Object.values(coming ?? {})) longest = Math.min(longest, texts.length);
  }
  return longest;
}

function endsEarly(column, title) {
  return new DataProblem(
    `Column "${column}" ends with the values of ${title ? `"${title}"` : "the series"}. The model needs it for the steps to come: ` +
      "add rows that have it, and no value.",
  );
}
