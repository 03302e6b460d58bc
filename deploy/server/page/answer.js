/** What came back: the drawn curves of one series, its table, and all of it as CSV. */

import { safeCell } from "./csv.js";
import { timeOfAnswer } from "./times.js";

/** [{label, title, series, forecast, target, curve}]: what can be drawn, one for each series and target.
 *
 * label: tells it from the others; title: names the column that is forecast.
 */
export function choices(all, forecasts, model) {
  return all.flatMap((series, place) =>
    series.curves.map((curve, channel) => {
      const target = model.joint ? model.targets[channel] : null;
      const title = [series.title, target].filter((text) => text).join(" · ");
      const label = target === null ? series.name || title : title;
      return { label, title, series, forecast: forecasts[place], target, curve };
    }),
  );
}

/** {x, median, levels: [{level, values}]} of a choice over the horizon; levels rise. */
export function forecastOf({ forecast, target, series }) {
  const pick = (column) => (target === null ? column : column[target]);
  const median = pick(forecast.median);
  const times = forecast.timestamps?.map(timeOfAnswer);
  const isCalendar = typeof forecast.timestamps?.[0] === "string";
  const x = median.map((_, step) => {
    if (!times) return series.last.x + step + 1;
    return isCalendar ? (times[step].utc ?? times[step].local) / 1000 : times[step].local;
  });
  const levels = Object.entries(forecast.quantiles).map(([level, column]) => ({
    level: Number(level),
    values: pick(column),
  }));
  return { x, median, levels: levels.sort((one, other) => one.level - other.level) };
}

/** [{share, low, high}]: central intervals, the widest first. */
export function intervals(levels) {
  const upper = (level) => levels.find((one) => Math.abs(one.level + level - 1) < 1e-9);
  const pairs = levels.filter(({ level }) => level < 0.5 && upper(level));
  return pairs.map(({ level, values }) => ({ share: 1 - 2 * level, low: values, high: upper(level).values }));
}

/** Rows as the command line writes them: series, time, target, forecast, quantiles. */
export function writeCsv(all) {
  const isNamed = all.length > 1 && all.some(({ series }) => series.name);
  const isTimed = all.every(({ forecast }) => forecast.timestamps);
  const isJoint = all.some(({ target }) => target !== null);
  const levels = forecastOf(all[0]).levels.map(({ level }) => `q${level}`);
  const head = [...(isNamed ? ["series"] : []), isTimed ? "time" : "step", ...(isJoint ? ["target"] : [])];
  const lines = [[...head, "forecast", ...levels]];
  for (const choice of all) {
    const { median, levels: found } = forecastOf(choice);
    median.forEach((value, step) => {
      const time = isTimed ? String(choice.forecast.timestamps[step]) : String(step + 1);
      const keys = [...(isNamed ? [text(choice.series.name)] : []), time, ...(isJoint ? [text(choice.target)] : [])];
      lines.push([...keys, value, ...found.map(({ values }) => values[step])]);
    });
  }
  return lines.map((cells) => `${cells.join(",")}\n`).join("");
}

/** Save all forecasts as a file. */
export function download(all) {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([writeCsv(all)], { type: "text/csv" }));
  link.download = "forecast.csv";
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 1000);
}

function text(cell) {
  const safe = safeCell(cell);
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
