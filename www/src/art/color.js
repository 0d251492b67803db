// Colors of things under the store's one light: lighter where it falls, darker and a little warmer where it does not.

const LIGHT = [255, 252, 244];
const SHADE = [30, 20, 14];

function parse(hex) {
  const digits = /^#([0-9a-f]{6})$/i.exec(hex)?.[1] ?? "999999";
  return [0, 2, 4].map((start) => parseInt(digits.slice(start, start + 2), 16));
}

const format = (rgb) => "#" + rgb.map((value) => Math.round(value).toString(16).padStart(2, "0")).join("");
const mixed = (from, to, share) => from.map((value, index) => value + (to[index] - value) * share);

/** Relative luminance of a color, 0 to 1. */
export function luminance(hex) {
  const [red, green, blue] = parse(hex).map((value) => (value / 255) ** 2.2);
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

/**
 * One material in all its light. Anything that is not `#rrggbb` becomes a neutral gray.
 * @param {string} hex
 */
export function tones(hex) {
  const rgb = parse(hex);
  const toward = (end, share) => format(mixed(rgb, end, share));
  return {
    main: format(rgb),
    light: toward(LIGHT, 0.24),
    pale: toward(LIGHT, 0.55),
    dark: toward(SHADE, 0.26),
    deep: toward(SHADE, 0.52),
    night: toward(SHADE, 0.76),
  };
}

/** What things are made of besides their own color. */
export const LEATHER = tones("#8a5a35");
export const WOOD = tones("#b98a5a");
export const STEEL = tones("#b9bec0");
export const IRON = tones("#3f4244");
export const BRASS = tones("#c79a4b");
export const RUBBER = tones("#35322f");
export const WOOL = tones("#efe6d3");
