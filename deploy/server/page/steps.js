/** The step of a model, {count, unit, text}: how many of them lie between two times, and which time follows. */

const MILLISECONDS = { second: 1e3, minute: 6e4, hour: 36e5, day: 864e5, week: 6048e5 };
const DAY = MILLISECONDS.day;
/** Parts of a month by their first days; of some units the last day of each counts. */
const PARTS = { "half-month": [1, 16], "half-month-end": [1, 16], "semi-month": [1, 15] };
Object.assign(PARTS, { dekad: [1, 11, 21], "dekad-end": [1, 11, 21] });

/** Steps of usual series, the longest first, as a model says them. */
const USUAL = [
  { count: 12, unit: "month", text: "1 year" },
  { count: 3, unit: "month", text: "3 months" },
  { count: 1, unit: "month", text: "1 month" },
  { count: 1, unit: "week", text: "1 week" },
  { count: 1, unit: "day", text: "1 day" },
  { count: 1, unit: "hour", text: "1 hour" },
];

/** The longest usual step that leads from each of these times, which rise, to the next, in words; null if none does. */
export function usualStep(times) {
  const leadsToAll = (step) => {
    const steps = times.map((time) => stepsBetween(step, times[0], time));
    return steps.every((one, at) => Number.isInteger(one) && (at === 0 || one > steps[at - 1]));
  };
  return times.length < 2 ? null : (USUAL.find(leadsToAll)?.text ?? null);
}

/** Whether a step is regular on the clock of UTC, not on the local one. */
export function isOfUtc(step) {
  return MILLISECONDS[step.unit] < DAY;
}

/** Steps from one time to another, in milliseconds, or counts; not whole if the other is off the grid. */
export function stepsBetween(step, from, to) {
  if (step.unit === "index") return (to - from) / step.count;
  if (step.unit in MILLISECONDS) return (to - from) / (MILLISECONDS[step.unit] * step.count);
  if (step.unit === "business-day") return (weekdays(to) - weekdays(from)) / step.count;
  if (step.unit in PARTS) {
    const parts = (partOf(step.unit, to) - partOf(step.unit, from)) / step.count;
    return shift({ ...step, count: 1 }, to, 0) === to ? parts : parts + 0.5;
  }
  const months = (12 * year(to) + month(to) - 12 * year(from) - month(from)) / step.count;
  const isOnGrid = step.unit.startsWith("business") ? isOnDayOf(step.unit, to) : isMonthAfter(from, to);
  return isOnGrid ? months : months + 0.5;
}

/** The time some steps after another. */
export function shift(step, from, steps) {
  const moved = steps * step.count;
  if (step.unit === "index") return from + moved;
  if (step.unit in MILLISECONDS) return from + moved * MILLISECONDS[step.unit];
  if (step.unit === "business-day") {
    let time = from;
    for (let left = moved; left > 0; left -= isWeekend(time) ? 0 : 1) time += DAY;
    return time;
  }
  if (step.unit in PARTS) {
    const firsts = PARTS[step.unit];
    const isEnd = step.unit.endsWith("end") ? 1 : 0;
    const part = partOf(step.unit, from) + moved + isEnd;
    const months = Math.floor(part / firsts.length);
    return Date.UTC(1970, months, firsts[part - months * firsts.length] - isEnd) + (from % DAY);
  }
  return dayOf(step.unit, year(from), month(from) + moved, new Date(from).getUTCDate()) + (from % DAY);
}

/** How many parts of months lie between January 1970 and a time. */
function partOf(unit, time) {
  const firsts = PARTS[unit];
  const day = new Date(time).getUTCDate();
  const months = 12 * (year(time) - 1970) + month(time);
  return months * firsts.length + firsts.filter((first) => first <= day).length - 1;
}

/** The midnight of a month that a unit of months leads to; `day`: of the month that it began in. */
function dayOf(unit, year, month, day) {
  const [first, last] = [Date.UTC(year, month, 1), Date.UTC(year, month + 1, 0)];
  if (unit === "month-end") return last;
  if (unit === "business-month-start") return first + DAY * [1, 0, 0, 0, 0, 0, 2][new Date(first).getUTCDay()];
  if (unit === "business-month-end") return last - DAY * [2, 0, 0, 0, 0, 0, 1][new Date(last).getUTCDay()];
  return Math.min(first + DAY * (day - 1), last);
}

const year = (time) => new Date(time).getUTCFullYear();
const month = (time) => new Date(time).getUTCMonth();
const isWeekend = (time) => new Date(time).getUTCDay() % 6 === 0;

/** The same day of the month, or the last one that a month has. */
function isMonthAfter(from, to) {
  const [one, other] = [new Date(from).getUTCDate(), new Date(to).getUTCDate()];
  const isLast = (time) => new Date(time + DAY).getUTCDate() === 1;
  return one === other || ((isLast(from) || one > other) && isLast(to)) || (isLast(from) && other > one);
}

const isOnDayOf = (unit, time) => dayOf(unit, year(time), month(time)) === time - (time % DAY);

/** Monday to Friday since 1970-01-05, a Monday. */
function weekdays(time) {
  const days = Math.floor(time / DAY) - 4;
  return Math.floor(days / 7) * 5 + Math.min(((days % 7) + 7) % 7, 4);
}
