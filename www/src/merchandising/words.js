// Rules and scores in the words of the page.

/** What a rule of a kind does to a thing. */
const DEEDS = {
  filter: "Left out",
  incompatible: "Left out",
  pin: "Pinned",
  reserve: "Reserved",
  cap: "Held back",
  quota: "Let in",
  boost: "Boosted",
};

/** @param {{ rule: string } | undefined} rule kind and quoted name */
export function deedOf(rule) {
  const [, kind, quoted] = rule?.rule.match(/^(\w+) (.*)$/) ?? [];
  return kind && { deed: DEEDS[kind] ?? kind, name: unquoted(quoted) };
}

function unquoted(text) {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

/** Parts of a score that belong together for people, in their order. */
const TERMS = [
  ["The store’s order", ["base"]],
  ["What the shopper did", ["embedding", "neighbors", "history", "answers", "fatigue", "aversion"]],
  ["Popularity", ["popularity", "attributes"]],
  ["Boosts", ["boost"]],
];

/** Thousandths of a logit, as rules have them. */
const thousandths = (score) => Math.round((score * 1000) / 1024);

/**
 * @param {import("reshelve").Explanation} explanation
 * @returns {[string, number][]} terms that are not 0; they add up to the score but for rounding
 */
export function termsOf({ parts, penalty }) {
  const terms = TERMS.map(([name, keys]) => [name, keys.reduce((sum, key) => sum + (parts[key] ?? 0), 0)]);
  return [...terms, ["Variety", -penalty]]
    .map(([name, score]) => [name, thousandths(score)])
    .filter(([, score]) => score !== 0);
}

/** Rules to begin with, by the kind. */
export const SNIPPETS = {
  filter: `[[filter]]
name = "{name}"
drop = "category under 'Home/Lamps'"
surfaces = ["home"]
`,
  pin: `[[pin]]
name = "{name}"
item = "tn-0105-fog"
rank = 2
surfaces = ["home"]
`,
  reserve: `[[reserve]]
name = "{name}"
rank = 4
where = "age_days < 60"
surfaces = ["home", "category"]
`,
  cap: `[[cap]]
name = "{name}"
at_most = 3
where = "price_band == 5"
first = 12
`,
  boost: `[[boost]]
name = "{name}"
where = "price < 5000"
by = 400
`,
};

/** A rule to begin with, under a name that the text does not have yet. */
export function snippetOf(kind, text) {
  let name = `my ${kind}`;
  for (let n = 2; text.includes(`"${name}"`); n += 1) name = `my ${kind} ${n}`;
  return SNIPPETS[kind].replace("{name}", name);
}
