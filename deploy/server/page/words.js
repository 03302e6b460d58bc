/** Numbers and times as people read them, in the language of the browser. */

const DIGITS = 4; // that tell values apart
const LISTED = 3; // names
const LEAST = 0.0001; // chance that is told from smaller ones
const whole = new Intl.NumberFormat();

/** A count. */
export const count = (value) => whole.format(value);

/** "1 series of 3 months": a count with its noun. */
export const counted = (value, one, several = `${one}s`) => `${count(value)} ${value === 1 ? one : several}`;

/** Names in quotes, the first of them where there are many: “a”, “b” and 4 more. */
export function listed(names) {
  const quoted = names.map((name) => `“${name}”`);
  if (names.length > LISTED + 1)
    return `${quoted.slice(0, LISTED).join(", ")} and ${count(names.length - LISTED)} more`;
  return names.length < 2 ? quoted.join("") : `${quoted.slice(0, -1).join(", ")} and ${quoted.at(-1)}`;
}

/** A formatter for numbers that stand below each other: as many digits as tell them apart. */
export function numberFormat(values) {
  const finite = values.filter(Number.isFinite);
  const largest = finite.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  if (largest !== 0 && (largest >= 1e12 || largest < 1e-4)) {
    const format = new Intl.NumberFormat(undefined, { notation: "scientific", maximumSignificantDigits: DIGITS });
    return (value) => format.format(value);
  }
  const size = largest === 0 ? 1 : Math.floor(Math.log10(largest)) + 1;
  const digits = Math.min(8, Math.max(0, DIGITS - size));
  const format = new Intl.NumberFormat(undefined, { minimumFractionDigits: digits, maximumFractionDigits: digits });
  return (value) => format.format(value);
}

/** A share such as 0.8 as "80 %" is written here. */
export function percent(share) {
  return new Intl.NumberFormat(undefined, { style: "percent", maximumFractionDigits: 1 }).format(share);
}

/** A p-value: "= 0.0004", or "< 0.0001" where more digits say no more. */
export function chance(p) {
  const format = new Intl.NumberFormat(undefined, { maximumSignificantDigits: 1 });
  return p < LEAST ? `< ${format.format(LEAST)}` : `= ${format.format(p)}`;
}

/** Whether a unit is a month, and no part of one. */
const isOfMonths = (unit) => /^(business-)?month/.test(unit);

/** How many units a horizon spans: "12 months", "3 years", "6 steps of 15 minutes". */
export function span(steps, { unit, text }) {
  if (unit === "index") return counted(steps, "row");
  const [single, name] = /^1 (.+)$/.exec(text) ?? [];
  if (single) return counted(steps, isOfMonths(name) ? "month" : name.replaceAll("-", " "));
  return `${counted(steps, "step")} of ${text}`;
}

/** A formatter of x, seconds or counts, as precise as the step of the model; short, hours have no year. */
export function timeFormat(model, isTimed, isShort = false) {
  if (!isTimed || !model.has_calendar) return (x) => count(x);
  const { count: length, unit } = model.step;
  const isMonthly = isOfMonths(unit);
  const hasClock = ["hour", "minute", "second"].includes(unit);
  const options = { timeZone: model.timezone ?? "UTC" };
  if (!(hasClock && isShort)) options.year = "numeric";
  if (!(isMonthly && length % 12 === 0)) options.month = "short";
  if (!isMonthly) options.day = "numeric";
  if (hasClock) Object.assign(options, { hour: "2-digit", minute: "2-digit" });
  if (unit === "second") options.second = "2-digit";
  const format = new Intl.DateTimeFormat(undefined, options);
  return (x) => format.format(x * 1000);
}
