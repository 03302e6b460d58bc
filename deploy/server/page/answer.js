/** What came back: the drawn curves of one series, its table, and all of it as CSV. */

import { safeCell } from "./csv.js";
import { xOf } from "./times.js";

const PLAIN = [1e-4, 1e16]; // sizes that are written without an exponent, as the command line writes them

/** [{label, title, series, forecast, target, curve}]: what can be drawn, one for each series and target.
 *
 * label: tells it from the others; title: names the column that is forecast.
 */
export function choices(all, forecasts, model) {
  return all.flatMap((series, place) =>
    series.curves.map((curve, channel) => {
      const target = model.joint ? model.targets[channel] : null;
      const keys = [...Object.values(series.key), ...(series.target === null ? [] : [series.target])];
      const title = [series.title, target].filter((text) => text).join(" · ");
      const label = target === null ? keys.join(" · ") || title : title;
      return { label, title, series, forecast: forecasts[place], target, curve };
    }),
  );
}

/** {x, median, levels: [{level, values}]} of a choice over the horizon; levels rise. */
export function forecastOf({ forecast, target, series }) {
  const pick = (column) => (target === null ? column : column[target]);
  const median = pick(forecast.median);
  const times = forecast.timestamps?.map(xOf);
  const x = median.map((_, step) => times?.[step] ?? series.last + step + 1);
  const levels = Object.entries(forecast.quantiles).map(([level, column]) => ({
    level: Number(level),
    values: pick(column),
  }));
  return { x, median, levels: levels.sort((one, other) => one.level - other.level) };
}

/** [[column, texts]]: the times of a forecast, as the file writes them where that is known, else as the service does; null where there are none. */
export function timesOf(choice, timeName) {
  const { series, forecast } = choice;
  const steps = forecastOf(choice).median.length;
  if (series.coming !== null) return Object.entries(series.coming).map(([name, texts]) => [name, texts.slice(0, steps)]);
  if (forecast.timestamps) return [[timeName ?? "time", forecast.timestamps.map(String)]];
  return null;
}

/** {name, texts} of the rows of a table: in the form of the file where it is known, else by write(x). */
export function rowTimes(choice, write) {
  const { x } = forecastOf(choice);
  if (choice.series.coming === null) return { name: "Time", texts: x.map(write) };
  const columns = timesOf(choice);
  const texts = x.map((_, step) => columns.map(([, column]) => column[step]).join(" "));
  return { name: columns.map(([name]) => name).join(" "), texts };
}

/** [{share, low, high}]: central intervals, the widest first. */
export function intervals(levels) {
  const upper = (level) => levels.find((one) => Math.abs(one.level + level - 1) < 1e-9);
  const pairs = levels.filter(({ level }) => level < 0.5 && upper(level));
  return pairs.map(({ level, values }) => ({ share: 1 - 2 * level, low: values, high: upper(level).values }));
}

/** Rows as `forecaster forecast` writes them: series columns, times, target, forecast, quantiles. */
export function writeCsv(all, timeName) {
  const targets = [...new Set(all.map(({ target }) => target))];
  const ordered = targets.flatMap((target) => all.filter((choice) => choice.target === target));
  const hasTarget = all.some(({ target, series }) => (target ?? series.target) !== null);
  const keys = Object.keys(all[0].series.key);
  const levels = forecastOf(all[0]).levels.map(({ level }) => `q${level}`);
  const lines = [];
  for (const choice of ordered) {
    const { series, target } = choice;
    const { median, levels: found } = forecastOf(choice);
    const times = timesOf(choice, timeName) ?? [["step", median.map((_, step) => String(step + 1))]];
    if (lines.length === 0) {
      const named = [...keys, ...times.map(([name]) => name), ...(hasTarget ? ["target"] : []), "forecast", ...levels];
      lines.push(named.map(text));
    }
    median.forEach((value, step) => {
      const texts = [...keys.map((name) => series.key[name]), ...times.map(([, column]) => column[step])];
      if (hasTarget) texts.push(target ?? series.target);
      lines.push([...texts.map(text), ...[value, ...found.map(({ values }) => values[step])].map(number)]);
    });
  }
  return lines.map((cells) => `${cells.join(",")}\n`).join("");
}

/** Save all forecasts as a file. */
export function download(all, timeName) {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([writeCsv(all, timeName)], { type: "text/csv" }));
  link.download = "forecast.csv";
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 1000);
}

function text(cell) {
  const safe = safeCell(cell);
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}

/** A number as Python writes it: 5.0, 1e-05. */
function number(value) {
  const size = Math.abs(value);
  if (size !== 0 && (size < PLAIN[0] || size >= PLAIN[1])) {
    const [digits, exponent] = value.toExponential().split("e");
    return `${digits}e${exponent[0]}${exponent.slice(1).padStart(2, "0")}`;
  }
  const written = Object.is(value, -0) ? "-0" : String(value);
  return written.includes(".") ? written : `${written}.0`;
}
