/** Data to try the page with: measured ones, in the place of those that are made up for a model. */

export const EXAMPLE = "co2_weekly.csv";

/** The text of the file. */
export async function exampleOf() {
  return (await fetch(EXAMPLE)).text();
}
