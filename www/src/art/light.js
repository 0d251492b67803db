// How light falls, once for the whole page: every picture refers to these gradients by name.

const stops = (list) =>
  list
    .map(([offset, color, opacity]) => `<stop offset="${offset}" stop-color="${color}" stop-opacity="${opacity}"/>`)
    .join("");

const linear = (name, x2, y2, list) =>
  `<linearGradient id="art-${name}" x1="0" y1="0" x2="${x2}" y2="${y2}">${stops(list)}</linearGradient>`;
const radial = (name, circle, list) => `<radialGradient id="art-${name}" ${circle}>${stops(list)}</radialGradient>`;

const [WHITE, BLACK, WARM] = ["#fffaf0", "#1a100a", "#ffd98a"];

export const LIGHT = [
  linear("cloth", 0.75, 1, [
    [0, WHITE, 0.3],
    [0.38, WHITE, 0.04],
    [0.55, BLACK, 0.02],
    [1, BLACK, 0.32],
  ]),
  linear("round", 1, 0, [
    [0, BLACK, 0.16],
    [0.1, WHITE, 0.06],
    [0.27, WHITE, 0.38],
    [0.46, WHITE, 0],
    [0.72, BLACK, 0.14],
    [1, BLACK, 0.42],
  ]),
  linear("metal", 1, 0, [
    [0, BLACK, 0.34],
    [0.14, WHITE, 0.1],
    [0.26, WHITE, 0.72],
    [0.36, WHITE, 0.06],
    [0.62, BLACK, 0.24],
    [0.84, BLACK, 0.04],
    [0.92, WHITE, 0.2],
    [1, BLACK, 0.42],
  ]),
  linear("down", 0, 1, [
    [0, WHITE, 0.36],
    [0.35, WHITE, 0.02],
    [1, BLACK, 0.36],
  ]),
  linear("flat", 0.3, 1, [
    [0, WHITE, 0.14],
    [1, BLACK, 0.14],
  ]),
  radial("ball", 'cx=".34" cy=".26" r=".86"', [
    [0, WHITE, 0.5],
    [0.4, WHITE, 0.02],
    [0.62, BLACK, 0.06],
    [1, BLACK, 0.46],
  ]),
  radial("floor", 'cx=".5" cy=".5" r=".5"', [
    [0, "#20140a", 0.34],
    [0.55, "#20140a", 0.16],
    [1, "#20140a", 0],
  ]),
  radial("glow", 'cx=".5" cy=".5" r=".5"', [
    [0, WARM, 0.9],
    [0.4, WARM, 0.36],
    [1, WARM, 0],
  ]),
  linear("lit", 0, 1, [
    [0, "#ffe9b8", 0.2],
    [0.6, "#ffdc92", 0.65],
    [1, "#fff0c8", 0.9],
  ]),
  linear("glass", 1, 1, [
    [0, "#ffffff", 0.75],
    [0.3, "#ffffff", 0.18],
    [0.7, "#dfe9ea", 0.24],
    [1, "#9fb2b5", 0.5],
  ]),
  linear("flame", 0, 1, [
    [0, "#ffe08a", 0],
    [0.3, "#ffbe55", 0.95],
    [0.8, "#ff8a3c", 0.95],
    [1, "#4a8fd8", 0.9],
  ]),
].join("");
